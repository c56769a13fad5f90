"""The one query object behind page, command line and files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from tracker.feedback.rules import FeedbackSource
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.organizations.scope import OFFICE, UNIT, sees
from tracker.rounds.models import Round, Term
from tracker.rounds.rules import RoundKind
from tracker.statistics.filters import Filter

Rows = Select[*tuple[Any, ...]]
"""A select of `id`, `amount`, `part`: distinct ids, what each weighs, which part it falls into."""


@dataclass(frozen=True, kw_only=True)
class FigureQuery:
    """Whose figures (`region_id`), for whom (`actor`), as of the end of which day."""

    actor: Actor
    region_id: int
    as_of: date
    term_id: int | None = None
    round_id: int | None = None
    since: date | None = None
    """Only what happened on this day or later; asked of figures that take a span."""
    unit_id: int | None = None
    """What one unit answers for: a task's lead unit, an issue's, the inspected, the addressed."""
    theme: str | None = None
    """Rounds of one theme alone."""
    tag: str | None = None
    """Issues with this tag, and their tasks."""
    source: FeedbackSource | None = None
    kind: RoundKind | None = None
    """Rounds of one kind alone."""
    category: UnitCategory | None = None
    """Coverage of one kind of unit alone."""
    level: RegionLevel | None = None
    """Coverage of the units that lay at this level on the day: the city's own, or the counties'."""
    place_id: int | None = None
    """Coverage of the units that lay in this region on the day, whoever's it counts in."""

    def of_round(self, round_id: int | None) -> "FigureQuery":
        """Return the same question about one round, or about all of the term."""
        return replace(self, round_id=round_id)

    @property
    def is_figures_only(self) -> bool:
        """Whether the reader gets another region's numbers without its rows."""
        return self.actor.role in OFFICE and self.actor.region_id != self.region_id

    @property
    def is_of_units(self) -> bool:
        """Whether the reader is bound to units: sees theirs, not what their office drafts."""
        return self.actor.role is not None and self.actor.role not in OFFICE

    @property
    def filters(self) -> frozenset[Filter]:
        """Return what the question is narrowed to."""
        asked = ((one, getattr(self, field)) for one, field in FIELDS.items())
        return frozenset(one for one, value in asked if value is not None)

    def happened(self, day: Any) -> ColumnElement[bool]:
        """Return the condition that a day is not after the one asked for, nor before the span."""
        until: ColumnElement[bool] = day <= self.as_of
        return until if self.since is None else and_(until, day >= self.since)

    def visible(self, *, region: Any, unit: Any) -> ColumnElement[bool]:
        """Return the condition under which a row counts in this reader's figure."""
        seen: ColumnElement[bool] = region == self.region_id
        if not self.is_figures_only:
            seen = and_(seen, sees(self.actor, region=region, unit=unit))
        return seen if self.unit_id is None else and_(seen, unit == self.unit_id)

    def in_term(self) -> ColumnElement[bool]:
        """Return the condition on `Term`: the one asked for, else those running on the day."""
        if self.term_id is not None:
            return Term.id == self.term_id
        return self.is_running()

    def is_running(self) -> ColumnElement[bool]:
        """Return the condition that a `Term` runs on the day, or on some day of the span."""
        from_on = self.since or self.as_of
        return and_(
            Term.starts_on <= self.as_of, or_(Term.ends_on.is_(None), Term.ends_on >= from_on)
        )

    def in_days_of_term(self, day: Any) -> ColumnElement[bool]:
        """Return the condition that a day lies in the region's term asked for."""
        terms = select(Term.id).where(
            Term.region_id == self.region_id,
            self.in_term(),
            day >= Term.starts_on,
            or_(Term.ends_on.is_(None), day <= Term.ends_on),
        )
        return terms.correlate_except(Term).exists()

    def in_round(self) -> ColumnElement[bool]:
        """Return the condition on `Round` and `Term`, which the statement has joined."""
        wanted = [Round.id == self.round_id] if self.round_id is not None else [self.in_term()]
        if self.round_id is not None and self.term_id is not None:
            wanted.append(Term.id == self.term_id)
        return and_(*wanted, *self._of_rounds())

    def _of_rounds(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.kind is not None:
            wanted.append(Round.kind == self.kind)
        if self.theme is not None:
            wanted.append(Round.theme == self.theme)
        return wanted

    def by_rounds(self, round_id: Any) -> list[ColumnElement[bool]]:
        """Return what is asked of a row's round by kind, theme and term, where that is asked.

        For a statement that has not joined `Round`: nothing is asked of the running term.
        """
        wanted = self._of_rounds()
        if self.term_id is not None:
            wanted.append(Round.term_id == self.term_id)
        return [round_id.in_(select(Round.id).where(*wanted))] if wanted else []


FIELDS = {
    Filter.TERM: "term_id",
    Filter.ROUND: "round_id",
    Filter.ROUND_KIND: "kind",
    Filter.THEME: "theme",
    Filter.SOURCE: "source",
    Filter.UNIT: "unit_id",
    Filter.TAG: "tag",
    Filter.CATEGORY: "category",
    Filter.LEVEL: "level",
    Filter.PLACE: "place_id",
    Filter.SINCE: "since",
}
"""Which field of a question holds which filter."""


def readable_regions(actor: Actor) -> Select[Region]:
    """Return the regions whose figures a person may read: the own one, a city's office also
    its counties' (numbers only), a county's unit also its city's (where that inspected it), a
    command all."""
    query = select(Region).order_by(Region.sort_no, Region.id)
    if actor.role is None:
        return query
    own = Region.id == actor.region_id
    if actor.role in OFFICE:
        return query.where(or_(own, Region.parent_id == actor.region_id))
    if actor.role in UNIT:
        above = select(Region.parent_id).where(Region.id == actor.region_id).scalar_subquery()
        return query.where(or_(own, Region.id == above))
    return query.where(own)


def rounds_of(region_id: int) -> Select[Round]:
    """Return a region's rounds, newest first."""
    return (
        select(Round)
        .join(Term, Term.id == Round.term_id)
        .where(Round.region_id == region_id)
        .order_by(Term.starts_on.desc(), Round.seq.desc())
    )


def terms_of(region_id: int) -> Select[Term]:
    """Return a region's terms, newest first."""
    return select(Term).where(Term.region_id == region_id).order_by(Term.starts_on.desc(), Term.id)


class SummedTogether(ABC):
    """A selection whose sums come with those of its like, out of one statement."""

    @abstractmethod
    def __call__(self, query: FigureQuery) -> Rows:
        """Return the rows of this one."""

    @abstractmethod
    def together(self, session: Session, query: FigureQuery) -> Mapping[Any, dict[Any, int]]:
        """Return the sums of each of them, by part."""
