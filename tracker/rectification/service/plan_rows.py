"""The row of a unit's plan: found from a task, and touched whenever one of its items changes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.db import touch
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskKind
from tracker.rectification.service.steps import is_of_unit


def find_plan(session: Session, feedback_id: int, unit_id: int) -> UnitDocument | None:
    """Return the plan of a unit for a feedback, if there is one."""
    return session.scalar(
        select(UnitDocument).where(
            UnitDocument.feedback_id == feedback_id,
            UnitDocument.unit_id == unit_id,
            UnitDocument.kind == DocumentKind.PLAN,
        )
    )


def touch_plan(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """Make every open page of the plan old: one of its items has changed."""
    if task.kind is TaskKind.IMMEDIATE:
        return
    plan = find_plan(session, task.feedback_id, task.lead_unit_id)
    if plan is not None:
        touch(plan, actor=actor, now=now)


def is_own_plan(plan: UnitDocument, *, actor: Actor) -> bool:
    """Return whether the plan is the actor's unit's, or the actor's office conducts its feedback."""
    return is_of_unit(plan.feedback.region_id, plan.unit_id, actor=actor)


def ensure_own_plan(plan: UnitDocument, *, actor: Actor) -> None:
    """Refuse another unit's or office's plan, like one that does not exist."""
    if not is_own_plan(plan, actor=actor):
        raise NotVisibleError
