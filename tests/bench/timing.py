"""Two ways to do the same work, timed in turn, so that a busy machine burdens both alike."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from tests.bench.statements import counted

Work = Callable[[], object]
SHORTEST_SAMPLE_SECONDS = 0.02
MOST_TURNS = 200


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One line of the table. Times are medians in milliseconds; a goal is the highest ratio
    that is good enough, None where there is none. `rate` turns the goal round: the lowest."""

    name: str
    ours: float
    floor: float | None = None
    goal: float | None = None
    statements: int | None = None
    most_statements: int | None = None
    unit: str = "ms"
    is_rate: bool = False
    allowance: float = 0.0
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Return ours over the floor, what the goal allows on top taken off."""
        if not self.floor:
            return None
        return max(self.ours - self.allowance, 0.0) / self.floor

    @property
    def is_met(self) -> bool:
        """Return whether the goals that there are are met."""
        if self.most_statements is not None and (self.statements or 0) > self.most_statements:
            return False
        if self.goal is None or self.ratio is None:
            return True
        return self.ratio >= self.goal if self.is_rate else self.ratio <= self.goal


def compare(ours: Work, floor: Work, *, turns: int = 5) -> tuple[float, float]:
    """Return the medians of both in milliseconds, measured in turn after one go unmeasured."""
    loops = [_loops(ours), _loops(floor)]
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(turns):
        for place, work in enumerate((ours, floor)):
            found[place].append(_seconds(work, loops[place]))
    return median(found[0]) * 1000, median(found[1]) * 1000


def statements_of(work: Work) -> int:
    """Return how many SQL statements a piece of work sends."""
    with counted() as seen:
        work()
    return len(seen)


def _loops(work: Work) -> int:
    once = _seconds(work, 1)  # fills caches too
    if once < SHORTEST_SAMPLE_SECONDS:
        once = max(_seconds(work, 1), 1e-6)
    return max(1, min(MOST_TURNS, round(SHORTEST_SAMPLE_SECONDS / once)))


def _seconds(work: Work, loops: int) -> float:
    begun = perf_counter()
    for _ in range(loops):
        work()
    return (perf_counter() - begun) / loops
