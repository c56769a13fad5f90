"""Ways out: one file per kind of channel; each returns a Receipt or raises a ChannelError."""

from dataclasses import dataclass
from typing import Protocol

from tracker.notifications.rules import Failure
from tracker.notifications.voices import Mention


@dataclass(frozen=True)
class Receipt:
    """The far end's own answer to a message it took."""

    errcode: int
    answer: str


class ChannelError(Exception):
    """A message was refused, or lost. Carries the far end's words, never an address or a key."""

    def __init__(self, kind: Failure, answer: str, errcode: int | None = None) -> None:
        """Keep the class of failure and what was answered."""
        super().__init__(f"{kind.value}: {answer}")
        self.kind = kind
        self.answer = answer
        self.errcode = errcode


class ChannelSender(Protocol):
    """Anything that brings a text to a group."""

    def send(self, url: str, text: str, mentions: tuple[Mention, ...]) -> Receipt:
        """Send one message. Raises ChannelError; takes a bounded time."""
        ...
