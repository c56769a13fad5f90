"""Feedback from above: its tasks, and what was handed over with it."""

from tracker.feedback.rules import FeedbackSource
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.permissions import Permission
from tracker.statistics.filters import FROM_ABOVE, Filter
from tracker.statistics.queries import clues, tasks
from tracker.statistics.queries.drill import RowKind
from tracker.statistics.readers import Counted
from tracker.statistics.registry.metric import Definition, G, K, Metric, U


def _from_above(code: str, name: str, measure: ClueMeasure, kind: ClueKind) -> Metric:
    done = "接收" if measure is ClueMeasure.RECEIVED else "办结"
    return Metric(
        Definition(
            code=code,
            name=name,
            group=G.ABOVE,
            wording=f"上级巡视等反馈（不属于本级轮次）移交、{done}日不晚于数据截至日的{kind.label}之和，按反馈来源分列。",
            unit=U.PIECE,
            takes=frozenset({Filter.SOURCE}),
            spans_by=f"{done}日",
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
            takes=FROM_ABOVE,
            permission=Permission.FIGURE_READ,
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
