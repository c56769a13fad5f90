"""From a figure to its rows: what a reader is shown of each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from tracker.dispatches.models import Dispatch
from tracker.feedback.models import Feedback, Issue
from tracker.handover.models import Advice, ClueCount
from tracker.kernel.formats import Number
from tracker.kernel.labels import LabelledEnum
from tracker.letters.models import (
    Accountability,
    Interview,
    Letter,
    SpotCheck,
    SpotCheckItem,
    SupervisionVisit,
)
from tracker.organizations.history import name_on, region_on
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person
from tracker.rectification.models import Task
from tracker.rounds.models import Batch, Inspection, Round
from tracker.statistics.queries.query import Rows
from tracker.statistics.rules import exact

LONGEST_LIST = 2000


class RowKind(LabelledEnum):
    """What one row behind a figure is."""

    ROUND = "round", "轮次"
    BATCH = "batch", "批次"
    UNIT = "unit", "单位"
    CLUE_COUNT = "clue_count", "线索数"
    TASK = "task", "整改任务"
    ISSUE = "issue", "问题"
    ADVICE = "advice", "意见建议"
    VISIT = "visit", "督查记录"
    LETTER = "letter", "函件"
    INTERVIEW = "interview", "约谈"
    ACCOUNTABILITY = "accountability", "问责"
    DISPATCH = "dispatch", "报送"
    SPOT_CHECK = "spot_check", "整改抽查复核"


@dataclass(frozen=True)
class Listing:
    """Rows behind one side of a figure: headings, cells, and each row's id and weight."""

    kind: RowKind
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Number, tuple[Any, ...]], ...]
    is_cut: bool = False

    @property
    def total(self) -> Number:
        """Return what the rows weigh together."""
        return exact(sum((Fraction(amount) for _id, amount, _cells in self.rows), Fraction()))

    def weighed(self, weigh: Callable[[int], Number]) -> "Listing":
        """Return the same rows with their weights in the figure's own unit."""
        rows = tuple((row, exact(weigh(int(amount))), cells) for row, amount, cells in self.rows)
        return replace(self, rows=rows)


@dataclass(frozen=True)
class _Shape:
    columns: tuple[str, ...]
    select: Callable[[date], Rows]
    """The rows as they were on a day: a unit under its name of then."""
    key: Any
    order: tuple[Any, ...]


SHAPES = {
    RowKind.ROUND: _Shape(
        ("轮次编号", "轮次"), lambda _day: select(Round.code, Round.name), Round.id, (Round.seq,)
    ),
    RowKind.BATCH: _Shape(
        ("轮次", "批次"),
        lambda _day: select(Round.name, Batch.name).join(Round, Round.id == Batch.round_id),
        Batch.id,
        (Round.seq, Batch.seq),
    ),
    RowKind.UNIT: _Shape(
        ("单位", "类别", "所在地区"),
        lambda day: (
            select(name_on(Unit, day), Unit.category, Region.short_name)
            .select_from(Unit)
            .join(Region, Region.id == region_on(Unit, day))
        ),
        Unit.id,
        (Unit.category, Region.sort_no, Region.id, Unit.sort_no, Unit.id),
    ),
    RowKind.CLUE_COUNT: _Shape(
        ("日期", "单位", "依据"),
        lambda _day: (
            select(ClueCount.occurred_on, Unit.name, ClueCount.source_document)
            .outerjoin(Inspection, Inspection.id == ClueCount.inspection_id)
            .outerjoin(Unit, Unit.id == Inspection.unit_id)
        ),
        ClueCount.id,
        (ClueCount.occurred_on, ClueCount.id),
    ),
    RowKind.TASK: _Shape(
        ("任务编号", "单位", "反馈来源", "整改目标"),
        lambda _day: (
            select(Task.task_no, Unit.name, Feedback.source, Task.goal)
            .join(Unit, Unit.id == Task.lead_unit_id)
            .join(Feedback, Feedback.id == Task.feedback_id)
        ),
        Task.id,
        (Task.task_no, Task.id),
    ),
    RowKind.ISSUE: _Shape(
        ("问题编号", "性质", "问题"),
        lambda _day: select(Issue.issue_no, Issue.nature, Issue.text),
        Issue.id,
        (Issue.issue_no, Issue.id),
    ),
    RowKind.ADVICE: _Shape(
        ("提出日期", "接受部门", "意见建议"),
        lambda _day: select(Advice.issued_on, Advice.addressee, Advice.text),
        Advice.id,
        (Advice.issued_on, Advice.id),
    ),
    RowKind.VISIT: _Shape(
        ("督查日期", "带队领导"),
        lambda _day: select(SupervisionVisit.visited_on, Person.name).join(
            Person, Person.id == SupervisionVisit.leader_id
        ),
        SupervisionVisit.id,
        (SupervisionVisit.visited_on, SupervisionVisit.id),
    ),
    RowKind.LETTER: _Shape(
        ("签发日期", "种类", "机关代字", "号", "单位"),
        lambda _day: select(
            Letter.signed_on, Letter.kind_label, Letter.organ_code, Letter.number, Unit.name
        ).join(Unit, Unit.id == Letter.unit_id),
        Letter.id,
        (Letter.signed_on, Letter.id),
    ),
    RowKind.INTERVIEW: _Shape(
        ("约谈日期", "被约谈人", "职务", "单位"),
        lambda _day: (
            select(Interview.held_on, Person.name, Interview.post_title, Unit.name)
            .join(Person, Person.id == Interview.person_id)
            .join(Unit, Unit.id == Interview.unit_id)
        ),
        Interview.id,
        (Interview.held_on, Interview.id),
    ),
    RowKind.DISPATCH: _Shape(
        ("报送日期", "报送内容", "报送对象", "文号"),
        lambda _day: select(
            Dispatch.sent_on, Dispatch.subject, Dispatch.addressee, Dispatch.doc_no
        ),
        Dispatch.id,
        (Dispatch.sent_on, Dispatch.id),
    ),
    RowKind.SPOT_CHECK: _Shape(
        ("核查日期", "任务编号", "单位", "结果"),
        lambda _day: (
            select(SpotCheckItem.checked_on, Task.task_no, Unit.name, SpotCheckItem.outcome)
            .join(SpotCheck, SpotCheck.id == SpotCheckItem.spot_check_id)
            .join(Task, Task.id == SpotCheckItem.task_id)
            .join(Unit, Unit.id == Task.lead_unit_id)
        ),
        SpotCheckItem.id,
        (SpotCheckItem.checked_on, SpotCheckItem.id),
    ),
    RowKind.ACCOUNTABILITY: _Shape(
        ("决定日期", "问责对象", "方式", "单位"),
        lambda _day: (
            select(
                Accountability.decided_on,
                func.coalesce(Accountability.organ_name, Person.name),
                Accountability.form_label,
                Unit.name,
            )
            .outerjoin(Person, Person.id == Accountability.person_id)
            .join(Unit, Unit.id == Accountability.unit_id)
        ),
        Accountability.id,
        (Accountability.decided_on, Accountability.id),
    ),
}


def listing(
    session: Session,
    kind: RowKind,
    rows: Rows,
    part: str | None,
    *,
    as_of: date,
    is_whole: bool = False,
) -> Listing:
    """Return the rows of a selection, of one part if asked; LONGEST_LIST of them unless `is_whole`."""
    chosen = rows.subquery()
    shape = SHAPES[kind]
    query = (
        shape.select(as_of)
        .add_columns(chosen.c.id, chosen.c.amount)
        .join(chosen, chosen.c.id == shape.key)
        .order_by(*shape.order)
    )
    if not is_whole:
        query = query.limit(LONGEST_LIST + 1)
    if part is not None:
        query = query.where(chosen.c.part == part)
    found = session.execute(query).all()
    shown = found if is_whole else found[:LONGEST_LIST]
    return Listing(kind, shape.columns, _cells(shown), len(shown) < len(found))


def named(kind: RowKind, ids: Collection[int]) -> Rows:
    """Return a selection of rows by their ids; the first LONGEST_LIST of them."""
    key = SHAPES[kind].key
    wanted = key.in_(sorted(ids)[:LONGEST_LIST])
    return select(key.label("id"), literal(1).label("amount"), literal(None).label("part")).where(
        wanted
    )


def _cells(found: Sequence[Any]) -> tuple[tuple[int, int, tuple[Any, ...]], ...]:
    return tuple((row[-2], row[-1], tuple(_shown(cell) for cell in row[:-2])) for row in found)


def _shown(cell: Any) -> str:
    if isinstance(cell, LabelledEnum):
        return cell.label
    return "—" if cell is None else str(cell)
