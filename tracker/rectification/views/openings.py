"""Remember that the next person has opened what was submitted."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from tracker.rectification.models import Task
from tracker.rectification.service.opening import note_openings, opens, unopened
from tracker.web.access import actor
from tracker.web.database import database, db, now


def keep_openings(tasks: Iterable[Task]) -> None:
    """Write down a first look in a transaction of its own; a later look writes nothing."""
    opened = [task.id for task in tasks if opens(task, actor=actor())]
    if not opened or not unopened(db(), opened, actor=actor()):
        return
    with database().writing() as session, suppress(IntegrityError):
        note_openings(session, opened, actor=actor(), now=now())
        session.commit()
