"""待复查: long-term work of an office by the day on which it is looked at again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.permissions import Actor
from tracker.organizations.scope import conducts
from tracker.rectification.models import LongTermReview, Task
from tracker.rectification.paging import by_date
from tracker.rectification.queries import PAGE_SIZE
from tracker.rectification.rules.words import TaskState

SOON_DAYS = 30


def is_looked_at_again() -> ColumnElement[bool]:
    """Return the condition of a task with review dates: 长期整改, or closed as 长期坚持."""
    return or_(
        Task.state == TaskState.LONG_TERM,
        and_(Task.state == TaskState.CLOSED, Task.is_sustained),
    )


def _was_never_planned() -> ColumnElement[bool]:
    """Return the condition of one without a date that nobody has said is not needed."""
    ended = select(LongTermReview.id).where(
        LongTermReview.task_id == Task.id, LongTermReview.end_reason.is_not(None)
    )
    return and_(Task.next_review_on.is_(None), ~ended.correlate(Task).exists())


ONLY: dict[str, tuple[str, Any]] = {
    "soon": (
        f"已到期和 {SOON_DAYS} 天内",
        lambda today: Task.next_review_on <= today + timedelta(days=SOON_DAYS),
    ),
    "due": ("已到期", lambda today: Task.next_review_on <= today),
    "undated": ("未定复查日期", lambda _today: _was_never_planned()),
    "all": ("全部", lambda _today: true()),
}


@dataclass(frozen=True, kw_only=True)
class ReviewFilter:
    """What the list is narrowed to. `after` is the last row of the page before."""

    only: str = "soon"
    unit_id: int | None = None
    after: tuple[date, int] | None = None


def list_reviews(
    session: Session, wanted: ReviewFilter, *, actor: Actor, today: date
) -> list[Task]:
    """Return one page by review date, and one row more when there is a next page."""
    query = _narrowed(select(Task), wanted, actor=actor, today=today).options(
        joinedload(Task.issue), joinedload(Task.lead_unit), joinedload(Task.round)
    )
    page = by_date(query, Task.next_review_on, after=wanted.after, size=PAGE_SIZE)
    return list(session.scalars(page))


def count_reviews(session: Session, wanted: ReviewFilter, *, actor: Actor, today: date) -> int:
    """Return how many tasks the list holds on all its pages."""
    query = _narrowed(select(func.count(Task.id)), wanted, actor=actor, today=today)
    return session.scalar(query) or 0


def _narrowed(
    query: Select[Any], wanted: ReviewFilter, *, actor: Actor, today: date
) -> Select[Any]:
    own = conducts(actor, region=Task.region_id)
    query = query.where(own, is_looked_at_again(), ONLY[wanted.only][1](today))
    return query if wanted.unit_id is None else query.where(Task.lead_unit_id == wanted.unit_id)
