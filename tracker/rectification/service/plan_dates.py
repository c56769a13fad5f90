"""When plans are due: computed from the feedback, and moved along when its date or profile changes."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback
from tracker.kernel.db import touch
from tracker.kernel.permissions import Actor
from tracker.rectification.models import UnitDocument
from tracker.rectification.rules.words import DocumentKind
from tracker.rounds.deadlines import plan_due
from tracker.workdays.queries import load_calendar


def computed_plan_due(session: Session, feedback: Feedback) -> date | None:
    """Return when a feedback's plans are due by its date and profile; None without a date."""
    if feedback.fed_back_on is None:
        return None
    return plan_due(feedback.fed_back_on, feedback.profile, load_calendar(session))


def move_plan_dues(
    session: Session, feedback: Feedback, *, before: date | None, actor: Actor, now: datetime
) -> int:
    """Move plans that are not through and still stand as computed `before`; return how many."""
    after = computed_plan_due(session, feedback)
    if after == before:
        return 0
    query = select(UnitDocument).where(
        UnitDocument.feedback_id == feedback.id,
        UnitDocument.kind == DocumentKind.PLAN,
        UnitDocument.passed_on.is_(None),
    )
    moved = [plan for plan in session.scalars(query) if plan.due_on == before]
    for plan in moved:
        plan.due_on = after
        touch(plan, actor=actor, now=now)
        record(
            session,
            "plan_due_moved",
            actor=actor,
            now=now,
            object_type="unit_document",
            object_id=plan.id,
            detail={"before": before, "after": after},
        )
    return len(moved)
