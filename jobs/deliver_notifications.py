"""deliver-notifications: send what the outbox holds, as far as switch, groups and limits allow."""

from datetime import datetime

from jobs.context import JobContext
from tracker.kernel.links import Links
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.delivery import deliver
from tracker.notifications.voices import Voice

VOICES: tuple[Voice, ...] = ()


def run(context: JobContext, now: datetime) -> int:  # noqa: ARG001 - steps ask the clock anew
    """Return how many messages were taken by the far end."""
    return deliver(
        context.database,
        VOICES,
        channel_sender=WecomRobot.from_config(context.config),
        now_source=context.clock,
        worker=context.worker,
        links=Links(context.config.mobile_url),
        sealer=context.sealer,
    )
