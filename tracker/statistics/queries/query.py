"""The one query object behind page, command line and files."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from tracker.feedback.rules import FeedbackSource
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.organizations.scope import OFFICE, sees
from tracker.rounds.models import Round, Term
from tracker.rounds.rules import RoundKind

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

    def visible(self, *, region: Any, unit: Any) -> ColumnElement[bool]:
        """Return the condition under which a row counts in this reader's figure."""
        own: ColumnElement[bool] = region == self.region_id
        if self.is_figures_only:
            return own
        return and_(own, sees(self.actor, region=region, unit=unit))

    def in_term(self) -> ColumnElement[bool]:
        """Return the condition on `Term`: the one asked for, else those running on the day."""
        if self.term_id is not None:
            return Term.id == self.term_id
        return self.is_running()

    def is_running(self) -> ColumnElement[bool]:
        """Return the condition that a `Term` runs on the day."""
        return and_(
            Term.starts_on <= self.as_of, or_(Term.ends_on.is_(None), Term.ends_on >= self.as_of)
        )

    def in_round(self) -> ColumnElement[bool]:
        """Return the condition on `Round` and `Term`, which the statement has joined."""
        wanted = Round.id == self.round_id if self.round_id is not None else self.in_term()
        return wanted if self.kind is None else and_(wanted, Round.kind == self.kind)


def readable_regions(actor: Actor) -> Select[Region]:
    """Return the regions whose figures a person may read: the own one, a city's office also
    its counties' (numbers only), a command all."""
    query = select(Region).order_by(Region.sort_no, Region.id)
    if actor.role is None:
        return query
    own = Region.id == actor.region_id
    if actor.role in OFFICE:
        return query.where(or_(own, Region.parent_id == actor.region_id))
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
