"""Real jobs processes over one database and one clock, and patience that knows what it waits for."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from tests.jobs.instance import FileClock
from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.rules import RunState
from tracker.kernel.clock import local
from tracker.kernel.db import Database

PATIENCE_SECONDS = 240
SECRET = "test-secret-key-of-at-least-32-bytes!"


@dataclass
class Instance:
    """One process; `name` is how it calls itself in claims."""

    name: str
    process: subprocess.Popen[str]
    log: Path

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)  # until then its threads go on

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> int:
        """Ask it to end, as an operator does; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE_SECONDS)


@dataclass
class Site:
    """Where processes run: their database, their common clock, the one host they may reach."""

    database: Database
    host: str
    folder: Path
    instances: list[Instance] = field(default_factory=list)

    @property
    def clock(self) -> FileClock:
        return FileClock(self.folder / "clock")

    @contextmanager
    def instance(self, name: str) -> Iterator[Instance]:
        """Start a process, and be sure that it is gone afterwards."""
        env = {
            **os.environ,
            "PGAPPNAME": name,
            "TRACKER_DATABASE_URL": self.database.url,
            "TRACKER_SECRET_KEY": SECRET,
            "TRACKER_DATA_DIR": str(self.folder),
            "TRACKER_WECOM_ALLOWED_HOSTS": self.host,
        }
        command = [sys.executable, "-m", "tests.jobs.instance", str(self.clock.file), name]
        log = self.folder / f"{name}.log"
        with log.open("a") as said:
            before = log.read_text().count("started\n")
            process = subprocess.Popen(command, env=env, stdout=said, stderr=said, text=True)
        one = Instance(name, process, log)
        self.instances.append(one)
        try:
            self.until(lambda: log.read_text().count("started\n") > before, f"{name} starts")
            yield one
        finally:
            with suppress(ProcessLookupError):
                one.thaw()
                process.kill()
            process.wait(timeout=60)
            self.instances.remove(one)

    def until(self, is_so: Callable[[], object], what: str) -> None:
        """Wait until something is so; if it never is, or a process ends, say what was seen."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            ended = [one.name for one in self.instances if one.process.poll() is not None]
            if ended or time.monotonic() > ends:
                pytest.fail(f"{what}: not so. Ended: {ended or 'nobody'}.\n{self._story()}")
            time.sleep(0.1)

    def _story(self) -> str:
        with self.database.reading() as session:
            leases = [vars(row) for row in session.scalars(select(JobLease))]
            runs = [vars(row) for row in session.scalars(select(JobRun).order_by(JobRun.id))][-30:]
        logs = [f"{one.name}: {one.log.read_text()[-3000:]}" for one in self.instances]
        return "\n".join(map(str, [*leases, *runs, *logs]))

    def leader(self) -> str | None:
        with self.database.reading() as session:
            return session.scalars(select(JobLease.holder)).one_or_none()

    def is_run(self, job: str, *, holder: str | None = None) -> bool:
        """Return whether a job has been run to its end in the slot that the clock stands in."""
        now = local(self.clock.now())
        query = select(JobRun.slot).where(JobRun.job == job, JobRun.state == RunState.DONE)
        if holder is not None:
            query = query.where(JobRun.holder == holder)
        slots = (f"{now:%Y-%m-%d}", f"{now:%Y-%m-%dT%H:%M}")
        with self.database.reading() as session:
            return any(slot.split(" ")[0] in slots for slot in session.scalars(query))

    def pass_through(self, now: datetime, *, holders: tuple[str, ...]) -> None:
        """Let it be so late, and wait until each process has gone through a whole delivery since."""
        for later in (timedelta(0), timedelta(minutes=1)):  # the first may have begun before
            self.clock.set(now + later)
            for name in holders:
                self.until(
                    lambda name=name: self.is_run("deliver-notifications", holder=name),  # type: ignore[misc]
                    f"{name} delivers at {now + later}",
                )

    def freeze_between_transactions(self, one: Instance) -> None:
        """Freeze a process while it holds no lock: one that holds SQLite's would freeze everybody."""
        for _ in range(100):
            one.freeze()
            if not self._is_in_transaction(one):
                return
            one.thaw()
            time.sleep(0.1)
        pytest.fail(f"{one.name} is never without a lock\n{self._story()}")

    def _is_in_transaction(self, one: Instance) -> bool:
        if self.database.is_sqlite:
            return self._is_locked()
        query = text(
            "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle'"
            " AND datname = current_database() AND application_name = :name"
        )
        with self.database.engine.connect() as connection:
            return bool(connection.scalar(query, {"name": one.name}))

    def _is_locked(self) -> bool:
        file = make_url(self.database.url).database or ""
        with closing(sqlite3.connect(file, timeout=0.3, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
        return False
