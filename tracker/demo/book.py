"""What every part of the demonstration needs: the session, the day, who writes, small makers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from tracker.demo.names import GIVEN, SURNAMES
from tracker.kernel.clock import at_local, local_date
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person, User
from tracker.rounds.models import DeadlineProfile, Inspection, Round, Term

LOADER = Actor(name="演示数据")


@dataclass
class Book:
    """The demonstration while it is being written. Everything depends on `now` alone."""

    session: Session
    now: datetime
    regions: dict[str, Region] = field(default_factory=dict)
    units: dict[str, list[Unit]] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    profiles: dict[str, DeadlineProfile] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    inspections: dict[str, list[Inspection]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    staff: dict[int, "Staff"] = field(default_factory=dict)
    _persons: Any = field(default_factory=count)

    @property
    def today(self) -> date:
        """Return the Beijing day of loading."""
        return local_date(self.now)

    def ago(self, days: int) -> date:
        """Return the day so many days before today, moved back to a weekday."""
        return weekday(self.today - timedelta(days=days))

    def stamps(self, day: date | None = None) -> dict[str, Any]:
        """Return who made a row, and when: at ten o'clock of a day, never later than now."""
        return born(actor=LOADER, now=self.now if day is None else self.at(day))

    def at(self, day: date) -> datetime:
        """Return ten o'clock of a day, or now where that lies ahead."""
        return min(self.now, at_local(day, 10))

    def add(self, rows: Sequence[object]) -> None:
        """Write rows and give them ids."""
        self.session.add_all(rows)
        self.session.flush()  # what follows needs ids

    def person(self, region: Region) -> Person:
        """Make the next invented person with the next reserved-looking number."""
        number = next(self._persons)
        surname = SURNAMES[number % len(SURNAMES)]
        given = GIVEN[number // len(SURNAMES) % len(GIVEN)]
        return Person(
            region=region,
            name=surname + given,
            mobile=f"1380000{number + 1:04d}",
            **self.stamps(),
        )

    def label(self, username: str) -> str:
        """Return how history names a user."""
        return f"{self.users[username].person.name}（{username}）"


@dataclass(frozen=True)
class Staff:
    """The people of one unit, and whether its liaison and head sign in themselves."""

    head: Person
    deputy: Person
    owner: Person
    liaison: Person
    has_sign_in: bool


def weekday(day: date) -> date:
    """Return the day, or the Friday before when it falls on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def spread(total: int, places: int) -> list[int]:
    """Share a total out unevenly over places, the same way every time."""
    weights = [1 + (place * 7 + 3) % 5 for place in range(places)]
    shares = [total * weight // sum(weights) for weight in weights]
    for place in range(total - sum(shares)):
        shares[place % places] += 1
    return shares
