"""What waits for the office, which is reminded instead of the unit: plans and extensions.

Closing requests are tasks themselves and stand with the other tasks.
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback
from tracker.rectification.models import Extension, Task, TaskTransition, UnitDocument
from tracker.rectification.rules.words import DocumentKind, ExtensionState, TaskState
from tracker.reminders.rules import Anchor, AnchorKind
from tracker.reminders.wanted import DOCUMENT, EXTENSION, Candidate, Wanted


def plans(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield plans under review, with the day the newest submission reached the office."""
    reviewed = (
        select(
            Task.feedback_id,
            Task.lead_unit_id,
            func.max(TaskTransition.occurred_on).label("since"),
        )
        .join(TaskTransition, TaskTransition.task_id == Task.id)
        .where(
            Task.state == TaskState.PLAN_REVIEW,
            TaskTransition.to_state == TaskState.PLAN_REVIEW,
        )
        .group_by(Task.feedback_id, Task.lead_unit_id)
        .subquery()
    )
    query = (
        select(
            UnitDocument.id,
            UnitDocument.unit_id,
            UnitDocument.return_count,
            Feedback.region_id,
            Feedback.round_id,
            reviewed.c.since,
        )
        .join(Feedback, Feedback.id == UnitDocument.feedback_id)
        .join(
            reviewed,
            (reviewed.c.feedback_id == UnitDocument.feedback_id)
            & (reviewed.c.lead_unit_id == UnitDocument.unit_id),
        )
        .where(
            UnitDocument.kind == DocumentKind.PLAN,
            *wanted.of(UnitDocument.id, Feedback.region_id),
        )
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=DOCUMENT,
            object_id=row.id,
            reopen_count=row.return_count,
            region_id=row.region_id,
            unit_id=row.unit_id,
            round_id=row.round_id,
            name=DocumentKind.PLAN.label,
            anchor=Anchor(kind=AnchorKind.PLAN_REVIEW, on=row.since),
        )


def extensions(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield applications for more time that the lead has still to decide on."""
    query = (
        select(
            Extension.id,
            func.coalesce(Extension.signed_on, Extension.asked_on).label("since"),
            Task.region_id,
            Task.lead_unit_id,
            Task.round_id,
            Task.task_no,
        )
        .join(Task, Task.id == Extension.task_id)
        .where(
            Extension.state == ExtensionState.SIGNED,
            *wanted.of(Extension.id, Task.region_id),
        )
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=EXTENSION,
            object_id=row.id,
            reopen_count=0,
            region_id=row.region_id,
            unit_id=row.lead_unit_id,
            round_id=row.round_id,
            name=f"{row.task_no} 延期申请",
            anchor=Anchor(kind=AnchorKind.EXTENSION_REVIEW, on=row.since),
        )
