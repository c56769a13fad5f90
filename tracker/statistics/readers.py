"""How a figure is read: counted from rows, entered, or both side by side."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.kernel.formats import Number
from tracker.kernel.labels import LabelledEnum
from tracker.organizations.models import Region
from tracker.organizations.scope import OFFICE
from tracker.statistics.models import PeriodFigure
from tracker.statistics.queries.coverage import by_region
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.queries.entered import counties, latest, with_year_before
from tracker.statistics.queries.query import FigureQuery, Rows, SummedTogether
from tracker.statistics.rules import Basis, EnteredMetric, Part, Reading, Side, mean_share

NOT_ENTERED = "未报"
NO_COUNTIES = "没有县区数据：县区尚未填报。"
NOT_LISTED = "未登记全覆盖任务"
NONE_LISTED = "没有县区在本系统登记本届全覆盖任务。"
OFFICES_ONLY = "县区的数字只供巡察办和领导小组查看。"


Selection = Callable[[FigureQuery], Rows]
Words = Callable[[Session, FigureQuery, Collection[str]], Mapping[str, str]]
"""Labels of parts that are no fixed words, in their order: units, grades."""
Sums = dict[Any, int]
Known = dict[Selection, Sums]
"""What has been summed for the same question already: several figures share a side."""


class Reader(Protocol):
    """Anything that gives the numbers of a figure."""

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return the numbers as of the query's day, for the query's reader."""
        ...


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Counted from rows: one statement per side, grouped by part."""

    numerator: Selection
    denominator: Selection | None = None
    rows: RowKind
    labels: type[LabelledEnum] | None = None
    """The words of the parts; None = the figure has no parts worth showing."""
    has_own_words: bool = False
    """Whether a part is a word that an office chose itself, and so its own label."""
    words: Words | None = None
    """Where labels and order of the parts are looked up."""
    places: int = 0
    """Decimal places that the amounts were moved by to be whole: 4 for 万元 kept as 元."""

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return sums and parts."""
        known = {} if known is None else known
        above = sums_of(session, query, self.numerator, known)
        below = None
        if self.denominator is not None:
            below = sums_of(session, query, self.denominator, known)
        labels = None
        if self.words is not None:
            labels = self.words(session, query, set(above) | set(below or ()))
        return Reading(
            numerator=self.weighed(sum(above.values())),
            denominator=None if below is None else sum(below.values()),
            parts=self._parts(above, below) if labels is None else _worded(labels, above, below),
        )

    def weighed(self, amount: int) -> Number:
        """Return a whole amount in the figure's own unit, exactly."""
        return Decimal(amount).scaleb(-self.places) if self.places else amount

    def behind(self, side: Side, part: str | None) -> tuple[Selection, str | None] | None:
        """Return the rows of a part of one side: a selection, and which part of it."""
        selection = self.selection(side)
        return None if selection is None else (selection, part)

    def selection(self, side: Side) -> Selection | None:
        """Return the rows of one side."""
        return self.numerator if side is Side.NUMERATOR else self.denominator

    def _parts(self, above: Sums, below: Sums | None) -> tuple[Part, ...]:
        present = set(above) | set(below or ())
        if self.has_own_words:
            return tuple(
                Part(key=word, label=word, numerator=above.get(word, 0))
                for word in sorted(present, key=lambda word: (-above.get(word, 0), word))
            )
        if self.labels is None:
            return ()
        return tuple(
            Part(
                key=member.value,
                label=member.label,
                numerator=above.get(member.value, 0),
                denominator=None if below is None else below.get(member.value, 0),
            )
            for member in self.labels
            if member.value in present
        )


def _worded(labels: Mapping[str, str], above: Sums, below: Sums | None) -> tuple[Part, ...]:
    return tuple(
        Part(
            key=key,
            label=label,
            numerator=above.get(key, 0),
            denominator=None if below is None else below.get(key, 0),
        )
        for key, label in labels.items()
    )


def sums_of(session: Session, query: FigureQuery, selection: Selection, known: Known) -> Sums:
    if isinstance(selection, SummedTogether) and selection not in known:
        known.update(selection.together(session, query))
    if selection not in known:
        chosen = selection(query).subquery()
        grouped = select(chosen.c.part, func.sum(chosen.c.amount)).group_by(chosen.c.part)
        known[selection] = {part: int(amount) for part, amount in session.execute(grouped)}
    return known[selection]


@dataclass(frozen=True)
class Counties:
    """Sum of what the counties entered, one part per county; a county without entry is 未报."""

    metric: EnteredMetric

    def read(self, session: Session, query: FigureQuery, _known: Known | None = None, /) -> Reading:
        """Return the sum of the entries there are, and every county with its own."""
        parts = _county_parts(session, query, self.metric)
        known = [part.numerator for part in parts if part.numerator is not None]
        return Reading(
            numerator=sum(known) if known else None,
            parts=parts,
            basis=Basis.ENTERED,
            reason="" if known else NO_COUNTIES,
        )


def _county_parts(
    session: Session, query: FigureQuery, above: EnteredMetric, below: EnteredMetric | None = None
) -> tuple[Part, ...]:
    regions = counties(session, query.region_id)
    metrics = (above,) if below is None else (above, below)
    entries = latest(session, query, [region.id for region in regions], *metrics)
    return tuple(
        _county_part(
            region,
            entries.get((region.id, above)),
            None if below is None else entries.get((region.id, below)),
        )
        for region in regions
    )


def _county_part(
    region: Region, above: PeriodFigure | None, below: PeriodFigure | None = None
) -> Part:
    return Part(
        key=region.code,
        label=region.short_name,
        basis=Basis.ENTERED,
        numerator=None if above is None else above.value,
        denominator=None if below is None else below.value,
        note=NOT_ENTERED if above is None else note_of(above),
    )


def note_of(entry: PeriodFigure) -> str:
    """Say of an entry: which period, from which document, entered when and by whom."""
    return (
        f"{entry.period_start}至{entry.period_end}，据《{entry.source_document}》，"
        f"{entry.entered_on}由{entry.created_by}填报"
    )


@dataclass(frozen=True)
class Composite:
    """The city's own count and the counties' entries as a named sum, both parts shown."""

    own: Counted
    counties: Counties

    def read(self, session: Session, query: FigureQuery, known: Known | None = None, /) -> Reading:
        """Return both parts; without any county's entry there is no sum."""
        own = self.own.read(session, query, known)
        others = self.counties.read(session, query)
        total = (
            None
            if own.numerator is None or others.numerator is None
            else own.numerator + others.numerator  # type: ignore[operator]
        )
        parts = (
            Part(key="own", label="本级", numerator=own.numerator),
            Part(key="counties", label="县区", basis=Basis.ENTERED, numerator=others.numerator),
        )
        return Reading(numerator=total, parts=parts, basis=Basis.COMPOSITE, reason=others.reason)


@dataclass(frozen=True)
class CountiesCoverage:
    """Coverage of the counties from their entries: the mean of rates, or Σ over Σ."""

    is_mean: bool

    def read(self, session: Session, query: FigureQuery, _known: Known | None = None, /) -> Reading:
        """Return the rate over the counties that entered both numbers."""
        parts = _county_parts(
            session, query, EnteredMetric.COVERAGE_DONE, EnteredMetric.COVERAGE_TOTAL
        )
        pairs = [
            (part.numerator, part.denominator)
            for part in parts
            if part.numerator is not None and part.denominator
        ]
        if not pairs:
            return Reading(numerator=None, parts=parts, basis=Basis.ENTERED, reason=NO_COUNTIES)
        if self.is_mean:
            return Reading(
                numerator=mean_share(pairs), denominator=1, parts=parts, basis=Basis.ENTERED
            )
        return Reading(
            numerator=sum(done for done, _total in pairs),
            denominator=sum(total for _done, total in pairs),
            parts=parts,
            basis=Basis.ENTERED,
        )


@dataclass(frozen=True)
class CountedCounties:
    """Coverage of the counties counted from their records here: the mean of rates, or Σ over Σ."""

    is_mean: bool

    def read(self, session: Session, query: FigureQuery, _known: Known | None = None, /) -> Reading:
        """Return the rate over the counties whose running term has a list; others are named."""
        if query.actor.role is not None and query.actor.role not in OFFICE:
            return Reading(numerator=None, reason=OFFICES_ONLY)
        regions = counties(session, query.region_id)
        found = by_region(session, query, [region.id for region in regions])
        parts = tuple(
            Part(
                key=region.code,
                label=region.short_name,
                numerator=found[region.id][0] if region.id in found else None,
                denominator=found[region.id][1] if region.id in found else None,
                note="" if region.id in found else NOT_LISTED,
            )
            for region in regions
        )
        pairs: list[tuple[Number, Number]] = list(found.values())
        if not pairs:
            return Reading(numerator=None, parts=parts, reason=NONE_LISTED)
        if self.is_mean:
            return Reading(numerator=mean_share(pairs), denominator=1, parts=parts)
        return Reading(
            numerator=sum(done for done, _total in found.values()),
            denominator=sum(total for _done, total in found.values()),
            parts=parts,
        )


@dataclass(frozen=True)
class YearOnYear:
    """An entered figure against the same span of last year."""

    metric: EnteredMetric

    def read(self, session: Session, query: FigureQuery, _known: Known | None = None, /) -> Reading:
        """Return this year's and last year's number."""
        current, before = with_year_before(session, query, self.metric)
        if current is None:
            return Reading(numerator=None, basis=Basis.ENTERED, reason="还没有填报本期数字。")
        spans = (("current", "本期", current), ("before", "上年同期", before))
        parts = tuple(
            Part(key=key, label=label, basis=Basis.ENTERED, numerator=row.value, note=note_of(row))
            for key, label, row in spans
            if row is not None
        )
        return Reading(
            numerator=current.value,
            denominator=None if before is None else before.value,
            parts=parts,
            basis=Basis.ENTERED,
            reason="" if before is not None else "没有填报上年同期数字。",
        )


def basis_of(reader: Reader) -> Basis:
    """Return where a reader's numbers come from, for a figure that has none just now."""
    match reader:
        case Counties() | CountiesCoverage() | YearOnYear():
            return Basis.ENTERED
        case Composite():
            return Basis.COMPOSITE
    return Basis.COUNTED
