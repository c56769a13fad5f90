"""Coverage: the region's own, and its counties' as a mean and pooled, counted or entered."""

from tracker.organizations.rules import UnitCategory
from tracker.statistics.filters import OF_COVERAGE, Filter
from tracker.statistics.queries import coverage
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted, CountedCounties, CountiesCoverage, Reader
from tracker.statistics.registry.metric import CITY, Definition, G, K, Metric, U
from tracker.statistics.rules import FigureKind

COVERED = "全覆盖任务中，至少接受过一次计入覆盖、当日已结束进驻的本届巡察的单位（个）"
OWED = "当日计入本级全覆盖任务的单位（个）"
COUNTED_COUNTIES = "在本系统登记了本届全覆盖任务的县（市、区）"
ENTERED_COUNTIES = "已填报的县（市、区）"


def _counties(
    code: str, name: str, wording: str, who: str, reader: Reader, kind: FigureKind
) -> Metric:
    is_mean = kind is K.MEAN
    is_counted = isinstance(reader, CountedCounties)
    return Metric(
        Definition(
            code=code,
            name=name,
            group=G.PROGRESS,
            wording=wording,
            unit=U.OBJECT,
            kind=kind,
            levels=CITY,
            takes=frozenset({Filter.CATEGORY, Filter.LEVEL}) if is_counted else frozenset(),
            numerator=f"{who}的覆盖率之和（未取整）" if is_mean else f"{who}已巡察单位之和（个）",
            denominator=f"{who}的个数" if is_mean else f"{who}全覆盖任务单位之和（个）",
        ),
        reader,
    )


COVERAGE = (
    Metric(
        Definition(
            code="coverage_rate",
            name="巡察覆盖率",
            group=G.PROGRESS,
            wording=(
                "本届全覆盖任务中已接受计入覆盖的巡察且已结束进驻的单位数÷本届全覆盖任务单位数；"
                "由谁巡察不论，计入谁的覆盖率以全覆盖任务名单为准；同一单位只计一次；"
                "已合并的单位自合并之日起按承接单位计一次，已撤销的自撤销之日起不计；"
                "四舍五入保留一位小数。"
            ),
            unit=U.OBJECT,
            takes=OF_COVERAGE,
            kind=K.SHARE,
            numerator=COVERED,
            denominator=OWED,
        ),
        Counted(
            numerator=coverage.units_covered,
            denominator=coverage.units_owed,
            rows=RowKind.UNIT,
            labels=UnitCategory,
        ),
    ),
    Metric(
        Definition(
            code="units_uncovered",
            name="尚未巡察的全覆盖对象",
            group=G.PROGRESS,
            wording="本届全覆盖任务中，截至当日还没有接受过计入覆盖的巡察的单位数；与覆盖率的分子相加等于分母。",
            unit=U.OBJECT,
            takes=OF_COVERAGE,
            numerator=f"{OWED}减去已覆盖的单位",
        ),
        Counted(numerator=coverage.units_uncovered, rows=RowKind.UNIT, labels=UnitCategory),
    ),
    _counties(
        "county_coverage_pooled",
        "县级巡察覆盖率（合并计算）",
        "各县（市、区）填报的已巡察对象数之和÷全覆盖任务对象数之和；未报的县区不计入。",
        ENTERED_COUNTIES,
        CountiesCoverage(is_mean=False),
        K.SHARE,
    ),
    _counties(
        "county_coverage_mean",
        "县级巡察平均覆盖率",
        "各县（市、区）覆盖率（未取整）的算术平均；未报的县区不计入。",
        ENTERED_COUNTIES,
        CountiesCoverage(is_mean=True),
        K.MEAN,
    ),
    _counties(
        "county_coverage_pooled_counted",
        "县级巡察覆盖率（合并计算，按记录）",
        "各县（市、区）在本系统登记的本届全覆盖任务中，已巡察单位数之和÷任务单位数之和；没有登记的县区不计入。",
        COUNTED_COUNTIES,
        CountedCounties(is_mean=False),
        K.SHARE,
    ),
    _counties(
        "county_coverage_mean_counted",
        "县级巡察平均覆盖率（按记录）",
        "各县（市、区）按本系统记录的覆盖率（未取整）的算术平均，不论单位多少；没有登记的县区不计入。",
        COUNTED_COUNTIES,
        CountedCounties(is_mean=True),
        K.MEAN,
    ),
)
