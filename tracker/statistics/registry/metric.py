"""What a metric is: a definition and a reader. Short names for the tables of this package."""

from dataclasses import dataclass

from tracker.organizations.rules import RegionLevel
from tracker.statistics.readers import Reader
from tracker.statistics.rules import CountingUnit, Definition, FigureGroup, FigureKind

CITY = frozenset({RegionLevel.CITY})
U, G, K = CountingUnit, FigureGroup, FigureKind


@dataclass(frozen=True)
class Metric:
    """A definition and the way its numbers are read."""

    definition: Definition
    reader: Reader


__all__ = ["CITY", "Definition", "G", "K", "Metric", "U"]
