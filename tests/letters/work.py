"""Closed tasks of the tests, with the transition that closed them."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work
from tracker.feedback.rules import Importance
from tracker.rectification.models import Task, TaskTransition
from tracker.rectification.rules.words import TaskState

CLOSED_ON = date(2026, 11, 2)


def closed_task(
    session: Session,
    cast: Cast,
    work: Work,
    *,
    unit: str = "a",
    closer: str = "lead",
    important: bool = False,
    closed_on: date = CLOSED_ON,
    now: datetime,
) -> Task:
    """Make a closed task that a member of the cast closed."""
    task = work.task(session, cast, unit=unit, state=TaskState.CLOSED, closed_on=closed_on, now=now)
    if important:
        task.issue.importance = Importance.IMPORTANT
    session.add(
        TaskTransition(
            task=task,
            from_state=TaskState.OFFICE_REVIEW,
            to_state=TaskState.CLOSED,
            verb="close",
            occurred_on=closed_on,
            recorded_at=now,
            actor=cast.actor(closer).label,
            actor_user_id=cast.users[closer],
        )
    )
    session.flush()  # the caller wants ids
    return task
