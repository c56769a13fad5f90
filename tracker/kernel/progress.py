"""How long work tells how far it has come."""

from typing import Protocol


class Progress(Protocol):
    """Told at each step. It may raise, to stop the work: call it where nothing is half done."""

    def __call__(self, step: str, done: int, total: int, /) -> None:
        """Take note of a step in words, and how many parts of how many are done (0 of 0: unknown)."""
        ...


def unwatched(_step: str, _done: int, _total: int) -> None:
    """Nobody waits for news."""
