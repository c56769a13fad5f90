"""Look up 后台办理: everybody sees only what they asked for themselves, as they stand now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import OPEN, WorkState, standing_of
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor

LIST_SIZE = 100
NEWS = timedelta(days=1)


def _is_own(actor: Actor) -> ColumnElement[bool]:
    return and_(
        BackgroundWork.user_id == actor.user_id, BackgroundWork.standing == standing_of(actor)
    )


def get_work(session: Session, work_id: int, *, actor: Actor) -> BackgroundWork:
    """Return one piece of work. NotVisibleError when somebody else asked for it."""
    query = select(BackgroundWork).where(BackgroundWork.id == work_id, _is_own(actor))
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def list_works(session: Session, *, actor: Actor) -> list[BackgroundWork]:
    """Return somebody's work, the newest first."""
    query = select(BackgroundWork).where(_is_own(actor)).order_by(BackgroundWork.id.desc())
    return list(session.scalars(query.limit(LIST_SIZE)))


@dataclass(frozen=True)
class OwnWorks:
    """How much of somebody's work waits or runs, and how much came to an end within a day."""

    open: int
    ended: int


def own_works(session: Session, *, actor: Actor, now: datetime) -> OwnWorks:
    """Return what the first page says of it; one statement."""
    is_open = BackgroundWork.state.in_(OPEN)
    query = select(func.sum(case((is_open, 1), else_=0)), func.count()).where(
        _is_own(actor),
        or_(is_open, BackgroundWork.ended_at >= now - NEWS),
        BackgroundWork.state != WorkState.CANCELLED,
    )
    open_, every = session.execute(query).one()
    return OwnWorks(int(open_ or 0), every - int(open_ or 0))


def count_ahead(session: Session, work: BackgroundWork) -> int:
    """Return how much is to be done before a piece that waits."""
    ahead = select(func.count()).where(BackgroundWork.state.in_(OPEN), BackgroundWork.id < work.id)
    return session.scalar(ahead) or 0 if work.state is WorkState.QUEUED else 0
