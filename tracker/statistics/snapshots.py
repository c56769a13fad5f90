"""Figures frozen for a day, each with the rows behind it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.formats import Number
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.rounds.models import Term
from tracker.statistics import frozen_rows
from tracker.statistics.frozen_rows import Weights
from tracker.statistics.models import Snapshot
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Figure, FigureKind, Side
from tracker.statistics.service import measure_all

FINEST = 10**8  # of a mean share, which is no count over a count


def month_before(day: date) -> date:
    """Return the last day of the month before a day's."""
    return day.replace(day=1) - timedelta(days=1)


def regions_to_freeze(session: Session, as_of: date) -> list[int]:
    """Return the regions that have a term by the day and no snapshot of it."""
    frozen = select(Snapshot.region_id).where(Snapshot.as_of == as_of)
    query = (
        select(Region.id)
        .where(Region.id.in_(select(Term.region_id).where(Term.starts_on <= as_of)))
        .where(Region.id.not_in(frozen))
    )
    return list(session.scalars(query.order_by(Region.id)))


def freeze(
    session: Session, region_id: int, as_of: date, *, actor: Actor, now: datetime
) -> list[Snapshot]:
    """Keep every figure of a region's terms as of a day, with its rows; a blank is not kept."""
    query = FigureQuery(actor=actor, region_id=region_id, as_of=as_of)
    figures = measure_all(session, query)
    kept = [
        _frozen(session, query, figure, now=now)
        for figure in figures
        if figure.reading.numerator is not None
    ]
    session.add_all(kept)
    record(
        session,
        "figures_frozen",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"as_of": as_of, "rows": len(kept)},
    )
    return kept


def _frozen(session: Session, query: FigureQuery, figure: Figure, *, now: datetime) -> Snapshot:
    code = figure.definition.code
    above, below = exact_parts(figure)
    sides = {side.value: rows for side in Side if (rows := weights(session, query, code, side))}
    return Snapshot(
        region_id=query.region_id,
        as_of=query.as_of,
        metric=code,
        basis=figure.reading.basis.value,
        numerator=above,
        denominator=below,
        row_ids=frozen_rows.pack(sides) if sides else "",
        taken_at=now,
    )


def exact_parts(figure: Figure) -> tuple[Decimal, Decimal | None]:
    """Return numerator and denominator as they are kept; a mean share as a near fraction."""
    above, below = figure.reading.numerator or 0, figure.reading.denominator
    if figure.definition.kind is FigureKind.MEAN:
        near = Fraction(above).limit_denominator(FINEST)
        return Decimal(near.numerator), Decimal(near.denominator)
    return _decimal(above), None if below is None else _decimal(below)


def _decimal(number: Number) -> Decimal:
    value = Fraction(number)
    return Decimal(value.numerator) / Decimal(value.denominator)


def weights(session: Session, query: FigureQuery, code: str, side: Side) -> Weights:
    """Return the rows of one side of a counted figure with what each weighs; else nothing."""
    reader = METRICS[code].reader
    if not isinstance(reader, Counted):
        return {}
    selection = reader.selection(side)
    if selection is None:
        return {}
    chosen = selection(query).subquery()
    found = select(chosen.c.id, func.sum(chosen.c.amount)).group_by(chosen.c.id)
    return {row: int(amount) for row, amount in session.execute(found)}
