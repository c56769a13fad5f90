"""How well tasks are done: in time, at once, by unit, week on week; extended, returned, reopened."""

from tracker.kernel.permissions import Permission
from tracker.statistics.bands import UnitBand
from tracker.statistics.queries import quality, results, tasks, weeks
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.queries.quality import Tallied
from tracker.statistics.readers import Counted
from tracker.statistics.readers_of_tasks import Banded, LongestOverdue, WeekOnWeek
from tracker.statistics.registry.metric import Definition, G, K, Metric, U

ISSUED = "已下发（未撤销、未终止）"
OWN = Permission.FIGURE_READ
"""Figures that a unit reads of itself; what is said of its handling stays with the offices."""


def _share(
    code: str,
    name: str,
    wording: str,
    above: str,
    below: str,
    *,
    permission: Permission = Permission.STATISTICS_READ,
) -> Metric:
    return Metric(
        Definition(
            code=code,
            name=name,
            group=G.QUALITY,
            wording=wording,
            unit=U.TASK,
            kind=K.SHARE,
            is_per_round=True,
            permission=permission,
        ),
        Counted(numerator=Tallied(above), denominator=Tallied(below), rows=RowKind.TASK),
    )


def _times(code: str, name: str, wording: str) -> Metric:
    return Metric(
        Definition(
            code=code, name=name, group=G.QUALITY, wording=wording, unit=U.TIME, is_per_round=True
        ),
        Counted(numerator=Tallied(code), rows=RowKind.TASK),
    )


QUALITY = (
    _share(
        "on_time_rate",
        "任务按期完成率（C口径）",
        f"{ISSUED}、原定时限不晚于数据截至日的任务中，截至当日已销号且单位申报的完成日期不晚于原定时限的"
        "任务数÷全部任务数；按当日已确定的原定时限，延期、更正不改变；重新整改的不算销号。",
        "in_time",
        "fell_due",
        permission=OWN,
    ),
    _share(
        "immediate_rate",
        "立行立改完成率",
        f"{ISSUED}的立行立改任务中，截至当日已销号的任务数÷全部任务数。",
        "immediate_closed",
        "immediate",
        permission=OWN,
    ),
    Metric(
        Definition(
            code="unit_tasks",
            name="各单位整改任务完成情况",
            group=G.QUALITY,
            wording=f"{ISSUED}的任务中，截至当日已销号的项数/全部项数，按牵头单位分列、以党政序列为序，不排名。",
            unit=U.TASK,
            kind=K.OF,
            is_per_round=True,
            permission=OWN,
        ),
        Counted(
            numerator=Tallied("closed"),
            denominator=Tallied("issued"),
            rows=RowKind.TASK,
            words=results.unit_words,
        ),
    ),
    Metric(
        Definition(
            code="units_banded",
            name="单位任务完成分档",
            group=G.QUALITY,
            wording=(
                f"有{ISSUED}任务的牵头单位数，按截至当日已销号任务占比分档：全部完成、80%以上未全部完成、"
                "不足80%；按任务数精确比较，不按取整后的比率；没有任务的单位不列入任何一档。"
            ),
            unit=U.OBJECT,
            is_per_round=True,
        ),
        Banded(
            numerator=quality.units_banded,
            closed=Tallied("closed"),
            issued=Tallied("issued"),
            rows=RowKind.UNIT,
            labels=UnitBand,
        ),
    ),
    Metric(
        Definition(
            code="overdue_week",
            name="逾期任务较上周",
            group=G.QUALITY,
            wording=(
                "数据截至日的逾期任务与此前最近一个星期日（数据截至日为星期日的，为前一个星期日）的逾期任务相比；"
                "上周＋新增－消除＝本周；逾期的口径与“逾期任务”相同。"
            ),
            unit=U.TASK,
            kind=K.DELTA,
            is_per_round=True,
            permission=OWN,
        ),
        WeekOnWeek(
            numerator=tasks.tasks_overdue,
            denominator=weeks.overdue_last_week,
            new=weeks.overdue_newly,
            cleared=weeks.overdue_cleared,
            rows=RowKind.TASK,
        ),
    ),
    Metric(
        Definition(
            code="overdue_longest",
            name="最长逾期天数",
            group=G.QUALITY,
            wording="逾期任务中，数据截至日与当日时限相差最多的自然日天数；没有逾期任务的为0天。",
            unit=U.DAY,
            rows_in=U.TASK,
            is_per_round=True,
            permission=OWN,
        ),
        LongestOverdue(
            numerator=weeks.overdue_longest, by_due=weeks.overdue_by_due, rows=RowKind.TASK
        ),
    ),
    _share(
        "extension_share",
        "延期任务占比",
        f"{ISSUED}的任务中，截至当日批准过延期的任务数÷全部任务数；更正时限不是延期。",
        "extended",
        "issued",
    ),
    _times(
        "times_extended",
        "批准延期次数",
        f"{ISSUED}的任务截至当日批准延期的次数之和，更正时限不计入。",
    ),
    _share(
        "return_share",
        "退回任务占比",
        f"{ISSUED}、截至当日报请过巡察办审核销号的任务中，被巡察办退回过的任务数÷全部任务数；同一任务只计一次。",
        "returned",
        "handed_in",
    ),
    _times("times_returned", "审核退回次数", f"{ISSUED}的任务截至当日被巡察办审核退回的次数之和。"),
    _share(
        "reopen_share",
        "重新整改任务占比",
        f"{ISSUED}、截至当日销号过的任务中，销号后又重新整改过的任务数÷全部任务数；同一任务只计一次。",
        "reopened",
        "ever_closed",
    ),
    _times("times_reopened", "重新整改次数", f"{ISSUED}的任务截至当日销号后重新整改的次数之和。"),
    Metric(
        Definition(
            code="spot_checks_failed",
            name="整改抽查复核不通过",
            group=G.QUALITY,
            wording="核查日不晚于数据截至日的抽查复核中，不通过的项数/抽查的项数；同一任务两次抽中计两项。仅供巡察办使用。",
            unit=U.TASK,
            kind=K.OF,
            is_per_round=True,
            permission=Permission.SPOT_CHECK_READ,
        ),
        Counted(
            numerator=results.spot_checks_failed,
            denominator=results.spot_checked,
            rows=RowKind.SPOT_CHECK,
        ),
    ),
)
