"""A frozen day beside what is computed for it now, and the rows that make the difference.

It can only come from what was written down later about earlier days: facts carry the day they
count for and the instant they were recorded.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.kernel.errors import NotVisibleError
from tracker.statistics import frozen_rows
from tracker.statistics.frozen_rows import Weights
from tracker.statistics.models import Snapshot
from tracker.statistics.queries.drill import Listing, RowKind, listing, named
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.queries.recorded import said_later
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import Figure, Side, text_of
from tracker.statistics.service import measure, measure_all
from tracker.statistics.snapshots import exact_parts, weights

NO_NUMBER = "当时没有数字"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A figure as it was frozen, and as it is computed for the same day now."""

    now: Figure
    then: Snapshot | None

    @property
    def then_text(self) -> str:
        """Return the frozen figure as it was printed."""
        if self.then is None:
            return NO_NUMBER
        return text_of(self.now.definition, self.then.numerator, self.then.denominator)

    @property
    def is_same(self) -> bool:
        """Return whether nothing has changed, rows included where they weigh alike."""
        reading = self.now.reading
        if self.then is None or reading.numerator is None:
            return self.then is None and reading.numerator is None
        return (self.then.numerator, self.then.denominator) == exact_parts(self.now)


def frozen_days(session: Session, region_id: int) -> list[tuple[date, datetime]]:
    """Return the days a region has snapshots of, newest first, and when each was taken."""
    query = (
        select(Snapshot.as_of, func.min(Snapshot.taken_at))
        .where(Snapshot.region_id == region_id)
        .group_by(Snapshot.as_of)
        .order_by(Snapshot.as_of.desc())
    )
    return [(as_of, taken_at) for as_of, taken_at in session.execute(query)]


def compared(session: Session, query: FigureQuery) -> list[Compared]:
    """Return each figure of a frozen day beside what is computed for it now.

    NotVisibleError where the day has no snapshot.
    """
    rows = session.scalars(
        select(Snapshot).where(Snapshot.region_id == query.region_id, Snapshot.as_of == query.as_of)
    )
    then = {row.metric: row for row in rows}
    if not then:
        raise NotVisibleError
    figures = measure_all(session, query)
    return [Compared(now=figure, then=then.get(figure.definition.code)) for figure in figures]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Rows that make a side differ: those that came, those that went, those that weigh otherwise;
    `reasons` by row, what was written down about them after the snapshot."""

    side: Side
    come: Listing
    gone: Listing
    other: Listing
    reasons: dict[int, list[str]]


def differences(
    session: Session, query: FigureQuery, code: str
) -> tuple[Compared, list[Difference]]:
    """Return a figure beside its frozen self, and the rows that explain the difference.

    NotVisibleError for a figure without rows, or without a snapshot that day.
    """
    figure = measure(session, query, code)
    reader = METRICS[code].reader
    if query.is_figures_only or not isinstance(reader, Counted):
        raise NotVisibleError
    then = session.scalar(
        select(Snapshot).where(
            Snapshot.region_id == query.region_id,
            Snapshot.as_of == query.as_of,
            Snapshot.metric == code,
        )
    )
    if then is None:
        raise NotVisibleError
    kept = frozen_rows.unpack(then.row_ids)
    found = [
        _difference(session, query, then, side, reader.rows, kept.get(side.value, {}))
        for side in Side
        if reader.selection(side) is not None
    ]
    return Compared(now=figure, then=then), found


def _difference(
    session: Session,
    query: FigureQuery,
    then: Snapshot,
    side: Side,
    kind: RowKind,
    kept: Weights,
) -> Difference:
    present = weights(session, query, then.metric, side)
    come, gone = present.keys() - kept.keys(), kept.keys() - present.keys()
    other = {row for row in present.keys() & kept.keys() if present[row] != kept[row]}
    changed = {*come, *gone, *other}
    return Difference(
        side=side,
        come=_listed(session, kind, come, query.as_of),
        gone=_listed(session, kind, gone, query.as_of),
        other=_listed(session, kind, other, query.as_of),
        reasons=said_later(session, kind, changed, as_of=query.as_of, after=then.taken_at),
    )


def _listed(session: Session, kind: RowKind, rows: Collection[int], as_of: date) -> Listing:
    return listing(session, kind, named(kind, rows), None, as_of=as_of)
