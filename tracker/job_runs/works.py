"""后台办理: work that people ask for, done once by whichever process claims it.

A claim is a conditional UPDATE; `attempts` makes each claim different from the ones before, so that
a worker taken for dead can write nothing any more.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, select, update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.job_runs.desk import Made
from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import (
    DEAD_AFTER,
    GAVE_UP,
    MAX_ATTEMPTS,
    MOST_WAITING,
    OPEN,
    WorkKind,
    WorkState,
    standing_of,
)
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor

Work = BackgroundWork


class WorkLostError(Exception):
    """The claim does not stand any more: the work was cancelled, or is another worker's by now."""


@dataclass(frozen=True)
class Claim:
    """One worker's hold on one piece of work."""

    work_id: int
    worker: str
    attempt: int

    @property
    def stands(self) -> Any:
        """Return the condition that it still holds."""
        return and_(
            Work.id == self.work_id,
            Work.worker == self.worker,
            Work.attempts == self.attempt,
            Work.state == WorkState.RUNNING,
        )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants done: `subject` in a few words, `params` for whoever does it, `back_to` the
    path of the page on which it was asked for."""

    kind: WorkKind
    subject: str
    params: dict[str, Any]
    back_to: str


def ask_work(session: Session, wish: Wish, *, actor: Actor, now: datetime) -> BackgroundWork:
    """Queue a piece of work; the very same that still waits or runs is returned instead.

    Add it in the transaction of whatever it needs. DomainError when the person has asked for much.
    """
    asked = json.dumps(wish.params, ensure_ascii=False, sort_keys=True)
    own = select(Work).where(Work.user_id == actor.user_id, Work.state.in_(OPEN))
    waiting = list(session.scalars(own.order_by(Work.id)))
    for work in waiting:
        if (work.kind, work.params, work.standing) == (wish.kind, asked, standing_of(actor)):
            return work
    if len(waiting) >= MOST_WAITING:
        raise DomainError(
            f"您已有 {len(waiting)} 件后台办理没有完成，请等其中一件完成或取消后再提交。"
        )
    work = Work(
        kind=wish.kind,
        subject=wish.subject[:300],
        params=asked,
        back_to=wish.back_to,
        user_id=actor.user_id,
        region_id=actor.region_id,
        standing=standing_of(actor),
        asked_at=now,
        state=WorkState.QUEUED,
    )
    session.add(work)
    session.flush()  # the audit entry and the redirect name the id
    _note(session, "work_asked", work, actor=actor, now=now)
    return work


def cancel_work(session: Session, work: BackgroundWork, *, actor: Actor, now: datetime) -> None:
    """Cancel at once what waits; ask a worker to stop what runs. DomainError when it has ended."""
    waiting = update(Work).where(Work.id == work.id, Work.state == WorkState.QUEUED)
    running = update(Work).where(Work.id == work.id, Work.state == WorkState.RUNNING)
    ended = {"state": WorkState.CANCELLED, "ended_at": now, "cancel_asked_at": now}
    if not (
        _count(session, waiting.values(**ended))
        or _count(session, running.values(cancel_asked_at=now))
    ):
        raise DomainError("这件办理已经结束，不能取消。请刷新页面，查看结果。")
    _note(session, "work_cancelled", work, actor=actor, now=now)


def next_queued(session: Session) -> int | None:
    """Return the work that has waited longest."""
    query = select(Work.id).where(Work.state == WorkState.QUEUED).order_by(Work.id).limit(1)
    return session.scalar(query)


def claim(session: Session, work_id: int, *, worker: str, now: datetime) -> Claim | None:
    """Take a piece of work; None when somebody else was quicker. `now` by the shared clock."""
    taken = (
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.QUEUED)
        .values(
            state=WorkState.RUNNING,
            worker=worker,
            claimed_at=now,
            heartbeat_at=now,
            attempts=Work.attempts + 1,
        )
        .returning(Work.attempts)
        .execution_options(synchronize_session=False)
    )
    attempt = session.scalar(taken)
    return None if attempt is None else Claim(work_id, worker, attempt)


def beat(session: Session, held: Claim, *, step: str, done: int, total: int, now: datetime) -> None:
    """Say that the worker lives, and how far it is. WorkLostError when it is to stop."""
    told = {"step": step[:120], "done": done, "total": total, "heartbeat_at": now}
    alive = update(Work).where(held.stands, Work.cancel_asked_at.is_(None)).values(**told)
    if not _count(session, alive):
        raise WorkLostError


def finish(session: Session, held: Claim, made: Made, *, keep_days: int, now: datetime) -> None:
    """Say in the work's own writing transaction that it is done. WorkLostError undoes it all."""
    file = made.file
    values: dict[str, Any] = {"leads_to": made.leads_to}
    if file is not None:
        values |= {
            "result_file": file.stored_as,
            "result_name": file.name,
            "result_type": file.media_type,
            "result_bytes": file.size,
            "result_sha256": file.sha256,
            "keep_until": now + timedelta(days=keep_days),
        }
    ended = {"state": WorkState.DONE, "ended_at": now, "error": None}
    mine = update(Work).where(held.stands, Work.cancel_asked_at.is_(None))
    if not _count(session, mine.values(**values, **ended)):
        raise WorkLostError


def fail(session: Session, held: Claim, sentence: str, *, now: datetime) -> None:
    """Write down why it came to nothing; of what was cancelled meanwhile, that it was."""
    _stop(session, held, now=now)
    ended = {"state": WorkState.FAILED, "ended_at": now, "error": sentence}
    _count(session, update(Work).where(held.stands).values(**ended))


def let_go(session: Session, held: Claim, *, now: datetime) -> bool:
    """A worker stops before its time: cancelled work ends, other work waits for the next one. Return
    whether it was cancelled."""
    if _stop(session, held, now=now):
        return True
    again = {"state": WorkState.QUEUED, "worker": None, "attempts": Work.attempts - 1}
    _count(session, update(Work).where(held.stands).values(**again))
    return False


def _stop(session: Session, held: Claim, *, now: datetime) -> int:
    ended = {"state": WorkState.CANCELLED, "ended_at": now}
    asked = update(Work).where(held.stands, Work.cancel_asked_at.is_not(None))
    return _count(session, asked.values(**ended))


def has_dead(session: Session, *, now: datetime) -> bool:
    """Return whether a worker has not been heard of for too long: asked before anything is locked."""
    return session.scalar(select(Work.id).where(_is_dead(now)).limit(1)) is not None


def requeue_dead(session: Session, *, now: datetime) -> int:
    """Take back what dead workers held: cancelled, given up after some attempts, or queued again."""
    dead = update(Work).where(_is_dead(now))
    ended = {"ended_at": now}
    cancelled = dead.where(Work.cancel_asked_at.is_not(None))
    too_often = dead.where(Work.attempts >= MAX_ATTEMPTS)
    return (
        _count(session, cancelled.values(state=WorkState.CANCELLED, **ended))
        + _count(session, too_often.values(state=WorkState.FAILED, error=GAVE_UP, **ended))
        + _count(session, dead.values(state=WorkState.QUEUED, worker=None))
    )


def _is_dead(now: datetime) -> Any:
    return and_(Work.state == WorkState.RUNNING, Work.heartbeat_at < now - DEAD_AFTER)


def expired(session: Session, *, now: datetime) -> list[tuple[int, str]]:
    """Return work whose file has been kept long enough, with the file."""
    query = select(Work.id, Work.result_file).where(
        Work.keep_until <= now, Work.cleared_at.is_(None), Work.result_file.is_not(None)
    )
    return [(row.id, row.result_file) for row in session.execute(query)]


def clear(session: Session, work_ids: list[int], *, now: datetime) -> None:
    """Mark 已清理: the file is no longer to be had; what was asked for and when stays."""
    _count(session, update(Work).where(Work.id.in_(work_ids)).values(cleared_at=now))


def known_files(session: Session) -> set[str]:
    """Return the files that rows still speak of."""
    query = select(Work.result_file).where(Work.result_file.is_not(None), Work.cleared_at.is_(None))
    return {name for name in session.scalars(query) if name is not None}


def _note(
    session: Session, action: str, work: BackgroundWork, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="background_work",
        object_id=work.id,
        detail={"kind": work.kind.value},
    )


def _count(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount
