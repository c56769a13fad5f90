"""复查 by the office: what it found about long-term work, and when it looks at it again."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import LongTermReview, Task
from tracker.rectification.rules.long_term import (
    LongTermFinding,
    check_finding,
    is_looked_at_again,
)


def review_long_term(
    session: Session, task: Task, found: LongTermFinding, *, actor: Actor, now: datetime
) -> LongTermReview:
    """登记复查: the next date takes the place of the one before, or there is none any more."""
    if not may(actor, Permission.LONG_TERM_REVIEW):
        raise DomainError("长期整改由巡察办复查。")
    ensure_conducts(actor, task.region_id)
    if not is_looked_at_again(task.state, is_sustained=task.is_sustained):
        raise DomainError("只有长期整改的任务和以“长期坚持”销号的任务需要复查。请刷新页面。")
    earlier = long_term_reviews_of(session, task)
    last_on = earlier[0].reviewed_on if earlier else None
    check_finding(found, task.state, today=local_date(now), last_on=last_on)
    review = LongTermReview(
        task_id=task.id,
        planned_on=task.next_review_on,
        reviewed_on=found.reviewed_on,
        finding=found.finding.strip(),
        next_review_on=found.next_review_on,
        end_reason=found.end_reason.strip() or None,
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
    )
    session.add(review)
    task.next_review_on = found.next_review_on
    touch(task, actor=actor, now=now)
    record(
        session, "long_term_reviewed", actor=actor, now=now, object_type="task", object_id=task.id
    )
    return review


def long_term_reviews_of(session: Session, task: Task) -> list[LongTermReview]:
    """Return every review of a task's long-term work, newest first."""
    query = select(LongTermReview).where(LongTermReview.task_id == task.id)
    return list(session.scalars(query.order_by(LongTermReview.id.desc())))
