"""Ways to one person: what each is given, and the line to the far ends of enterprise WeChat."""

from dataclasses import dataclass, field
from typing import Protocol

from tracker.notifications.channels import Receipt


@dataclass(frozen=True)
class Letter:
    """One part of a digest for one person. `to`: userid, e-mail address, or the person's id."""

    to: str = field(repr=False)
    text: str = field(repr=False)
    number: str
    part_no: int = 1
    part_count: int = 1


class PersonalSender(Protocol):
    """Anything that brings a letter to one person."""

    def send(self, address: str, letter: Letter) -> Receipt:
        """Send one letter. `address` is what was sealed of the channel, and secret.

        Raises ChannelError, of kind PERSONAL where the far end knows no such person; takes a
        bounded time.
        """
        ...
