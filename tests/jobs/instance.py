"""A whole jobs process whose clock a test sets; the tests freeze, stop and kill it.

`python -m tests.jobs.instance FILE NAME`: `python -m jobs` itself, with all jobs of its schedule. The file says
how many seconds its clock is ahead, anew at every look, so that all instances share one clock; from its first
time of a day on a job is fired each second instead of by the minutes of the real clock. The environment says
the rest, as for `python -m jobs`.
"""

import logging
import sys
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from jobs import __main__ as program
from jobs.context import JobContext
from jobs.schedule import SCHEDULE, Running
from tracker.kernel.clock import SystemClock, at_local, local_date

NEVER = "0 0 29 2 *"  # whatever the real clock says, it fires nothing


@dataclass(frozen=True)
class FileClock:
    """The computer's clock, as many seconds ahead as a file says."""

    file: Path

    def now(self) -> datetime:
        return SystemClock().now() + self._ahead()

    def shared(self, connection: Connection) -> datetime:
        return SystemClock().shared(connection) + self._ahead()

    def _ahead(self) -> timedelta:
        return timedelta(seconds=float(self.file.read_text()))

    def set(self, now: datetime) -> None:
        """Let it be so late now, everywhere at once."""
        ahead = (now - SystemClock().now()).total_seconds()
        new = self.file.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self.file)


def main() -> int:
    """Run the product's own program, driven by the other clock."""
    clock, name = FileClock(Path(sys.argv[1])), sys.argv[2]

    def start(context: JobContext) -> Running:
        schedule = [replace(job, cron=NEVER) for job in SCHEDULE]
        running = Running(replace(context, clock=clock, worker=name), schedule)
        running.start()
        logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what still runs is fired again
        threading.Thread(target=_fire, args=(running, clock), daemon=True).start()
        print("started", flush=True)
        return running

    vars(program)["start"] = start
    return program.main()


def _fire(running: Running, clock: FileClock) -> None:
    """Fire each second what has its time behind it; those of a day as well, for its slot is taken."""
    while running.context.stopping is not None and not running.context.stopping.wait(1):
        midnight = at_local(local_date(clock.now()), 0)
        for job in SCHEDULE:
            first = job.next_at(midnight)
            if first is not None and first <= clock.now():
                running.fire_now(job.name)


if __name__ == "__main__":
    sys.exit(main())
