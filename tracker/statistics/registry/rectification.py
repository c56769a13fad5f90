"""Issues fed back, closure, overdue tasks, advice, visits; and the comparison with last year."""

from tracker.feedback.rules import IssueNature
from tracker.kernel.permissions import Permission
from tracker.statistics.queries import clues, issues, oversight, tasks
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted, YearOnYear
from tracker.statistics.registry.metric import Definition, G, K, Metric, U
from tracker.statistics.rules import Ageing, CountingUnit, EnteredMetric

RECTIFICATION = (
    Metric(
        Definition(
            code="issues_fed_back",
            name="巡察反馈问题",
            group=G.RECTIFICATION,
            wording="本级各轮次反馈日不晚于数据截至日的问题数，共性问题一条只计一次；上级反馈另计。",
            unit=U.ITEM,
            is_per_round=True,
            spans_by="反馈日",
            permission=Permission.FIGURE_READ,
        ),
        Counted(numerator=issues.issues_fed_back, rows=RowKind.ISSUE, labels=IssueNature),
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
            spans_by="反馈日",
            permission=Permission.FIGURE_READ,
        ),
        Counted(
            numerator=issues.issues_closed,
            denominator=issues.issues_counted,
            rows=RowKind.ISSUE,
            labels=IssueNature,
        ),
    ),
    Metric(
        Definition(
            code="completion_rate",
            name="问题完成率（B口径）",
            group=G.RECTIFICATION,
            wording=(
                "全部整改任务均已销号，或截至当日经巡察办确认“基本完成”且未收回的问题数"
                "÷已反馈问题数；任务全部撤销或终止的问题不计入分母。"
            ),
            unit=U.ITEM,
            kind=K.SHARE,
            is_per_round=True,
            spans_by="反馈日",
            permission=Permission.FIGURE_READ,
        ),
        Counted(
            numerator=issues.issues_completed,
            denominator=issues.issues_counted,
            rows=RowKind.ISSUE,
            labels=IssueNature,
        ),
    ),
    Metric(
        Definition(
            code="tasks_closed",
            name="已销号任务",
            group=G.RECTIFICATION,
            wording="截至当日已销号的整改任务，含上级反馈的；销号后又重新整改的不计入，再次销号的按最后一次。",
            unit=U.TASK,
            is_per_round=True,
            spans_by="销号日",
            permission=Permission.FIGURE_READ,
        ),
        Counted(numerator=tasks.tasks_closed, rows=RowKind.TASK),
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
            permission=Permission.FIGURE_READ,
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
            permission=Permission.FIGURE_READ,
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
            spans_by="提出日",
        ),
        Counted(numerator=clues.advice_issued, rows=RowKind.ADVICE),
    ),
    Metric(
        Definition(
            code="advice_adopted",
            name="意见建议采纳情况",
            group=G.RECTIFICATION,
            wording="提出日不晚于数据截至日的意见建议中，截至当日已采纳、部分采纳的条数/全部条数；作废的不计入。",
            unit=U.ITEM,
            kind=K.OF,
            is_per_round=True,
            spans_by="提出日",
        ),
        Counted(
            numerator=clues.advice_adopted, denominator=clues.advice_issued, rows=RowKind.ADVICE
        ),
    ),
    Metric(
        Definition(
            code="visits_made",
            name="督查",
            group=G.RECTIFICATION,
            wording="本级领导带队、督查日期不晚于数据截至日的督查次数；一次督查多个单位的计一次。",
            unit=U.TIME,
            spans_by="督查日期",
        ),
        Counted(numerator=oversight.visits_made, rows=RowKind.VISIT),
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
