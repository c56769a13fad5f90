"""What a returned 填报表 would write: row by row, cell by cell, against the copy and against today."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor
from tracker.ledger.copies import Sent, sent_rows
from tracker.ledger.fill_in_fields import (
    MEASURES,
    YES,
    FillField,
    canonical,
    faults_of,
    sorted_numbers,
)
from tracker.ledger.fill_in_reading import ReturnedRow, unpack_rows
from tracker.ledger.fill_in_sheet import SHOWN, going_on
from tracker.ledger.models import FillInReturn
from tracker.ledger.row_keys import RowKey, read_key
from tracker.ledger.three_way import CellChange, compare
from tracker.rectification import monthly_queries
from tracker.rectification.models import ProgressReport, Task
from tracker.rectification.queries import visible_tasks

F = FillField
Values = dict[FillField, str]
GOES_ON = (F.COMPLETION, F.RULES, F.ORGS, F.PERSONS, F.RECOVERED)
SAID = (F.NO_CHANGE, F.TEXT)
NO_KEY = "行标识缺失或被改动，不知道是哪项任务。请从原来的填报表复制整行，或重新下载后填写。"
OTHER_COPY = "这一行来自另一份填报表。请把它留在原来的文件里交回。"
NOT_SENT = "这份填报表发出时没有这一行，行标识可能被改动。请重新下载后填写。"
TWICE = "同一项任务在表里出现了两次，只取第一次。请删去多余的一行。"
GONE = "这项任务已不在本单位名下或已不能查看（可能已移交、合并或撤销），填写的内容没有采用。"
OTHER_LEAD = "这项任务已不由本单位牵头，填写的内容没有采用。"
NO_TEXT = "请填写本月进展；没有变化请在“本月无变化”选“是”。"
BOTH_WAYS = "同一条整改措施不能既完成又取消完成，请核对。"


@dataclass(frozen=True)
class Cell:
    """One cell to fill in, three ways."""

    field: FillField
    returned: str
    present: str
    change: CellChange

    @property
    def is_conflict(self) -> bool:
        """Whether somebody has to choose."""
        return self.change is CellChange.CONFLICT


@dataclass(frozen=True)
class Line:
    """One row that says something. `faults` say why it cannot be taken, `notes` what to know."""

    row: ReturnedRow
    task: Task | None = None
    cells: tuple[Cell, ...] = ()
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reported_by: str = ""

    @property
    def conflicts(self) -> tuple[Cell, ...]:
        """Return the cells that were filled in here as well, otherwise."""
        return tuple(cell for cell in self.cells if cell.is_conflict)

    @property
    def changed(self) -> tuple[Cell, ...]:
        """Return the cells that would be written."""
        changes = (CellChange.THEIRS, CellChange.CONFLICT)
        return tuple(cell for cell in self.cells if cell.change in changes)

    def merged(self, *, theirs: bool) -> Values:
        """Return what is reported: `theirs` decides the conflicts for the workbook."""
        taken = {CellChange.THEIRS} | ({CellChange.CONFLICT} if theirs else set())
        return {c.field: c.returned if c.change in taken else c.present for c in self.cells}

    def says_something(self, *, theirs: bool) -> bool:
        """Return whether anything is left to report once the conflicts are decided."""
        return any(not cell.is_conflict or theirs for cell in self.changed)


@dataclass(frozen=True)
class _Around:
    """What all rows of one return are held against."""

    token: str
    unit_id: int
    sent: Sent
    tasks: Mapping[int, Task]
    seen: Mapping[int, Task]
    last: Mapping[int, ProgressReport]


def lines_of(session: Session, found: FillInReturn, *, actor: Actor) -> list[Line]:
    """Return what each row that was filled in would write today; untouched rows say nothing."""
    rows = unpack_rows(found.cells)
    around = _around(session, found, rows, actor=actor)
    lines, taken = [], set()
    for row in rows:
        line = _line(row, around)
        if line is None:
            continue
        key = read_key(row.key)
        if key is not None and key in taken:
            line = Line(row, faults=(TWICE,))
        taken.add(key)
        lines.append(line)
    return lines


def _around(
    session: Session, found: FillInReturn, rows: Sequence[ReturnedRow], *, actor: Actor
) -> _Around:
    ids = sorted({key.task_id for row in rows if (key := read_key(row.key)) is not None})
    tasks: dict[int, Task] = {}
    size = monthly_queries.MAX_ROWS
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        page = monthly_queries.tasks_sent(session, found.unit_id, part, actor=actor)
        tasks |= {task.id: task for task in page}
    seen = _seen(session, [number for number in ids if number not in tasks], actor)
    last = monthly_queries.last_reports(session, list(tasks))
    return _Around(found.copy.token, found.unit_id, sent_rows(found.copy), tasks, seen, last)


def _seen(session: Session, ids: Collection[int], actor: Actor) -> dict[int, Task]:
    """Return tasks that cannot be filled in but may be seen: the reason is told of those alone."""
    if not ids:
        return {}
    query = select(Task).where(Task.id.in_(ids), visible_tasks(actor))
    return {task.id: task for task in session.scalars(query)}


def _line(row: ReturnedRow, around: _Around) -> Line | None:
    typed = {field: row.cells.get(field.header, "") for field in FillField}
    key = read_key(row.key)
    sent = around.sent.get((key.task_id, key.measure_id)) if key else None
    if key is None or key.token != around.token or sent is None:
        return Line(row, faults=(_stranger(key, around),)) if any(typed.values()) else None
    before = {field: sent.get(field.value, "") for field in FillField}
    returned = {field: canonical(field, text) for field, text in typed.items()}
    for field in GOES_ON:  # a cell that was emptied, or whose column is gone, says nothing
        returned[field] = returned[field] if typed[field] else before[field]
    notes = _read_only_notes(row, sent)
    defects = _defects(row)
    if returned == before and not defects:
        return Line(row, notes=notes) if notes else None
    task = around.tasks.get(key.task_id)
    if task is None:
        return Line(row, faults=(_why_gone(around, key.task_id),), notes=notes)
    last = around.last.get(task.id)
    line = _compared(Line(row, task, notes=notes), before, returned, sent, last)
    return replace(line, faults=(*defects, *line.faults)) if line else None


def _stranger(key: RowKey | None, around: _Around) -> str:
    """Return why a row is refused that is not of this copy."""
    if key is None:
        return NO_KEY
    return OTHER_COPY if key.token != around.token else NOT_SENT


def _defects(row: ReturnedRow) -> tuple[str, ...]:
    titles = {field.header for field in FillField}
    return tuple(
        f"“{title}”{what}，请改成文字或数字。"
        for title, what in row.defects.items()
        if title in titles
    )


def _read_only_notes(row: ReturnedRow, sent: Mapping[str, str]) -> tuple[str, ...]:
    changed = [
        column.title
        for name, column in SHOWN.items()
        if _squeezed(row.cells.get(column.title, "")) != _squeezed(sent.get(f"shown_{name}", ""))
    ]
    if not changed:
        return ()
    return (f"“{'”、“'.join(changed)}”是锁定的栏目，改动没有采用。",)


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _why_gone(around: _Around, task_id: int) -> str:
    task = around.seen.get(task_id)
    if task is None:
        return GONE
    if task.lead_unit_id != around.unit_id:
        return OTHER_LEAD
    return f"任务现在是“{task.state.label}”，不能填报进展，填写的内容没有采用。"


def _compared(
    line: Line,
    before: Values,
    returned: Values,
    sent: Mapping[str, str],
    last: ProgressReport | None,
) -> Line | None:
    """Return the line with its cells; None when all of it stands here already."""
    task = line.task
    seqs = [measure.seq for measure in task.measures] if task else []
    faults = [f"“{f.field.header}”{f.sentence}" for f in faults_of(returned, seqs)]
    if faults:
        return replace(line, faults=tuple(faults))
    is_newer = last is not None and str(last.id) != sent.get("last_report")
    present = _as_reported(last) if last and is_newer else going_on(last)
    left = {**returned, **_left_to_tick(task, returned)} if task else returned
    cells = _cells(before, left, present)
    shown = replace(line, cells=cells, reported_by=last.created_by if last and is_newer else "")
    if not shown.changed:
        return None
    said = shown.merged(theirs=True)
    if set(sorted_numbers(said[F.DONE])) & set(sorted_numbers(said[F.UNDONE])):
        return replace(shown, faults=(BOTH_WAYS,))
    is_said = said[F.TEXT] or said[F.NO_CHANGE]
    return shown if is_said else replace(shown, faults=(NO_TEXT,))


def _as_reported(last: ProgressReport) -> Values:
    """Return what the newest report says, as its row would have been filled in."""
    is_bare = last.is_no_change and last.text == "无变化"
    return {
        **going_on(last),
        F.NO_CHANGE: YES if last.is_no_change else "",
        F.TEXT: "" if is_bare else canonical(F.TEXT, last.text.replace("\r\n", "\n")),
        F.REASON: canonical(F.REASON, (last.unfinished_reason or "").replace("\r\n", "\n")),
        F.NEXT: canonical(F.NEXT, (last.next_step or "").replace("\r\n", "\n")),
    }


def _left_to_tick(task: Task, returned: Values) -> Values:
    """Leave out the numbers of measures that are as the row wants them already."""
    done = {str(m.seq) for m in task.measures if m.done_on}
    wanted = {field: set(sorted_numbers(returned[field])) for field in MEASURES}
    if wanted[F.DONE] & wanted[F.UNDONE]:
        return {}  # refused as a contradiction, with both as they were typed
    left = {F.DONE: wanted[F.DONE] - done, F.UNDONE: wanted[F.UNDONE] & done}
    return {field: "、".join(sorted(numbers, key=int)) for field, numbers in left.items()}


def _cells(sent: Values, returned: Values, present: Values) -> tuple[Cell, ...]:
    """Compare each cell; 无变化 and the text are one statement, changed and chosen together."""
    said = compare(*("\n".join(v[field] for field in SAID) for v in (sent, returned, present)))
    return tuple(
        Cell(field, returned[field], present[field], _change(field, said, sent, returned, present))
        for field in FillField
    )


def _change(
    field: FillField, said: CellChange, sent: Values, returned: Values, present: Values
) -> CellChange:
    if field in SAID and returned[field] != present[field]:
        return said
    return compare(sent[field], returned[field], present[field])
