"""The ways out to single persons, as the configuration says; the inbox is no way out."""

from tracker.kernel.config import Config
from tracker.notifications.channels.app import WecomApp
from tracker.notifications.channels.mail import Mailer
from tracker.notifications.channels.personal import PersonalSender
from tracker.notifications.rules import ChannelKind


def ways_out(config: Config) -> dict[ChannelKind, PersonalSender]:
    """Return a sender for each kind."""
    return {
        ChannelKind.APP: WecomApp.from_config(config),
        ChannelKind.MAIL: Mailer.from_config(config),
    }
