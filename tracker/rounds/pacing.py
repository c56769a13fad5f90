"""全覆盖规划: how fast coverage goes, where that leads, and what the remaining rounds must hold. Pure.

Projections are straight lines through what was done since the term began, in calendar days; they
are exact fractions until they are printed, and never promise more than there is to do.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TypeVar

DAYS_A_MONTH = Fraction(365, 12)
Kind = TypeVar("Kind", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a term's coverage stands on a day."""

    covered: int
    total: int
    rounds: int
    """In how many rounds the covered units were reached."""
    starts_on: date
    ends_on: date | None
    as_of: date

    @property
    def days_gone(self) -> int:
        """Return the days of the term so far, its first and this one included."""
        return max((self.as_of - self.starts_on).days + 1, 0)

    @property
    def days_left(self) -> int | None:
        """Return the days after this one until the term ends; None when its end is not known."""
        return None if self.ends_on is None else max((self.ends_on - self.as_of).days, 0)

    @property
    def uncovered(self) -> int:
        """Return how many units wait."""
        return self.total - self.covered


def per_round(standing: Standing) -> Fraction | None:
    """Return the mean number of units newly covered a round; None before the first."""
    return Fraction(standing.covered, standing.rounds) if standing.rounds else None


def per_month(standing: Standing) -> Fraction | None:
    """Return units covered a month of 365/12 days; None before the term began."""
    if not standing.days_gone:
        return None
    return standing.covered * DAYS_A_MONTH / standing.days_gone


def projected(standing: Standing) -> int | None:
    """Return how many units are covered at the end of the term if it goes on like this, rounded
    down, at most all; None when the end is not known or nothing was done yet."""
    if standing.days_left is None or not standing.covered:
        return None
    days = standing.days_gone + standing.days_left
    return min(standing.total, standing.covered * days // standing.days_gone)


def complete_on(standing: Standing) -> date | None:
    """Return the day on which all are covered if it goes on like this; None when nothing was done,
    or when no calendar reaches that far."""
    if standing.uncovered <= 0:
        return standing.as_of
    if not standing.covered:
        return None
    days = -(-standing.uncovered * standing.days_gone // standing.covered)
    try:
        return standing.as_of + timedelta(days=days)
    except OverflowError:
        return None


def rounds_to_come(standing: Standing) -> int:
    """Return how many rounds the rest of the term holds at the pace so far, at least one."""
    if standing.days_left is None or not (standing.rounds and standing.days_gone):
        return 1
    expected = Fraction(standing.rounds * standing.days_left, standing.days_gone)
    return max(int(expected + Fraction(1, 2)), 1)


def shares(waiting: Mapping[Kind, int], rounds: int) -> list[dict[Kind, int]]:
    """Spread what waits evenly over the rounds to come: what each must hold to reach 100%.

    No two rounds differ by more than one unit, neither of one kind nor in all; the earlier ones
    take more. Raises ValueError without a round.
    """
    if rounds < 1:
        raise ValueError("no round to come")
    plans: list[dict[Kind, int]] = [{} for _ in range(rounds)]
    at = 0
    for kind, count in waiting.items():
        for plan in plans:
            plan[kind] = count // rounds
        for _ in range(count % rounds):
            plans[at % rounds][kind] += 1
            at += 1
    return plans


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A unit that may be put into a round."""

    unit_id: int
    is_covered: bool
    last_ended_on: date | None
    """When its last inspection ended, of any term and kind; None = never."""
    is_low: bool = False
    """Whether its newest assessment was low (一般、较差)."""


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return who waits for coverage first: never inspected, then longest ago; after them the
    covered ones. The order given decides among equals."""
    return sorted(
        candidates,
        key=lambda one: (
            one.is_covered,
            one.last_ended_on is not None,
            one.last_ended_on or date.min,
        ),
    )
