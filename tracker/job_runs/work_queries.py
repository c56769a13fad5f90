"""Look up 后台办理: everybody sees only what they asked for themselves, as they stand now."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import OPEN, WorkState, standing_of
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor

LIST_SIZE = 100


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


def count_ahead(session: Session, work: BackgroundWork) -> int:
    """Return how much is to be done before a piece that waits."""
    ahead = select(func.count()).where(BackgroundWork.state.in_(OPEN), BackgroundWork.id < work.id)
    return session.scalar(ahead) or 0 if work.state is WorkState.QUEUED else 0
