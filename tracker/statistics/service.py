"""Measure figures, open the rows behind them, take in figures that people enter."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, may
from tracker.organizations.models import Region
from tracker.organizations.scope import ensure_conducts
from tracker.rounds.models import Inspection, Round, Term
from tracker.statistics.filters import why_undivided
from tracker.statistics.models import PeriodFigure
from tracker.statistics.queries.drill import Listing, listing
from tracker.statistics.queries.query import FigureQuery, readable_regions
from tracker.statistics.readers import Counted, Known, basis_of
from tracker.statistics.registry import METRICS, metric_named
from tracker.statistics.registry.metric import Metric
from tracker.statistics.rules import (
    EnteredMetric,
    Figure,
    Reading,
    Side,
    YearBefore,
    check_period,
)
from tracker.statistics.spans import year_earlier

NO_TERM = "截至当日，本系统没有该地区的届次和记录。"
NO_RECORDS_THEN = "上年同期本系统还没有届次和记录。"


def measure(
    session: Session, query: FigureQuery, code: str, *, with_year_before: bool = False
) -> Figure:
    """Return one figure. NotVisibleError for an unknown code or another's region."""
    region = _region_of(session, query)
    metric = _readable(query, code)
    figure = _measured(session, query, metric, has_term=_has_term(session, region, query))
    if not with_year_before:
        return figure
    return _compared(session, region, query, [figure])[0]


def _readable(query: FigureQuery, code: str) -> Metric:
    """Return a metric that the reader may read; any other is answered like an unknown code."""
    metric = metric_named(code)
    if not may(query.actor, metric.definition.permission):
        raise NotVisibleError
    return metric


def measure_all(
    session: Session,
    query: FigureQuery,
    codes: Collection[str] | None = None,
    *,
    with_year_before: bool = False,
) -> list[Figure]:
    """Return every figure that makes sense for the region's level, or for one round of it.

    `codes` narrows them to those named. `with_year_before`: each figure that takes a span beside
    the same span a year earlier; the query has a span then.
    """
    region = _region_of(session, query)
    has_term, known = _has_term(session, region, query), Known()
    figures = [
        _measured(session, query, metric, has_term=has_term, known=known)
        for metric in METRICS.values()
        if codes is None or metric.definition.code in codes
        if region.level in metric.definition.levels
        and (query.round_id is None or metric.definition.is_per_round)
        and may(query.actor, metric.definition.permission)
    ]
    return _compared(session, region, query, figures) if with_year_before else figures


def _measured(
    session: Session,
    query: FigureQuery,
    metric: Metric,
    *,
    has_term: bool,
    known: Known | None = None,
) -> Figure:
    refused = metric.refused(query)
    if refused:
        reading = Reading(
            numerator=None, basis=basis_of(metric.reader), reason=why_undivided(refused)
        )
        return Figure(definition=metric.definition, as_of=query.as_of, reading=reading)
    reading = metric.reader.read(session, query, known)
    is_blank = not (reading.numerator or reading.denominator or has_term)
    if is_blank and isinstance(metric.reader, Counted):
        reading = Reading(numerator=None, reason=NO_TERM)
    return Figure(definition=metric.definition, as_of=query.as_of, reading=reading)


def _compared(
    session: Session, region: Region, query: FigureQuery, figures: list[Figure]
) -> list[Figure]:
    if query.since is None:
        raise ValueError("a comparison needs a span")
    earlier, known = year_earlier(query, query.since), Known()
    is_recorded = _is_recorded(session, region, earlier)
    return [
        replace(
            figure,
            before=_before(session, earlier, figure, is_recorded=is_recorded, known=known),
        )
        for figure in figures
    ]


def _before(
    session: Session, earlier: FigureQuery, figure: Figure, *, is_recorded: bool, known: Known
) -> YearBefore | None:
    metric = METRICS[figure.definition.code]
    if earlier.since is None or metric.refused(earlier):
        return None
    reading = Reading(numerator=None, reason=NO_RECORDS_THEN)
    if is_recorded:
        reading = metric.reader.read(session, earlier, known)
    return YearBefore(since=earlier.since, as_of=earlier.as_of, reading=reading)


def _is_recorded(session: Session, region: Region, query: FigureQuery) -> bool:
    """Return whether the region's terms on record (the one asked for) reach back to the span."""
    reaching = select(Term.id).where(Term.region_id == region.id, Term.starts_on <= query.since)
    if query.term_id is not None:
        reaching = reaching.where(Term.id == query.term_id)
    return bool(session.scalar(select(reaching.exists())))


def _has_term(session: Session, region: Region, query: FigureQuery) -> bool:
    """Return whether the region records anything here; a blank is no nought."""
    begun = exists().where(Term.region_id == region.id, Term.starts_on <= query.as_of)
    return bool(session.scalar(select(begun)))


def _region_of(session: Session, query: FigureQuery) -> Region:
    region = session.scalar(readable_regions(query.actor).where(Region.id == query.region_id))
    if region is None:
        raise NotVisibleError
    return region


def rows_behind(
    session: Session,
    query: FigureQuery,
    code: str,
    *,
    side: Side,
    part: str | None = None,
    is_whole: bool = False,
) -> Listing:
    """Return the rows of one side of a counted figure, as far as this reader may see rows.

    `is_whole`: however many there are; a page shows the first of a long list.

    A city's office reads its counties' numbers without their rows: NotVisibleError. So has a
    figure that is not divided as asked.
    """
    _region_of(session, query)
    metric = _readable(query, code)
    reader = metric.reader
    if query.is_figures_only or metric.refused(query) or not isinstance(reader, Counted):
        raise NotVisibleError
    found = reader.behind(side, part)
    if found is None:
        raise NotVisibleError
    selection, part = found
    listed = listing(
        session, reader.rows, selection(query), part, as_of=query.as_of, is_whole=is_whole
    )
    return listed.weighed(reader.weighed) if reader.places else listed


def latest_round(session: Session, region_id: int, *, as_of: date) -> Round | None:
    """Return the region's newest round with an inspection that has ended by the day."""
    return session.scalar(
        select(Round)
        .join(Inspection, Inspection.round_id == Round.id)
        .where(Round.region_id == region_id, Inspection.onsite_end <= as_of)
        .order_by(Inspection.onsite_end.desc(), Round.seq.desc())
        .limit(1)
    )


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A figure as a person enters it."""

    metric: EnteredMetric
    period_start: date
    period_end: date
    value: Decimal
    source_document: str


def enter_figure(
    session: Session,
    region_id: int,
    entry: Entry,
    *,
    actor: Actor,
    now: datetime,
    today: date,
) -> PeriodFigure:
    """Take in a figure that is not counted here, of the actor's own office."""
    ensure_conducts(actor, region_id)
    return keep_figure(session, region_id, entry, actor=actor, now=now, today=today)


def keep_figure(
    session: Session,
    region_id: int,
    entry: Entry,
    *,
    actor: Actor,
    now: datetime,
    today: date,
    entered_by: str | None = None,
) -> PeriodFigure:
    """Keep a figure. A correction on a later day is a row of its own, so that figures as of an
    earlier day stay as they were; on the same day it replaces. `entered_by`: whose figure it is,
    where the actor only accepts it.
    """
    check_period(entry.metric, entry.period_start, entry.period_end, entry.value, today=today)
    key = {
        "region_id": region_id,
        "metric": entry.metric.value,
        "period_start": entry.period_start,
        "period_end": entry.period_end,
        "entered_on": today,
    }
    row = session.scalar(select(PeriodFigure).filter_by(**key))
    if row is None:
        row = PeriodFigure(**key, **born(actor=actor, now=now))
        row.created_by = entered_by or row.created_by
        session.add(row)
    else:
        touch(row, actor=actor, now=now)
        row.updated_by = entered_by or row.updated_by
    row.value, row.source_document = entry.value, entry.source_document
    record(
        session,
        "figure_entered",
        actor=actor,
        now=now,
        object_type="period_figure",
        detail={**key, "value": entry.value},
    )
    return row
