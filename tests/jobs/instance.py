"""A whole jobs process whose day starts at an instant given; the tests freeze and kill it.

`python -m tests.jobs.instance ISO NAME`: the product's own schedule and timer, from its first time on
fired each second instead of each minute. The environment says the rest, as for `python -m jobs`.
"""

import signal
import sys
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from jobs.__main__ import prepared
from jobs.schedule import SCHEDULE, Running
from tracker.kernel.clock import SystemClock

NAMES = ("queue-reminders", "deliver-notifications", "requeue-stale")


@dataclass(frozen=True)
class ShiftedClock:
    """The computer's clock, some days off."""

    shift: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.shift

    def shared(self, connection: Connection) -> datetime:
        return SystemClock().shared(connection) + self.shift


def main() -> None:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    begin, name = datetime.fromisoformat(sys.argv[1]), sys.argv[2]
    clock = ShiftedClock(begin - SystemClock().now())
    context = replace(prepared(), clock=clock, worker=name)
    jobs = [job for job in SCHEDULE if job.name in NAMES]
    running = Running(context, jobs)
    running.start()
    print("started", flush=True)
    while not stopped.wait(1):
        for job in jobs:
            first = job.next_at(begin)
            if first is not None and first <= clock.now():
                running.fire_now(job.name)
    running.stop()
    context.database.dispose()


if __name__ == "__main__":
    main()
