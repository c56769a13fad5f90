"""deliver-notifications: send what the outbox holds, as far as switch, groups and limits allow."""

from datetime import datetime

from jobs.context import JobContext
from tracker.kernel.clock import local, local_date
from tracker.kernel.links import Links
from tracker.notifications.channels.ways import ways_out
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import deliver, workers_of
from tracker.notifications.limiter import quiet_hours
from tracker.notifications.voices import Voice
from tracker.reminders import voice as reminders
from tracker.reports import voice as reports
from tracker.workdays.queries import load_calendar

VOICES: tuple[Voice, ...] = (*reminders.VOICES, *reports.VOICES)


def run(context: JobContext, now: datetime) -> int:
    """Return how many messages were taken by the far end.

    On a day off and in the quiet hours everything waits, what failed before as well.
    """
    with context.database.reading() as session:
        if quiet_hours(session).has(local(now).hour):
            return 0
        if not load_calendar(session).is_workday(local_date(now)):
            return 0
        workers = workers_of(session)
    return deliver(
        context.database,
        VOICES,
        channel_sender=WecomRobot.from_config(context.config),
        now_source=context.clock,
        worker=context.worker,
        links=Links(context.config.mobile_url),
        sealer=context.sealer,
        workers=workers,
        ways=ways_out(context.config),
    )
