"""导出台账: the reader's tasks of a round in our template, which can be imported again unchanged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.audit.service import record
from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Actor
from tracker.kernel.progress import Progress, unwatched
from tracker.ledger.columns import COLUMNS, DEADLINES, Field
from tracker.ledger.copies import keep_copy, new_token
from tracker.ledger.row_keys import KEY_TITLE, RowKey
from tracker.ledger.rules import CopyKind
from tracker.ledger.task_cells import OWN_TITLES, TOLD, Line, Told, extra_of, lines_of, told_of
from tracker.ledger.template import ledger_columns
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round
from tracker.spreadsheets.workbook import CellValue
from tracker.spreadsheets.writer import Column, RowSpan, Table, write_workbook

BY_MEASURE = frozenset({Field.MEASURE, Field.DUE})
"""Columns that say something of each measure; all others are merged over a task's measures."""
MAX_EXTRAS = 30
DEADLINES_WIDTH = 48  # characters
KEY_COLUMN = Column(KEY_TITLE, 24, hidden=True)
OutRow = list[CellValue | Decimal]


@dataclass(frozen=True)
class Outgoing:
    """A ledger that goes out to come back: the file, and what each of its rows says."""

    content: bytes
    token: str
    rows: dict[RowKey, dict[str, str]]


def export_ledger(
    session: Session,
    tour: Round,
    *,
    actor: Actor,
    now: datetime,
    unit_id: int | None = None,
) -> bytes:
    """Return the .xlsx of the round's tasks this person may see, voided ones left out; of one unit
    alone where it is named."""
    tasks = _tasks(session, tour, actor=actor, unit_id=unit_id)
    return _written(session, tour, tasks, None, now=now)[0]


def export_for_update(
    session: Session, tour: Round, *, actor: Actor, now: datetime, tell: Progress = unwatched
) -> Outgoing:
    """Return the same ledger with a key in each row, so that a corrected one can update; the caller
    keeps what it says with `keep_outgoing`."""
    tasks, token = _tasks(session, tour, actor=actor, unit_id=None), new_token()
    content, keyed = _written(session, tour, tasks, token, now=now, tell=tell)
    return Outgoing(content, token, {key: line.texts for key, line in keyed})


def keep_outgoing(
    session: Session, tour: Round, outgoing: Outgoing, *, actor: Actor, now: datetime
) -> None:
    """Note that a ledger goes out, and keep what it says of each task."""
    keep_copy(session, tour, CopyKind.LEDGER, outgoing.token, outgoing.rows, actor=actor, now=now)
    record(session, "ledger_exported", actor=actor, now=now, object_type="round", object_id=tour.id)


def export_name(tour: Round, *, today: date) -> str:
    """Return what the file is called."""
    return f"{tour.name}整改台账{today.isoformat()}.xlsx"


def exportable_rounds(session: Session, *, actor: Actor) -> list[Round]:
    """Return the rounds that hold a task this person may see, the newest first."""
    seen = select(Task.round_id).where(visible_tasks(actor))
    query = select(Round).where(Round.id.in_(seen)).options(joinedload(Round.term))
    return list(session.scalars(query.order_by(Round.term_id.desc(), Round.seq.desc())))


def _tasks(session: Session, tour: Round, *, actor: Actor, unit_id: int | None) -> list[Task]:
    query = (
        select(Task)
        .join(Task.lead_unit)
        .join(Task.issue)
        .where(Task.round_id == tour.id, Task.state != TaskState.VOID, visible_tasks(actor))
        .options(*TOLD)
        .order_by(Unit.region_id != tour.region_id, Unit.sort_no, Unit.id, Issue.issue_no, Task.id)
    )
    if unit_id is not None:
        query = query.where(Task.lead_unit_id == unit_id)
    return list(session.scalars(query))


def _written(
    session: Session,
    tour: Round,
    tasks: Sequence[Task],
    token: str | None,
    *,
    now: datetime,
    tell: Progress = unwatched,
) -> tuple[bytes, list[tuple[RowKey, Line]]]:
    """Write the workbook; with a token, its rows have keys."""
    told = told_of(session, tasks, as_of=local_date(now))
    labels = _extra_labels(tasks)
    rows: list[OutRow] = []
    spans: list[RowSpan] = []
    keyed: list[tuple[RowKey, Line]] = []
    for serial, task in enumerate(tasks, start=1):
        tell("整理任务", serial, len(tasks))
        lines = list(lines_of(tour, task, told[task.id], serial))
        last = len(rows) + len(lines) - 1
        merged = [] if last == len(rows) else _merged(len(labels) + 1)
        spans += [RowSpan(column, len(rows), last) for column in merged]
        keys = [_key(token, line) for line in lines] if token else []
        ends = [[str(key)] for key in keys] or [[] for _ in lines]
        rows += [
            [*_row(line, told[task.id], labels), *end]
            for line, end in zip(lines, ends, strict=True)
        ]
        keyed += zip(keys, lines, strict=bool(keys))
    columns = _columns(labels, has_key=token is not None)
    return write_workbook([_table(tour, columns, rows, spans)], created_at=now), keyed


def _key(token: str, line: Line) -> RowKey:
    return RowKey(token, line.task.id, line.measure.id if line.measure else 0)


def _columns(labels: Sequence[str], *, has_key: bool) -> tuple[Column, ...]:
    added = (Column(DEADLINES, DEADLINES_WIDTH), *(Column(label, 16) for label in labels))
    return (*ledger_columns(), *added, *((KEY_COLUMN,) if has_key else ()))


def _table(
    tour: Round, columns: tuple[Column, ...], rows: list[OutRow], spans: list[RowSpan]
) -> Table:
    return Table(
        "整改台账",
        columns,
        rows,
        title=f"{tour.name}整改台账",
        spans=tuple(spans),
        frozen_columns=2,
        autofilter=not spans,
    )


def _row(line: Line, told: Told, labels: Sequence[str]) -> OutRow:
    own = [line.cells.get(column.field) for column in COLUMNS]
    return [*own, told.deadlines, *(line.extra.get(label) for label in labels)]


def _merged(added: int) -> Iterable[int]:
    own = [place for place, column in enumerate(COLUMNS) if column.field not in BY_MEASURE]
    return [*own, *range(len(COLUMNS), len(COLUMNS) + added)]


def _extra_labels(tasks: Sequence[Task]) -> list[str]:
    """Return the labels of columns that we have no place for, in the order they came in."""
    labels = dict.fromkeys(label for task in tasks for label in extra_of(task))
    return [label for label in labels if label not in OWN_TITLES][:MAX_EXTRAS]
