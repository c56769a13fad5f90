"""Rounds, inspected units, coverage."""

from tracker.organizations.rules import UnitCategory
from tracker.statistics.queries import progress
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted, CountiesCoverage
from tracker.statistics.registry.metric import CITY, Definition, G, K, Metric, U

PROGRESS = (
    Metric(
        Definition(
            code="rounds_done",
            name="已开展巡察轮次",
            group=G.PROGRESS,
            wording="本届由本级组织、至少一个对象已结束进驻的轮次；上级巡视巡察不计入。",
            unit=U.ROUND,
        ),
        Counted(numerator=progress.rounds_done, rows=RowKind.ROUND),
    ),
    Metric(
        Definition(
            code="batches_done",
            name="已开展巡察批次",
            group=G.PROGRESS,
            wording="本届由本级组织、至少一个对象已结束进驻的批次。",
            unit=U.BATCH,
            is_per_round=True,
        ),
        Counted(numerator=progress.batches_done, rows=RowKind.BATCH),
    ),
    Metric(
        Definition(
            code="units_inspected",
            name="已巡察对象",
            group=G.PROGRESS,
            wording="由本级巡察、已结束进驻的单位数；同一单位在一届内只计一次，“回头看”不重复计。",
            unit=U.OBJECT,
            is_per_round=True,
        ),
        Counted(numerator=progress.units_inspected, rows=RowKind.UNIT, labels=UnitCategory),
    ),
    Metric(
        Definition(
            code="coverage_rate",
            name="巡察覆盖率",
            group=G.PROGRESS,
            wording=(
                "本届全覆盖任务中已接受计入覆盖的巡察且已结束进驻的单位数÷本届全覆盖任务单位数；"
                "已合并的单位按承接单位计一次；四舍五入保留一位小数。"
            ),
            unit=U.OBJECT,
            kind=K.SHARE,
        ),
        Counted(
            numerator=progress.units_covered,
            denominator=progress.units_owed,
            rows=RowKind.UNIT,
            labels=UnitCategory,
        ),
    ),
    Metric(
        Definition(
            code="county_coverage_pooled",
            name="县级巡察覆盖率（合并计算）",
            group=G.PROGRESS,
            wording="各县（市、区）填报的已巡察对象数之和÷全覆盖任务对象数之和；未报的县区不计入。",
            unit=U.OBJECT,
            kind=K.SHARE,
            levels=CITY,
        ),
        CountiesCoverage(is_mean=False),
    ),
    Metric(
        Definition(
            code="county_coverage_mean",
            name="县级巡察平均覆盖率",
            group=G.PROGRESS,
            wording="各县（市、区）覆盖率（未取整）的算术平均；未报的县区不计入。",
            unit=U.OBJECT,
            kind=K.MEAN,
            levels=CITY,
        ),
        CountiesCoverage(is_mean=True),
    ),
)
