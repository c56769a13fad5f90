"""Workbooks that a 迎检包 makes: a submitted plan, and what was done and said about each task."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tracker.kernel.clock import local
from tracker.rectification.models import PlanSubmission, Review, Task, TaskTransition
from tracker.rectification.rules.plan_text import ITEM, read_canonical
from tracker.rectification.rules.transitions import Verb
from tracker.spreadsheets.writer import Column, ColumnKind, Table, write_workbook

NARROW, USUAL, WIDE = 12.0, 18.0, 40.0  # characters
LONG = frozenset({"issue", "goal", "measures"})
VERBS = {verb.value: verb.label for verb in Verb}
TASK_NO = Column("任务编号", USUAL)


def plan_workbook(kept: PlanSubmission) -> bytes:
    """Return a plan as it was submitted, one row a task."""
    plan = read_canonical(kept.content)
    columns = [Column(label, WIDE if name in LONG else USUAL) for name, label in ITEM.items()]
    table = Table(
        "整改方案",
        (TASK_NO, *columns),
        [[no, *(item.get(name, "") for name in ITEM)] for no, item in sorted(plan.items.items())],
        title=f"{plan.unit}整改方案",
        notes=(
            f"{plan.feedback}；第{kept.number}次提交，{local(kept.kept_at):%Y-%m-%d %H:%M}。",
            f"内容 SHA-256：{kept.sha256}",
        ),
        frozen_columns=1,
    )
    return write_workbook([table], created_at=local(kept.kept_at))


def trail_workbook(
    tasks: Sequence[Task],
    steps: Iterable[TaskTransition],
    reviews: Iterable[Review],
    *,
    made_at: datetime,
) -> bytes:
    """Return every step of the tasks, and on a second sheet what reviewers said."""
    numbers = {task.id: task.task_no for task in tasks}
    done, said = _steps_table(numbers, steps), _reviews_table(numbers, reviews)
    return write_workbook([done, said], created_at=local(made_at))


def _steps_table(numbers: Mapping[int, str], steps: Iterable[TaskTransition]) -> Table:
    return Table(
        "办理过程",
        (
            TASK_NO,
            Column("日期", NARROW, ColumnKind.DATE),
            Column("办理", USUAL),
            Column("办理前", USUAL),
            Column("办理后", USUAL),
            Column("办理人", USUAL),
            Column("代录单位", USUAL),
            Column("说明", WIDE),
            Column("登记时间", USUAL, ColumnKind.DATETIME),
        ),
        [
            [
                numbers[step.task_id],
                step.occurred_on,
                VERBS.get(step.verb, step.verb),
                step.from_state.label if step.from_state else None,
                step.to_state.label,
                step.actor,
                step.on_behalf_of,
                step.reason,
                local(step.recorded_at),
            ]
            for step in steps
        ],
        title="整改任务办理过程",
        frozen_columns=1,
    )


def _reviews_table(numbers: Mapping[int, str], reviews: Iterable[Review]) -> Table:
    return Table(
        "审核意见",
        (
            TASK_NO,
            Column("日期", NARROW, ColumnKind.DATE),
            Column("审核结果", USUAL),
            Column("审核人", USUAL),
            Column("意见", WIDE),
            Column("需补充", WIDE),
        ),
        [
            [
                numbers[review.task_id],
                review.reviewed_on,
                review.outcome.label,
                review.reviewer,
                review.reason,
                review.required_supplement,
            ]
            for review in reviews
        ],
        title="整改任务审核意见",
        frozen_columns=1,
    )
