"""Total deadlines of many exchanges, watched by one thread that lives while there is something."""

import heapq
import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

IDLE_SECONDS = 2.0


@dataclass(order=True)
class _Deadline:
    at: float
    no: int
    cut: Callable[[], None] | None = field(compare=False)


class Deadlines:
    """Calls a function when its time has come, unless it was called off before."""

    def __init__(self) -> None:
        """Start with nothing to watch, and no thread."""
        self._waiting: list[_Deadline] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._is_watched = False

    def add(self, seconds: float, cut: Callable[[], None]) -> Callable[[], None]:
        """Call `cut` after so many seconds; return the function that calls it off."""
        deadline = _Deadline(monotonic() + seconds, next(self._numbers), cut)
        with self._changed:
            heapq.heappush(self._waiting, deadline)
            if not self._is_watched:
                self._is_watched = True
                threading.Thread(target=self._watch, name="deadlines", daemon=True).start()
            elif self._waiting[0] is deadline:
                self._changed.notify()

        def call_off() -> None:
            deadline.cut = None

        return call_off

    def _watch(self) -> None:
        while True:
            with self._changed:
                over = self._overdue()
                if not over and not self._wait():
                    self._is_watched = False
                    return
            for cut in over:
                cut()

    def _overdue(self) -> list[Callable[[], None]]:
        over = []
        while self._waiting and (self._waiting[0].cut is None or self._is_over(self._waiting[0])):
            cut = heapq.heappop(self._waiting).cut
            if cut is not None:
                over.append(cut)
        return over

    def _is_over(self, deadline: _Deadline) -> bool:
        return deadline.at <= monotonic()

    def _wait(self) -> bool:
        """Wait for the next deadline or a change; return False when there is nothing to watch."""
        if self._waiting:
            self._changed.wait(max(0.0, self._waiting[0].at - monotonic()))
            return True
        return self._changed.wait(IDLE_SECONDS) or bool(self._waiting)
