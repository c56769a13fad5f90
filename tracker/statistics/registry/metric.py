"""What a metric is: a definition and a reader. Short names for the tables of this package."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.organizations.rules import RegionLevel
from tracker.statistics.filters import OF_DATED_RECORDS, OF_ISSUES, OF_TOURS, Filter
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.readers import Counted, Reader
from tracker.statistics.rules import CountingUnit, Definition, FigureGroup, FigureKind

CITY = frozenset({RegionLevel.CITY})
U, G, K = CountingUnit, FigureGroup, FigureKind
TAKEN: Mapping[RowKind, frozenset[Filter]] = {
    RowKind.TASK: OF_ISSUES,
    RowKind.ISSUE: OF_ISSUES,
    RowKind.ROUND: OF_TOURS,
    RowKind.BATCH: OF_TOURS,
    RowKind.CLUE_COUNT: OF_TOURS,
    RowKind.ADVICE: OF_TOURS,
    RowKind.VISIT: OF_DATED_RECORDS,
    RowKind.LETTER: OF_DATED_RECORDS,
    RowKind.INTERVIEW: OF_DATED_RECORDS,
    RowKind.ACCOUNTABILITY: OF_DATED_RECORDS,
    RowKind.DISPATCH: frozenset({Filter.TERM}),
}
"""What a figure of these rows can be narrowed to, where its definition says nothing else. Rows of
units come about in too many ways: they take nothing unless it is said."""


@dataclass(frozen=True)
class Metric:
    """A definition and the way its numbers are read."""

    definition: Definition
    reader: Reader

    @property
    def takes(self) -> frozenset[Filter]:
        """Return what the figure can be narrowed to."""
        taken = self.definition.takes
        if taken is None:
            rows = self.reader.rows if isinstance(self.reader, Counted) else None
            taken = frozenset() if rows is None else TAKEN.get(rows, frozenset())
        if self.definition.is_per_round:
            taken |= {Filter.ROUND}
        return taken | {Filter.SINCE} if self.definition.spans_by else taken

    def refused(self, query: FigureQuery) -> frozenset[Filter]:
        """Return what is asked that the figure cannot be narrowed to: it has no number then."""
        return query.filters - self.takes


__all__ = ["CITY", "Definition", "G", "K", "Metric", "U"]
