"""Remember that the next person has opened what was submitted: tasks, or a unit's document."""

from collections.abc import Iterable
from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.service.opening import (
    is_first_look,
    note_document_opening,
    note_openings,
    opens,
    unopened,
)
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


def keep_document_opening(document: UnitDocument) -> None:
    """Write down a first look at a document in a transaction of its own."""
    if not is_first_look(db(), document, actor=actor()):
        return
    with database().writing() as session, suppress(IntegrityError):
        note_document_opening(session, document, actor=actor(), now=now())
        session.commit()
