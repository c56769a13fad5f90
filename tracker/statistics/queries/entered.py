"""Figures that people entered, as they stood on a day."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.organizations.models import Region
from tracker.statistics.models import PeriodFigure
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import EnteredMetric, year_before


def counties(session: Session, region_id: int) -> list[Region]:
    """Return a city's counties in their fixed order."""
    query = select(Region).where(Region.parent_id == region_id)
    return list(session.scalars(query.order_by(Region.sort_no, Region.id)))


def latest(
    session: Session, query: FigureQuery, region_ids: Sequence[int], *metrics: EnteredMetric
) -> dict[tuple[int, EnteredMetric], PeriodFigure]:
    """Return for each region and metric the entry with the newest period, the longest of equal
    ends, the last entered of equal periods. What was entered after the day does not exist."""
    found = {}
    for row in _known(session, query.as_of, region_ids, metrics):
        found[row.region_id, EnteredMetric(row.metric)] = row
    return found


def _known(
    session: Session, as_of: date, region_ids: Sequence[int], metrics: Sequence[EnteredMetric]
) -> Sequence[PeriodFigure]:
    return session.scalars(
        select(PeriodFigure)
        .where(
            PeriodFigure.region_id.in_(region_ids),
            PeriodFigure.metric.in_([metric.value for metric in metrics]),
            PeriodFigure.period_end <= as_of,
            PeriodFigure.entered_on <= as_of,
        )
        .order_by(
            PeriodFigure.period_end,
            PeriodFigure.period_start.desc(),
            PeriodFigure.entered_on,
            PeriodFigure.id,
        )
    ).all()


def with_year_before(
    session: Session, query: FigureQuery, metric: EnteredMetric
) -> tuple[PeriodFigure | None, PeriodFigure | None]:
    """Return the newest entry and that of the same span a year earlier."""
    known = _known(session, query.as_of, [query.region_id], [metric])
    if not known:
        return None, None
    current = known[-1]
    span = (year_before(current.period_start), year_before(current.period_end))
    before = [row for row in known if (row.period_start, row.period_end) == span]
    return current, before[-1] if before else None


def entries(session: Session, region_id: int) -> list[PeriodFigure]:
    """Return everything entered for a region, newest period first, corrections above."""
    return list(
        session.scalars(
            select(PeriodFigure)
            .where(PeriodFigure.region_id == region_id)
            .order_by(
                PeriodFigure.period_end.desc(),
                PeriodFigure.metric,
                PeriodFigure.entered_on.desc(),
                PeriodFigure.id.desc(),
            )
        )
    )
