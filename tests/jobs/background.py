"""Short ways to ask for background work, and to have it done."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from jobs.context import JobContext
from jobs.run_background import do_all
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import WorkKind
from tracker.job_runs.works import Wish, ask_work
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.settings import put_setting


def context_of(database: Database, clock: ManualClock, config: Config) -> JobContext:
    return JobContext(database, clock, config, Sealer(config.secret_keys), "one")


def ask(
    database: Database,
    people: Cast,
    clock: ManualClock,
    *,
    kind: WorkKind = WorkKind.LEDGER_EXPORT,
    who: str = "clerk",
    **params: Any,
) -> int:
    """Queue a piece of work; return its id."""
    wish = Wish(kind=kind, subject="台账", params=params, back_to="/ledger/export")
    with database.writing() as session:
        work = ask_work(session, wish, actor=people.actor(who), now=clock.now())
        session.commit()
    return work.id


def work_of(database: Database, work_id: int) -> BackgroundWork:
    with database.reading() as session:
        return session.get_one(BackgroundWork, work_id)


def set_sizes(database: Database, clock: ManualClock, **sizes: int) -> None:
    """Let small things count as large: `upload_kb=1`."""
    with database.writing() as session:
        for key, value in sizes.items():
            put_setting(session, f"background_{key}", str(value), by="tests", now=clock.now())
        session.commit()


def done_by(context: JobContext, name: str = "one") -> int:
    """Let a worker of this name do whatever waits; return how many."""
    return do_all(replace(context, worker=name))


def later(clock: ManualClock, **span: float) -> None:
    clock.advance(timedelta(**span))


def results_in(config: Config) -> list[Path]:
    folder = config.results_dir
    return sorted(folder.iterdir()) if folder.is_dir() else []
