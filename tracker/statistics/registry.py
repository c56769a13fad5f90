"""The registry of figures: each metric once, with its 口径. A new figure is one entry here."""

from dataclasses import dataclass

from tracker.feedback.rules import FeedbackSource, IssueNature
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.errors import NotVisibleError
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.statistics.queries import clues, progress, tasks
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import (
    Composite,
    Counted,
    Counties,
    CountiesCoverage,
    Reader,
    YearOnYear,
)
from tracker.statistics.rules import (
    Ageing,
    CountingUnit,
    Definition,
    EnteredMetric,
    FigureGroup,
    FigureKind,
)

CITY = frozenset({RegionLevel.CITY})
U, G, K = CountingUnit, FigureGroup, FigureKind


@dataclass(frozen=True)
class Metric:
    """A definition and the way its numbers are read."""

    definition: Definition
    reader: Reader


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


def _clue_family(
    measure: ClueMeasure, metric: EnteredMetric, name: str, unit: CountingUnit
) -> tuple[Metric, ...]:
    """Return a clue figure three times: counted, the counties' entries, and both as a sum."""
    own = Counted(numerator=clues.own_clues(measure), rows=RowKind.CLUE_COUNT)
    others = Counties(metric)
    return (
        Metric(
            Definition(
                code=metric.value,
                name=name,
                group=G.CLUES,
                wording=f"本级巡察产生、发生日不晚于数据截至日的“{measure.label}”之和；移交、接收的线索不计入。",
                unit=unit,
                is_per_round=True,
            ),
            own,
        ),
        Metric(
            Definition(
                code=f"county_{metric.value}",
                name=f"县级{name}",
                group=G.CLUES,
                wording="各县（市、区）最近一期填报数之和，不由本系统记录统计；未报的县区不计入。",
                unit=unit,
                levels=CITY,
            ),
            others,
        ),
        Metric(
            Definition(
                code=f"all_{metric.value}",
                name=f"市县{name}",
                group=G.CLUES,
                wording="本级统计数与县区填报数之和，两部分分别列出。",
                unit=unit,
                levels=CITY,
            ),
            Composite(own, others),
        ),
    )


CLUES = (
    *_clue_family(ClueMeasure.FOUND, EnteredMetric.CLUES_FOUND, "巡察发现问题线索", U.PIECE),
    *_clue_family(ClueMeasure.CASES, EnteredMetric.CASES_FILED, "巡察线索立案", U.PIECE),
    *_clue_family(
        ClueMeasure.PERSONS_PUNISHED,
        EnteredMetric.PERSONS_PUNISHED,
        "巡察线索给予党纪政务处分",
        U.PERSON,
    ),
    Metric(
        Definition(
            code="clues_transferred",
            name="巡察移交问题线索",
            group=G.CLUES,
            wording="本级巡察移出、移出日不晚于数据截至日的问题线索之和；与发现数、接收数分开统计。",
            unit=U.PIECE,
            is_per_round=True,
        ),
        Counted(numerator=clues.own_clues(ClueMeasure.TRANSFERRED), rows=RowKind.CLUE_COUNT),
    ),
)


def _from_above(code: str, name: str, measure: ClueMeasure, kind: ClueKind) -> Metric:
    done = "接收" if measure is ClueMeasure.RECEIVED else "办结"
    return Metric(
        Definition(
            code=code,
            name=name,
            group=G.ABOVE,
            wording=f"上级巡视等反馈（不属于本级轮次）移交、{done}日不晚于数据截至日的{kind.label}之和，按反馈来源分列。",
            unit=U.PIECE,
        ),
        Counted(
            numerator=clues.clues_from_above(measure, kind),
            rows=RowKind.CLUE_COUNT,
            labels=FeedbackSource,
        ),
    )


ABOVE = (
    Metric(
        Definition(
            code="source_tasks",
            name="上级反馈整改任务完成情况",
            group=G.ABOVE,
            wording="上级巡视等反馈（不属于本级轮次）的整改任务中，截至当日已销号的项数/全部项数；已撤销、终止的不计入。",
            unit=U.TASK,
            kind=K.OF,
        ),
        Counted(
            numerator=tasks.source_tasks_closed,
            denominator=tasks.source_tasks,
            rows=RowKind.TASK,
            labels=FeedbackSource,
        ),
    ),
    _from_above("source_clues_received", "接收移交问题线索", ClueMeasure.RECEIVED, ClueKind.CLUE),
    _from_above("source_clues_settled", "办结移交问题线索", ClueMeasure.SETTLED, ClueKind.CLUE),
    _from_above(
        "source_petitions_received", "接收信访事项", ClueMeasure.RECEIVED, ClueKind.PETITION
    ),
    _from_above("source_petitions_settled", "办结信访事项", ClueMeasure.SETTLED, ClueKind.PETITION),
)

RECTIFICATION = (
    Metric(
        Definition(
            code="issues_fed_back",
            name="巡察反馈问题",
            group=G.RECTIFICATION,
            wording="本级各轮次反馈日不晚于数据截至日的问题数，共性问题一条只计一次；上级反馈另计。",
            unit=U.ITEM,
            is_per_round=True,
        ),
        Counted(numerator=tasks.issues_fed_back, rows=RowKind.ISSUE, labels=IssueNature),
    ),
    Metric(
        Definition(
            code="closure_rate",
            name="问题整改率（A口径）",
            group=G.RECTIFICATION,
            wording=(
                "全部整改任务均已销号的问题数÷已反馈问题数；任务全部撤销或终止的问题不计入分母；"
                "小于全部时不显示为100%，大于零时不显示为0%。"
            ),
            unit=U.ITEM,
            kind=K.SHARE,
            is_per_round=True,
        ),
        Counted(
            numerator=tasks.issues_closed,
            denominator=tasks.issues_counted,
            rows=RowKind.ISSUE,
            labels=IssueNature,
        ),
    ),
    Metric(
        Definition(
            code="tasks_overdue",
            name="逾期任务",
            group=G.RECTIFICATION,
            wording=(
                "截至当日由单位办理、有时限且时限早于当日的在办任务，按自然日计算逾期天数；"
                "待巡察办审核的、长期整改的不计入。"
            ),
            unit=U.TASK,
            is_per_round=True,
        ),
        Counted(numerator=tasks.tasks_overdue, rows=RowKind.TASK, labels=Ageing),
    ),
    Metric(
        Definition(
            code="overdue_share",
            name="逾期任务占在办任务",
            group=G.RECTIFICATION,
            wording="逾期任务数÷已下发且未销号、未撤销、未终止的任务数。",
            unit=U.TASK,
            kind=K.SHARE,
            is_per_round=True,
        ),
        Counted(
            numerator=tasks.tasks_overdue,
            denominator=tasks.tasks_under_way,
            rows=RowKind.TASK,
        ),
    ),
    Metric(
        Definition(
            code="advice_issued",
            name="向有关部门提出意见建议",
            group=G.RECTIFICATION,
            wording="本级巡察提出、提出日不晚于数据截至日的意见建议。",
            unit=U.ITEM,
            is_per_round=True,
        ),
        Counted(numerator=clues.advice_issued, rows=RowKind.ADVICE),
    ),
)


def _year(metric: EnteredMetric, name: str, unit: CountingUnit) -> Metric:
    return Metric(
        Definition(
            code=metric.value,
            name=name,
            group=G.YEAR_ON_YEAR,
            wording="（本期填报数－上年同期填报数）÷上年同期填报数，期间起止日相同；无上年数时为“无同期可比数”。",
            unit=unit,
            kind=K.GROWTH,
        ),
        YearOnYear(metric),
    )


YEARS = (
    _year(EnteredMetric.YEAR_CLUES, "处置问题线索", U.PIECE),
    _year(EnteredMetric.YEAR_FILED, "立案", U.PIECE),
    _year(EnteredMetric.YEAR_CLOSED, "结案", U.PIECE),
    _year(EnteredMetric.YEAR_PUNISHED, "给予党纪政务处分", U.PERSON),
)

METRICS: dict[str, Metric] = {
    metric.definition.code: metric for metric in (*PROGRESS, *CLUES, *ABOVE, *RECTIFICATION, *YEARS)
}


def metric_named(code: str) -> Metric:
    """Return a metric; an unknown code is answered like a page that does not exist."""
    if code not in METRICS:
        raise NotVisibleError
    return METRICS[code]
