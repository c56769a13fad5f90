"""Coverage as a child would keep it: today's state in plain sets, written down every evening.

No dates of validity, no SQL: what happens changes the sets, and each evening's answer is kept. A
figure recomputed later as of that day must say the same.
"""

from dataclasses import dataclass, field
from datetime import date

Key = tuple[str, str]  # whose term, which unit


@dataclass
class Promise:
    counted: bool
    counted_in: str


@dataclass
class Visit:
    unit: str
    by: str
    counts: bool
    ended_on: date


@dataclass
class Ground:
    """Who there is this evening, whom each stands for, what is owed, who was visited."""

    region_of: dict[str, str]
    stands_for: dict[str, set[str]] = field(default_factory=dict)
    owed: dict[Key, Promise] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stands_for = {unit: {unit} for unit in self.region_of}
        self.names = {unit: unit for unit in self.region_of}

    def merge(self, unit: str, into: str) -> None:
        self.stands_for[into] |= self.stands_for.pop(unit)

    def abolish(self, unit: str) -> None:
        del self.stands_for[unit]

    def move(self, unit: str, to: str) -> None:
        old = self.region_of[unit]
        self.region_of[unit] = to
        promise = self.owed.get((old, unit))
        if promise is None or promise.counted_in != old:
            return
        del self.owed[old, unit]
        self.owed.setdefault((to, unit), Promise(promise.counted, to))

    def answer(self, region: str, on: date) -> tuple[frozenset[str], frozenset[str]]:
        """Return who is covered and who is owed in a region's coverage this evening."""
        covered, owed = set(), set()
        for heir, members in self.stands_for.items():
            promised = [
                promise
                for (_term, unit), promise in self.owed.items()
                if unit in members and promise.counted and promise.counted_in == region
            ]
            if promised:
                owed.add(heir)
            if promised and any(
                visit.unit in members and visit.counts and visit.ended_on <= on
                for visit in self.visits
            ):
                covered.add(heir)
        return frozenset(covered), frozenset(owed)
