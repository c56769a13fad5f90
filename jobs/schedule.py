"""The schedule: one table of what happens by itself, and the only place that knows the timer.

The timer sets only how often we ask; what is due lives in the database. Each firing claims its
slot (a minute, a day, a week, a month) before acting: later firings of the same slot find it
taken, and make it up where the first was missed or failed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from jobs import (
    anchor_audit,
    deliver_notifications,
    forget_old_forms,
    forget_old_runs,
    forget_previews,
    milestones,
    monthly_snapshot,
    queue_reminders,
    requeue_stale,
    run_background,
    sweep_files,
    verify_evidence,
    watchdog,
    weekly_report,
)
from jobs.context import JobContext
from jobs.fencing import fenced
from jobs.running import Run, run_slot
from tracker.job_runs.service import LostLeadError, hold_lease, release_lease
from tracker.kernel.clock import BEIJING, SystemClock, local
from tracker.kernel.logs import get_logger

log = get_logger(__name__)
RENEW_LEASE_SECONDS = 10
MISFIRE_GRACE_SECONDS = 6 * 3600
THREADS = 8


class SlotOf(StrEnum):
    """How long one slot is, as a format of Beijing time."""

    MINUTE = "%Y-%m-%dT%H:%M"
    DAY = "%Y-%m-%d"
    WEEK = "%G-W%V"
    MONTH = "%Y-%m"


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """One line of the schedule; `cron` has five fields in Beijing time, days of the week by name.

    The leader alone runs a job, unless it runs `everywhere`: then every process does.
    """

    name: str
    run: Run
    cron: str
    slot_of: SlotOf
    is_everywhere: bool = False

    @property
    def trigger(self) -> CronTrigger:
        """Return the timer's form of the cron."""
        return CronTrigger.from_crontab(self.cron, timezone=BEIJING)

    def next_at(self, now: datetime) -> datetime | None:
        """Return when it fires next."""
        found: datetime | None = self.trigger.get_next_fire_time(None, now)
        return found

    def slot(self, now: datetime, worker: str) -> str:
        """Return the slot an instant falls into."""
        slot = local(now).strftime(self.slot_of.value)
        return f"{slot} {worker}" if self.is_everywhere else slot


SCHEDULE: Sequence[ScheduledJob] = (
    ScheduledJob(
        name="queue-reminders",
        run=queue_reminders.run,
        cron="7 9-17 * * *",  # 09:07; later hours make up a day that was missed
        slot_of=SlotOf.DAY,
    ),
    ScheduledJob(name="milestones", run=milestones.run, cron="12 9-17 * * *", slot_of=SlotOf.DAY),
    ScheduledJob(
        name="deliver-notifications",
        run=deliver_notifications.run,
        cron="* * * * *",
        slot_of=SlotOf.MINUTE,
        is_everywhere=True,
    ),
    ScheduledJob(
        name="requeue-stale", run=requeue_stale.run, cron="* * * * *", slot_of=SlotOf.MINUTE
    ),
    ScheduledJob(
        name="run-background",
        run=run_background.run,
        cron="* * * * *",  # the job itself looks every two seconds
        slot_of=SlotOf.MINUTE,
        is_everywhere=True,
    ),
    ScheduledJob(name="watchdog", run=watchdog.run, cron="*/5 * * * *", slot_of=SlotOf.MINUTE),
    ScheduledJob(
        name="weekly-report",
        run=weekly_report.run,
        cron="37 8-17 * * *",  # the job itself knows the issuing day; later hours catch up
        slot_of=SlotOf.DAY,
    ),
    ScheduledJob(
        name="monthly-snapshot",
        run=monthly_snapshot.run,
        cron="25 2-17 * * *",  # the first hour of a month that succeeds
        slot_of=SlotOf.MONTH,
    ),
    ScheduledJob(
        name="anchor-audit", run=anchor_audit.run, cron="50 7-17 * * *", slot_of=SlotOf.DAY
    ),
    ScheduledJob(
        name="forget-old-runs", run=forget_old_runs.run, cron="40 3-17 * * *", slot_of=SlotOf.DAY
    ),
    ScheduledJob(
        name="forget-old-forms", run=forget_old_forms.run, cron="45 3-17 * * *", slot_of=SlotOf.DAY
    ),
    ScheduledJob(name="sweep-files", run=sweep_files.run, cron="50 3-17 * * *", slot_of=SlotOf.DAY),
    ScheduledJob(
        name="verify-evidence", run=verify_evidence.run, cron="20 1-17 * * *", slot_of=SlotOf.DAY
    ),
    ScheduledJob(
        name="forget-previews", run=forget_previews.run, cron="50 3-17 * * *", slot_of=SlotOf.DAY
    ),
)


def scheduled(name: str) -> ScheduledJob | None:
    """Return the job of a name."""
    return next((job for job in SCHEDULE if job.name == name), None)


def fire(job: ScheduledJob, context: JobContext) -> None:
    """Run a job if this process may and nobody has run its slot; never raises."""
    try:
        if not job.is_everywhere:
            fence = lead(context)
            if fence is None:
                return
            context = fenced(context, fence)
        now = context.clock.now()
        run_slot(job.name, job.run, job.slot(now, context.worker), context, now=now)
    except LostLeadError:
        log.warning("lead lost while a job ran", job=job.name, worker=context.worker)
    except Exception:
        log.exception("job could not start", job=job.name, worker=context.worker)


def lead(context: JobContext) -> int | None:
    """Take or renew the lease; return the fence under which this process leads, or None."""
    with context.database.writing() as session:
        fence = hold_lease(session, context.worker)
        session.commit()
    return fence


def _keep_lease(context: JobContext) -> None:
    try:
        lead(context)
    except Exception as error:
        log.warning("lease not renewed", worker=context.worker, error=type(error).__name__)


class Running:
    """A started schedule."""

    def __init__(self, context: JobContext, schedule: Sequence[ScheduledJob] = SCHEDULE) -> None:
        """Prepare the timer; nothing runs before `start`."""
        self._stopping = Event()
        context = replace(context, stopping=self._stopping)
        self.context = context
        self._timer = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": MISFIRE_GRACE_SECONDS,
            },
            timezone=BEIJING,
        )
        self._timer.add_job(
            _keep_lease, "interval", seconds=RENEW_LEASE_SECONDS, args=[context], id="lease"
        )
        for job in schedule:
            self._timer.add_job(fire, job.trigger, args=[job, context], id=job.name)

    def start(self) -> None:
        """Start the timer in threads of its own, and ask for the lease at once."""
        _keep_lease(self.context)
        self._timer.start()
        log.info("schedule started", worker=self.context.worker)

    def fire_now(self, name: str) -> None:
        """Let the timer fire one job at once, besides its own times."""
        self._timer.modify_job(name, next_run_time=SystemClock().now())

    def stop(self) -> None:
        """Wake what waits, wait for what is running, then let the next process lead."""
        self._stopping.set()
        self._timer.shutdown(wait=True)
        with self.context.database.writing() as session:
            release_lease(session, self.context.worker)
            session.commit()
        log.info("schedule stopped", worker=self.context.worker)


def start(context: JobContext) -> Running:
    """Start the whole schedule in this process; the caller stops it."""
    running = Running(context)
    running.start()
    return running
