"""What a figure is: its words, its arithmetic, and how it is written. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tracker.kernel.errors import DomainError
from tracker.kernel.formats import (
    NOTHING_TO_DIVIDE_BY,
    Number,
    percent,
    percent_value,
    plain_number,
    year_on_year,
    year_on_year_points,
)
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Permission
from tracker.organizations.rules import RegionLevel
from tracker.statistics.filters import Filter


class CountingUnit(LabelledEnum):
    """Measure words. They never mix: 件 are not 人."""

    ROUND = "round", "轮"
    BATCH = "batch", "批"
    OBJECT = "object", "个"
    PIECE = "piece", "件"
    ITEM = "item", "条"
    TASK = "task", "项"
    PERSON = "person", "人"
    TIME = "time", "次"
    COPY = "copy", "份"
    OCCASION = "occasion", "人次"
    WAN = "wan", "万元"
    DAY = "day", "天"


class FigureGroup(LabelledEnum):
    """Headings under which figures stand together."""

    PROGRESS = "progress", "巡察进度与覆盖"
    CLUES = "clues", "问题线索"
    ABOVE = "above", "上级巡视反馈"
    RECTIFICATION = "rectification", "问题与整改"
    QUALITY = "quality", "整改质量"
    RESULTS = "results", "整改成效"
    LETTERS = "letters", "督办与监督"
    YEAR_ON_YEAR = "year_on_year", "与上年同期比较"


class FigureKind(LabelledEnum):
    """How numerator and denominator become what is printed."""

    COUNT = "count", "数量"
    OF = "of", "其中完成"
    SHARE = "share", "比率"
    MEAN = "mean", "平均比率"
    GROWTH = "growth", "同比"
    DELTA = "delta", "较上周"


ROUNDINGS = {
    FigureKind.COUNT: "整数，不取整。",
    FigureKind.OF: "整数，不取整。",
    FigureKind.SHARE: "四舍五入保留一位小数，末尾的零不写；未满不写100%，不为零不写0%。",
    FigureKind.MEAN: "先平均后取整：四舍五入保留一位小数，末尾的零不写；未满不写100%。",
    FigureKind.GROWTH: "四舍五入保留一位小数，末尾的零不写。",
    FigureKind.DELTA: "整数，不取整。",
}
MONEY_ROUNDING = "按填报的数精确相加（到元），不取整，末尾的零不写。"


class Basis(LabelledEnum):
    """Where a number comes from; the two are never mixed silently."""

    COUNTED = "counted", "按记录统计"
    ENTERED = "entered", "填报"
    COMPOSITE = "composite", "本级统计＋县区填报"


class Side(LabelledEnum):
    """Which rows of a figure."""

    NUMERATOR = "numerator", "分子"
    DENOMINATOR = "denominator", "分母"


class Ageing(LabelledEnum):
    """How long overdue, in calendar days past the due date."""

    WEEK = "d1_7", "1–7天"
    MONTH = "d8_30", "8–30天"
    QUARTER = "d31_90", "31–90天"
    LONGER = "over_90", "90天以上"


AGEING_LIMITS = ((Ageing.WEEK, 7), (Ageing.MONTH, 30), (Ageing.QUARTER, 90))


class EnteredMetric(LabelledEnum):
    """Figures that people enter: a county's totals of its term, a city's totals of a year."""

    CLUES_FOUND = "clues_found", "巡察发现问题线索（件）"
    CASES_FILED = "cases_filed", "巡察线索立案（件）"
    PERSONS_PUNISHED = "persons_punished", "巡察线索给予党纪政务处分（人）"
    COVERAGE_DONE = "coverage_done", "全覆盖任务已巡察对象（个）"
    COVERAGE_TOTAL = "coverage_total", "全覆盖任务对象总数（个）"
    YEAR_CLUES = "year_clues", "处置问题线索（件）"
    YEAR_FILED = "year_filed", "立案（件）"
    YEAR_CLOSED = "year_closed", "结案（件）"
    YEAR_PUNISHED = "year_punished", "给予党纪政务处分（人）"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One metric in words: what stands beside every number that is printed."""

    code: str
    name: str
    group: FigureGroup
    wording: str
    """口径: what is counted, by which day, over what."""
    unit: CountingUnit
    kind: FigureKind = FigureKind.COUNT
    levels: frozenset[RegionLevel] = frozenset(RegionLevel)
    is_per_round: bool = False
    """Whether the figure also makes sense for one round alone."""
    permission: Permission = Permission.STATISTICS_READ
    """Who may read it at all: a figure tells as much as its rows."""
    takes: frozenset[Filter] | None = None
    """What it can be narrowed to; None = what its kind of rows can (`registry.metric.TAKEN`). The
    round and the span are said apart. Under any other filter it has no number, and says so."""
    spans_by: str = ""
    """The day that must lie in a span (“反馈日”), of a figure that counts what happened; empty = it
    says how things stand on a day and takes no span."""
    numerator: str = ""
    denominator: str = ""
    """What stands above and below the line, where the page of a figure shows them apart."""

    rows_in: CountingUnit | None = None
    """What its rows are counted in, where that is not the figure's own unit."""

    @property
    def row_unit(self) -> CountingUnit:
        """Return what the rows behind the figure are counted in."""
        return self.rows_in or self.unit

    @property
    def rounding(self) -> str:
        """Return how the figure is rounded, in words."""
        if self.unit is CountingUnit.WAN:
            return MONEY_ROUNDING
        return ROUNDINGS[self.kind]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A share of a figure: one kind of unit, one source, one county; `numerator` None = 未报."""

    key: str
    label: str
    basis: Basis = Basis.COUNTED
    numerator: Number | None
    denominator: Number | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The numbers of a figure before they are written."""

    numerator: Number | None
    denominator: Number | None = None
    parts: tuple[Part, ...] = ()
    basis: Basis = Basis.COUNTED
    reason: str = ""
    """Why there is no number, in a sentence; empty when there is one."""


@dataclass(frozen=True, kw_only=True)
class YearBefore:
    """The same figure over the same span a year earlier; no number where it is not on record."""

    since: date
    as_of: date
    reading: Reading


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of one region as of one day."""

    definition: Definition
    as_of: date
    reading: Reading
    before: YearBefore | None = None
    """Set where it is compared with the year before."""

    @property
    def value(self) -> Decimal | int | None:
        """Return the figure for machines: a count, or a percentage to one decimal."""
        return value_of(self.definition.kind, self.reading.numerator, self.reading.denominator)

    @property
    def text(self) -> str:
        """Return the figure as it is printed."""
        return text_of(self.definition, self.reading.numerator, self.reading.denominator)

    @property
    def before_text(self) -> str:
        """Return the year before's figure as it is printed; empty where it is not compared."""
        if self.before is None:
            return ""
        reading = self.before.reading
        return text_of(self.definition, reading.numerator, reading.denominator)

    @property
    def change_text(self) -> str:
        """Return the change against the year before in words; empty where it is not compared."""
        if self.before is None or self.reading.numerator is None:
            return ""
        return change_of(self.definition.kind, self.reading, self.before.reading)

    def part_text(self, part: Part) -> str:
        """Return one part as it is printed."""
        definition = self.definition
        if definition.kind in (FigureKind.MEAN, FigureKind.SHARE):
            return text_of(definition, part.numerator, part.denominator, kind=FigureKind.SHARE)
        if definition.kind in (FigureKind.GROWTH, FigureKind.DELTA):
            return text_of(definition, part.numerator, None, kind=FigureKind.COUNT)
        return text_of(definition, part.numerator, part.denominator)


def value_of(
    kind: FigureKind, numerator: Number | None, denominator: Number | None
) -> Decimal | int | None:
    """Return a count as it is, a share as a percentage (one decimal, half up)."""
    if numerator is None:
        return None
    if kind is FigureKind.SHARE or kind is FigureKind.MEAN:
        return percent_value(numerator, denominator or 0)
    if kind is FigureKind.GROWTH:
        return _growth(numerator, denominator)
    if kind is FigureKind.DELTA:
        return exact(Fraction(numerator) - Fraction(denominator or 0))
    return exact(numerator)


def change_of(kind: FigureKind, current: Reading, before: Reading) -> str:
    """Word a figure against the same span a year earlier: a count in per cent, a share in points.

    A year before the first records is unknown and not nought: 无同期可比数.
    """
    if kind is FigureKind.COUNT:
        return year_on_year(current.numerator or 0, before.numerator)
    return year_on_year_points(_rate(current), _rate(before))


def _rate(reading: Reading) -> Fraction | None:
    if reading.numerator is None or not reading.denominator:
        return None
    return Fraction(reading.numerator) / Fraction(reading.denominator)


def _growth(current: Number, previous: Number | None) -> Decimal | None:
    if previous is None:
        return None
    return percent_value(Fraction(current) - Fraction(previous), previous)


def exact(number: Number) -> Decimal | int:
    """Return a whole number as int, anything else as it was entered."""
    if isinstance(number, int):
        return number
    value = Fraction(number)
    if value.denominator == 1:
        return value.numerator
    return Decimal(value.numerator) / Decimal(value.denominator)


def text_of(
    definition: Definition,
    numerator: Number | None,
    denominator: Number | None,
    *,
    kind: FigureKind | None = None,
) -> str:
    """Write a figure: 66个, 6/34项, 42.9%, 同比增长41.3%; “—” where there is none."""
    kind = kind or definition.kind
    if numerator is None:
        return NOTHING_TO_DIVIDE_BY
    if kind is FigureKind.GROWTH:
        return year_on_year(numerator, denominator)
    if kind in (FigureKind.SHARE, FigureKind.MEAN):
        return percent(numerator, denominator or 0)
    if kind is FigureKind.DELTA:
        return _against_last_week(Fraction(numerator) - Fraction(denominator or 0), definition)
    written = plain_number(Decimal(exact(numerator)))
    if kind is FigureKind.OF:
        return f"{written}/{plain_number(Decimal(exact(denominator or 0)))}{definition.unit.label}"
    return written + definition.unit.label


def _against_last_week(change: Fraction, definition: Definition) -> str:
    if not change:
        return "较上周持平"
    written = plain_number(Decimal(exact(abs(change))))
    return f"较上周{'增加' if change > 0 else '减少'}{written}{definition.unit.label}"


def mean_share(pairs: list[tuple[Number, Number]]) -> Fraction | None:
    """Return the mean of unrounded rates; None when no pair has a denominator."""
    rates = [Fraction(done) / Fraction(total) for done, total in pairs if total]
    return sum(rates, Fraction(0)) / len(rates) if rates else None


def ageing_from(band: Ageing, as_of: date) -> date:
    """Return the earliest due date that still falls into a band (not for the last band)."""
    return as_of - timedelta(days=dict(AGEING_LIMITS)[band])


def year_before(day: date) -> date:
    """Return the same day a year earlier; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def check_period(
    metric: EnteredMetric, start: date, end: date, value: Decimal, *, today: date
) -> None:
    """Refuse an entered figure that cannot be. DomainError says what to correct."""
    if start > end:
        raise DomainError("统计期间的起始日晚于截止日，请更正。")
    if end > today:
        raise DomainError("统计期间的截止日还没有到，请填写已经过去的期间。")
    if value < 0:
        raise DomainError("数字不能小于0，请更正。")
    if value != value.to_integral_value():
        raise DomainError(f"“{metric.label}”应是整数，请更正。")
