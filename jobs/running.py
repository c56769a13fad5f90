"""Run one job once: claim its slot, act, write down how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from jobs.context import JobContext
from tracker.job_runs.service import LostLeadError, claim_slot, finish_run
from tracker.kernel.errors import ConfigError, DomainError
from tracker.kernel.logs import get_logger

log = get_logger(__name__)
Run = Callable[[JobContext, datetime], int]


@dataclass(frozen=True)
class Outcome:
    """How a run ended: items acted on, or the kind of error."""

    run_id: int
    done: int | None
    error: str | None = None


def run_slot(
    name: str, run: Run, slot: str, context: JobContext, *, now: datetime, by: str | None = None
) -> Outcome | None:
    """Run a job for one slot; None when another process has the slot. Raises
    LostLeadError alone, when another process leads by now.

    The claim is committed before the job acts, so that two leaders cannot both act.
    """
    with context.database.writing() as session:
        run_id = claim_slot(
            session, name, slot, holder=context.worker, now=now, by=by, fence=context.fence
        )
        session.commit()
    if run_id is None:
        return None
    outcome = _acted(name, run, run_id, context, now)
    with context.database.writing() as session:
        finished = context.clock.now()
        finish_run(session, run_id, now=finished, done=outcome.done, error=outcome.error)
        session.commit()
    return outcome


def _acted(name: str, run: Run, run_id: int, context: JobContext, now: datetime) -> Outcome:
    try:
        done = run(context, now)
    except LostLeadError:
        raise
    except Exception as error:
        log.exception("job failed", job=name, run=run_id, worker=context.worker)
        return Outcome(run_id, None, _described(error))
    if done:
        log.info("job done", job=name, run=run_id, done=done)
    return Outcome(run_id, done)


def _described(error: Exception) -> str:
    """Return what may be kept and shown: sentences of ours, else only the kind of error."""
    ours = isinstance(error, DomainError | ConfigError)
    return str(error) if ours else type(error).__name__


def slot_by_hand(now: datetime) -> str:
    """Return a slot of its own for a run somebody asked for, now, whatever has run before."""
    return f"by-hand {now.isoformat(timespec='seconds')} {uuid4().hex[:8]}"
