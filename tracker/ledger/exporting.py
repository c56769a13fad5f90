"""导出台账: the reader's tasks of a round in our template, which can be imported again unchanged."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Actor
from tracker.kernel.progress import Progress, unwatched
from tracker.ledger.columns import COLUMNS, DEADLINES, Field
from tracker.ledger.due_text import parse_due_text
from tracker.ledger.newest import CHUNK, newest_reports
from tracker.ledger.template import ledger_columns
from tracker.organizations.models import Unit
from tracker.rectification.deadlines import deadlines_of
from tracker.rectification.evidence_queries import counts_as_evidence
from tracker.rectification.models import Evidence, Measure, ProgressReport, Task, TaskDuty
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.deadline import deadline_line
from tracker.rectification.rules.words import DutyRole, TaskKind, TaskState
from tracker.rounds.models import Inspection, Round
from tracker.spreadsheets.workbook import CellValue
from tracker.spreadsheets.writer import Column, RowSpan, Table, write_workbook

KIND_WORDS = {
    TaskKind.IMMEDIATE: "立行立改",
    TaskKind.DATED: "限期",
    TaskKind.LONG_TERM: "长期",
}
BY_MEASURE = frozenset({Field.MEASURE, Field.DUE})
"""Columns that say something of each measure; all others are merged over a task's measures."""
MAX_EXTRAS = 30
ANY_DAY = date(2020, 1, 1)  # only whether a text names a day is asked
DEADLINES_WIDTH = 48  # characters
OWN_TITLES = frozenset(column.title for column in COLUMNS)
Cells = dict[Field, CellValue | Decimal]


@dataclass(frozen=True)
class _Told:
    """What else is told of a task: its newest report, the titles of its evidence, its 时限台账."""

    report: ProgressReport | None
    evidence: tuple[str, ...]
    deadlines: str


def export_ledger(
    session: Session,
    tour: Round,
    *,
    actor: Actor,
    now: datetime,
    unit_id: int | None = None,
    tell: Progress = unwatched,
) -> bytes:
    """Return the .xlsx of the round's tasks this person may see, voided ones left out; of one unit
    alone where it is named."""
    tasks = _tasks(session, tour, actor=actor, unit_id=unit_id)
    told = _told(session, tasks, as_of=local_date(now))
    labels = _extra_labels(tasks)
    rows: list[list[CellValue | Decimal]] = []
    spans: list[RowSpan] = []
    for serial, task in enumerate(tasks, start=1):
        tell("整理任务", serial, len(tasks))
        lines = list(_lines(tour, task, told[task.id], serial, labels))
        last = len(rows) + len(lines) - 1
        merged = [] if last == len(rows) else _merged(len(labels) + 1)
        spans += [RowSpan(column, len(rows), last) for column in merged]
        rows += lines
    added = (Column(DEADLINES, DEADLINES_WIDTH), *(Column(label, 16) for label in labels))
    table = Table(
        "整改台账",
        (*ledger_columns(), *added),
        rows,
        title=f"{tour.name}整改台账",
        spans=tuple(spans),
        frozen_columns=2,
        autofilter=not spans,
    )
    return write_workbook([table], created_at=now)


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
        .options(
            joinedload(Task.lead_unit).joinedload(Unit.region),
            joinedload(Task.issue).joinedload(Issue.inspection).joinedload(Inspection.team),
            selectinload(Task.measures),
            selectinload(Task.duties).joinedload(TaskDuty.person),
        )
        .order_by(Unit.region_id != tour.region_id, Unit.sort_no, Unit.id, Issue.issue_no, Task.id)
    )
    if unit_id is not None:
        query = query.where(Task.lead_unit_id == unit_id)
    return list(session.scalars(query))


def _told(session: Session, tasks: Sequence[Task], *, as_of: date) -> dict[int, _Told]:
    """Read newest reports, evidence and ledgers of all tasks, in a few statements."""
    ids = [task.id for task in tasks]
    deadlines = deadlines_of(session, tasks, as_of=as_of)
    reports: dict[int, ProgressReport] = {}
    titles: dict[int, list[str]] = {}
    for part in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)):
        reports |= newest_reports(session, part)
        shown = select(Evidence.task_id, Evidence.title).where(
            Evidence.task_id.in_(part), counts_as_evidence()
        )
        for task_id, title in session.execute(shown.order_by(Evidence.id)):
            titles.setdefault(task_id, []).append(title)
    return {
        id_: _Told(reports.get(id_), tuple(titles.get(id_, ())), deadline_line(deadlines[id_]))
        for id_ in ids
    }


def _merged(added: int) -> Iterable[int]:
    own = [place for place, column in enumerate(COLUMNS) if column.field not in BY_MEASURE]
    return [*own, *range(len(COLUMNS), len(COLUMNS) + added)]


def _extra_labels(tasks: Sequence[Task]) -> list[str]:
    """Return the labels of columns that we have no place for, in the order they came in."""
    labels = dict.fromkeys(label for task in tasks for label in _extra(task))
    return [label for label in labels if label not in OWN_TITLES][:MAX_EXTRAS]


def _extra(task: Task) -> dict[str, str]:
    return dict(json.loads(task.extra)) if task.extra else {}


def _lines(
    tour: Round, task: Task, told: _Told, serial: int, labels: Sequence[str]
) -> Iterator[list[CellValue | Decimal]]:
    """Give a line per measure, one at least."""
    extra = _extra(task)
    cells = _cells(tour, task, told, serial)
    for column in COLUMNS:
        if cells.get(column.field) is None and column.title in extra:
            cells[column.field] = extra[column.title]
    measures: list[Measure | None] = [*task.measures]
    for measure in measures or [None]:
        line: Cells = {**cells, **_measure_cells(task, measure)}
        own = [line.get(column.field) for column in COLUMNS]
        yield [*own, told.deadlines, *(extra.get(label) for label in labels)]


def _cells(tour: Round, task: Task, told: _Told, serial: int) -> Cells:
    issue = task.issue
    team = issue.inspection.team if issue.inspection else None
    is_closed = task.state is TaskState.CLOSED
    return {
        Field.SERIAL: serial,
        Field.ROUND: tour.name,
        Field.TEAM: team.name if team else None,
        Field.UNIT: unit_cell(tour, task.lead_unit),
        Field.ISSUE_NO: issue.issue_no,
        Field.CATEGORY_1: issue.cat_l1,
        Field.CATEGORY_2: issue.cat_l2,
        Field.NATURE: issue.nature.label,
        Field.ISSUE: issue.text,
        Field.DETAIL: issue.detail,
        Field.CAUSE: issue.cause,
        Field.GOAL: task.goal,
        Field.LEAD_LEADER: _names(task, DutyRole.LEAD_LEADER),
        Field.LEAD_DEPT: task.lead_dept,
        Field.SUPPORT_DEPTS: task.support_depts,
        Field.OWNER: _names(task, DutyRole.OWNER),
        Field.PHONE: _phones(task),
        Field.KIND: KIND_WORDS[task.kind],
        Field.COMPLETION: task.completion.label if task.completion else None,
        Field.DONE_ON: task.done_on,
        Field.EVIDENCE: "\n".join(told.evidence) or None,
        Field.CLOSED: "是" if is_closed else "否",
        Field.CLOSED_ON: task.closed_on if is_closed else None,
        Field.REMARK: task.remark,
        **(_report_cells(task, told.report) if told.report else {}),
    }


def unit_cell(tour: Round, unit: Unit) -> str:
    """Return what a ledger of this round calls a unit: its name; of a county, with its code."""
    return unit.name if unit.region_id == tour.region_id else f"{unit.region.code}/{unit.code}"


def _report_cells(task: Task, report: ProgressReport) -> Cells:
    reasons = [text for text in (report.unfinished_reason, report.next_step) if text]
    return {
        Field.PROGRESS: report.text or None,
        Field.DONE_ON: task.done_on or report.done_on,
        Field.INSTITUTIONS: report.rules_made,
        Field.ACCOUNTABILITY: report.persons_held,
        Field.RECOVERED: report.recovered_wan,
        Field.UNFINISHED: "\n".join(reasons) or None,
    }


def _measure_cells(task: Task, measure: Measure | None) -> Cells:
    return {
        Field.MEASURE: measure.text if measure else None,
        Field.DUE: _due(task, measure),
    }


def _due(task: Task, measure: Measure | None) -> CellValue:
    """Return the date in force; as long as nobody moved it, the words of the file."""
    if task.due_on != task.original_due:
        return task.due_on
    raw, own = task.due_text_raw, measure.due_on if measure else None
    if not raw:
        return own or task.due_on
    if "\n" in raw:
        return own or _undated(task, measure) or task.due_on
    is_written_day = task.due_on is not None and raw == task.due_on.isoformat()
    return task.due_on if is_written_day else raw


def _undated(task: Task, measure: Measure | None) -> str:
    """Of several due texts give a measure without a day the one in its turn; those with a day have
    it in their own cells. "" when every text names a day."""
    texts = [text for text in (task.due_text_raw or "").split("\n") if not _names_a_day(text)]
    waiting = [one for one in task.measures if one.due_on is None]
    if not texts:
        return ""
    return texts[min(waiting.index(measure), len(texts) - 1)] if measure in waiting else texts[0]


def _names_a_day(text: str) -> bool:
    return parse_due_text(text, feedback_on=ANY_DAY, concentrated_end=ANY_DAY).due_on is not None


def _names(task: Task, role: DutyRole) -> str | None:
    names = [duty.person.name for duty in task.duties if duty.role is role and not duty.to_on]
    return "、".join(names) or None


def _phones(task: Task) -> str | None:
    """Return the owners' mobiles, when every one of them has one: else they could not be told apart."""
    owners = [duty.person for duty in task.duties if duty.role is DutyRole.OWNER and not duty.to_on]
    mobiles = [person.mobile for person in owners if person.mobile]
    return "、".join(mobiles) if mobiles and len(mobiles) == len(owners) else None
