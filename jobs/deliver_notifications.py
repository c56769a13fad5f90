"""deliver-notifications: send what the outbox holds, as far as switch, groups and limits allow."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jobs.context import JobContext
from tracker.job_runs.queries import has_run_since
from tracker.kernel.clock import at_local, local, local_date
from tracker.kernel.links import Links
from tracker.notifications.channels.ways import ways_out
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import Patience, deliver
from tracker.notifications.pacing import quiet_hours, workers_of
from tracker.notifications.rules import QuietHours
from tracker.notifications.voices import Voice
from tracker.reminders import voice as reminders
from tracker.reports import voice as reports
from tracker.watchdog import voice as watchdog
from tracker.workdays.queries import load_calendar

VOICES: tuple[Voice, ...] = (*reminders.VOICES, *reports.VOICES, *watchdog.VOICES)
QUEUE_JOB, LAST_QUEUEING_HOUR = "queue-reminders", 17  # as the schedule has it
PATIENCE = timedelta(seconds=55)  # the timer fires each minute, and one pass at a time


def run(context: JobContext, now: datetime) -> int:
    """Return how many messages were taken by the far end.

    On a day off and in the quiet hours everything waits, what failed before as well. In a process
    that goes on, a pass waits for the next tokens until shortly before the next one begins.
    """
    with context.database.reading() as session:
        quiet = quiet_hours(session)
        if quiet.has(local(now).hour):
            return 0
        if not load_calendar(session).is_workday(local_date(now)):
            return 0
        workers = workers_of(session)
        composes = context.stopping is None or _has_everything(session, now)
    return deliver(
        context.database,
        VOICES,
        channel_sender=WecomRobot.from_config(context.config),
        now_source=context.clock,
        worker=context.worker,
        links=Links(context.config.mobile_url),
        sealer=context.sealer,
        workers=workers,
        patience=_patience(context, quiet, now),
        composes=composes,
        ways=ways_out(context.config),
    )


def _has_everything(session: Session, now: datetime) -> bool:
    """Return whether what is due today has been queued, so that one digest says it all; or the
    timer has asked for the last time, and nobody is to wait for what does not come."""
    if local(now).hour > LAST_QUEUEING_HOUR:
        return True
    return has_run_since(session, QUEUE_JOB, at_local(local_date(now), 0))


def _patience(context: JobContext, quiet: QuietHours, now: datetime) -> Patience | None:
    """Return how long to wait for tokens: not into the quiet hours, and not past midnight."""
    if context.stopping is None:
        return None
    with context.database.reading() as session:
        until = context.clock.shared(session.connection()) + PATIENCE
    goes_on = local_date(until) == local_date(now) and not quiet.has(local(until).hour)
    return Patience(until, context.stopping) if goes_on else None
