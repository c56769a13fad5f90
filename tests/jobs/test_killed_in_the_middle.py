"""A jobs process killed with -9 in the middle of an import: nothing half done, and done once by the next."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.context import JobContext
from jobs.run_background import do_all
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock, ShiftedClock
from tests.jobs.background import ask, context_of, work_of
from tests.jobs.dying_worker import IN_THE_MIDDLE
from tests.jobs.processes import SECRET
from tests.ledger.importing import FED_BACK, mixed_ledger, preview
from tracker.feedback.models import Issue
from tracker.job_runs.rules import WorkKind, WorkState
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.rectification.models import Task


@pytest.fixture
def context(database: Database, clock: ManualClock, config: Config) -> JobContext:
    return context_of(database, clock, config)


def previewed(context: JobContext, people: Cast, clock: ManualClock) -> dict[str, Any]:
    """Keep a ledger for its preview; return what its import is asked for with."""
    with context.database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        batch = preview(
            session,
            mixed_ledger(),
            work.round_id,
            context.config.evidence_dir,
            actor=people.actor("clerk"),
            now=clock.now(),
        )
        session.commit()
    return {"batch_id": batch.id, "version": batch.version}


def made(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        issues = session.scalar(select(func.count(Issue.id))) or 0
        return issues, session.scalar(select(func.count(Task.id))) or 0


def kill_in_the_middle(context: JobContext, folder: Path) -> None:
    env = {
        **os.environ,
        "TRACKER_DATABASE_URL": context.database.url,
        "TRACKER_DATA_DIR": str(context.config.data_dir),
        "TRACKER_SECRET_KEY": SECRET,
    }
    command = [sys.executable, "-m", "tests.jobs.dying_worker"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == IN_THE_MIDDLE, (folder / "log").read_text()
    finally:
        process.kill()
        process.communicate(timeout=60)


@pytest.mark.slow
def test_an_import_whose_worker_is_killed_is_done_once_by_the_next(
    context: JobContext, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    database = context.database
    wanted = previewed(context, people, clock)
    work_id = ask(database, people, clock, kind=WorkKind.LEDGER_APPLY, **wanted)
    kill_in_the_middle(context, tmp_path)
    assert made(database) == (0, 0)
    assert work_of(database, work_id).state is WorkState.RUNNING
    soon = replace(context, clock=ShiftedClock(timedelta(seconds=30)), worker="two")
    assert do_all(soon) == 0  # it may only be slow
    later = replace(context, clock=ShiftedClock(timedelta(seconds=65)), worker="two")
    assert do_all(later) == 1
    work = work_of(database, work_id)
    assert (work.state, work.error, work.attempts) == (WorkState.DONE, None, 2)
    assert made(database)[1] == 6
    assert do_all(later) == 0
