"""What was written down after an instant about days up to another: why a figure changed since."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.formats import chinese_date
from tracker.organizations.models import UnitChange
from tracker.rectification.models import DueChange, Review, Task, TaskTransition
from tracker.rounds.models import CoverageTarget
from tracker.statistics.queries import inspected
from tracker.statistics.queries.drill import SHAPES, RowKind

Said = Iterator[tuple[int, str]]


def said_later(
    session: Session, kind: RowKind, ids: Collection[int], *, as_of: date, after: datetime
) -> dict[int, list[str]]:
    """Return, by row, sentences about what was recorded after an instant and counts by a day."""
    reasons: dict[int, list[str]] = defaultdict(list)
    if not ids:
        return reasons
    for look in (*LATER.get(kind, ()), _row_itself):
        for row, sentence in look(session, kind, ids, as_of, after):
            reasons[row].append(sentence)
    return reasons


def _dated(recorded_at: datetime, what: str) -> str:
    return f"{chinese_date(local_date(recorded_at))}记入：{what}"


def _tasks_of(kind: RowKind, ids: Collection[int]) -> tuple[Any, ColumnElement[bool]]:
    """Return which id a fact of a task belongs to, and the condition on the task."""
    owner = Task.issue_id if kind is RowKind.ISSUE else Task.id
    return owner, owner.in_(ids)


def _transitions(
    session: Session, kind: RowKind, ids: Collection[int], as_of: date, after: datetime
) -> Said:
    owner, wanted = _tasks_of(kind, ids)
    fact = TaskTransition
    query = select(owner, fact.recorded_at, fact.occurred_on, fact.to_state).join(
        Task, Task.id == fact.task_id
    )
    for row, at, on, state in session.execute(_late(query, wanted, fact, as_of, after)):
        yield row, _dated(at, f"{chinese_date(on)}转为“{state.label}”")


def _dues(
    session: Session, kind: RowKind, ids: Collection[int], as_of: date, after: datetime
) -> Said:
    owner, wanted = _tasks_of(kind, ids)
    fact = DueChange
    query = select(owner, fact.recorded_at, fact.occurred_on, fact.new_due).join(
        Task, Task.id == fact.task_id
    )
    for row, at, on, due in session.execute(_late(query, wanted, fact, as_of, after)):
        until = "无时限" if due is None else f"时限改为{chinese_date(due)}"
        yield row, _dated(at, f"{chinese_date(on)}{until}")


def _late(
    query: Select[*tuple[Any, ...]],
    wanted: ColumnElement[bool],
    fact: Any,
    as_of: date,
    after: datetime,
) -> Select[*tuple[Any, ...]]:
    return query.where(wanted, fact.occurred_on <= as_of, fact.recorded_at > after).order_by(
        fact.recorded_at, fact.id
    )


def _reviews(
    session: Session, kind: RowKind, ids: Collection[int], as_of: date, after: datetime
) -> Said:
    owner, wanted = _tasks_of(kind, ids)
    query = (
        select(owner, Review.recorded_at, Review.reviewed_on, Review.outcome)
        .join(Task, Task.id == Review.task_id)
        .where(wanted, Review.reviewed_on <= as_of, Review.recorded_at > after)
        .order_by(Review.recorded_at, Review.id)
    )
    for row, at, on, outcome in session.execute(query):
        yield row, _dated(at, f"{chinese_date(on)}{outcome.label}")


def _visits(
    session: Session, _kind: RowKind, ids: Collection[int], _as_of: date, after: datetime
) -> Said:
    """What was entered or changed about a unit's targets and its own name or heirs."""
    for model, what in (
        (CoverageTarget, "全覆盖任务"),
        (UnitChange, "机构变动"),
    ):
        query = select(model.unit_id, model.created_at, model.updated_at).where(
            model.unit_id.in_(ids), or_(model.created_at > after, model.updated_at > after)
        )
        for row, born_at, touched_at in session.execute(query):
            verb, at = ("登记", born_at) if born_at > after else ("修改", touched_at or born_at)
            yield row, _dated(at, f"{verb}{what}")


def _inspections(
    session: Session, kind: RowKind, ids: Collection[int], as_of: date, after: datetime
) -> Said:
    return inspected.of_rows(session, kind.value, ids, as_of=as_of, after=after)


def _row_itself(
    session: Session, kind: RowKind, ids: Collection[int], _as_of: date, after: datetime
) -> Said:
    """When the row itself was entered or changed."""
    model = SHAPES[kind].key.class_
    if not hasattr(model, "created_at"):
        return
    query = select(model.id, model.created_at, model.updated_at).where(
        model.id.in_(ids), or_(model.created_at > after, model.updated_at > after)
    )
    for row, born_at, touched_at in session.execute(query):
        verb, at = ("登记", born_at) if born_at > after else ("修改", touched_at or born_at)
        yield row, _dated(at, f"{verb}{kind.label}")


Look = Callable[[Session, RowKind, Collection[int], date, datetime], Said]
LATER: dict[RowKind, tuple[Look, ...]] = {
    RowKind.TASK: (_transitions, _dues, _reviews),
    RowKind.ISSUE: (_transitions, _dues, _reviews),
    RowKind.UNIT: (_inspections, _visits),
    RowKind.ROUND: (_inspections,),
    RowKind.BATCH: (_inspections,),
}
