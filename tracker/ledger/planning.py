"""What an import would do, without doing it: every row with its fate, every issue and task to make."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.feedback.rules import IssueNature
from tracker.ledger.closing_day import closing_day, done_day
from tracker.ledger.columns import Field
from tracker.ledger.items import ItemRow
from tracker.ledger.keyed_rows import Keyed, match_keys, note_of
from tracker.ledger.known import COMMON, KnownIssue, Wanted, known_issues, recognise
from tracker.ledger.late_measures import late_measures
from tracker.ledger.limits import faults_of
from tracker.ledger.notes import Note, Weight, doubt
from tracker.ledger.reading import MISSING_ISSUE
from tracker.ledger.reading_result import ReadRow
from tracker.ledger.rules import IssueGroup, RowFate, RowReading, TaskGroup, group_issues
from tracker.ledger.texts import says_nothing, squeeze
from tracker.ledger.unit_names import UnitBook
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.rounds.models import Inspection, Round

BETTER_SAID = {"closed_day_assumed": "closed_without_date"}


@dataclass(frozen=True)
class PlannedTask:
    """A task of the file; `task_id` is the task that is there already."""

    group: TaskGroup
    unit: Unit
    task_id: int | None


@dataclass(frozen=True)
class PlannedIssue:
    """An issue of the file; `known` is the one that is there already."""

    group: IssueGroup
    is_common: bool
    known: KnownIssue | None
    tasks: tuple[PlannedTask, ...]

    @property
    def missing(self) -> list[PlannedTask]:
        """Return the tasks to make."""
        return [task for task in self.tasks if task.task_id is None]


@dataclass(frozen=True)
class SettledRow:
    """A row of the file, what becomes of it, and everything remarked about it."""

    row: ReadRow
    fate: RowFate
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class ImportPlan:
    """The whole import: every row of the file stands in `rows`, in the file's order."""

    rows: tuple[SettledRow, ...]
    issues: tuple[PlannedIssue, ...]
    new_units: tuple[Unit, ...]
    keyed: Keyed = field(default_factory=Keyed)

    @property
    def counts(self) -> dict[str, int]:
        """Return what is made: inspections, issues, tasks (of them closed, undated), measures;
        tasks left alone; and rows by fate."""
        tasks = [task.group for issue in self.issues for task in issue.missing]
        known = [t for issue in self.issues for t in issue.tasks if t.task_id is not None]
        return {
            "inspections": len(self.new_units),
            "issues": sum(issue.known is None for issue in self.issues),
            "tasks": len(tasks),
            "closed": sum(task.closed for task in tasks),
            "undated": sum(task.to_confirm for task in tasks),
            "measures": sum(len(task.measures) for task in tasks),
            "known_tasks": len(known),
            "keyed_rows": len(self.keyed.rows),
            "keyed_missing": self.keyed.missing,
            **{f"{fate.value}_rows": self._rows_of(fate) for fate in RowFate},
        }

    def _rows_of(self, fate: RowFate) -> int:
        return sum(row.fate is fate for row in self.rows)


@dataclass
class _Sorting:
    """Rows that can be imported, their units as ids; notes and tasks found on the way, by place."""

    items: list[ItemRow] = field(default_factory=list)
    notes: dict[tuple[str, int], list[Note]] = field(default_factory=dict)
    refused: set[tuple[str, int]] = field(default_factory=set)
    open_places: set[tuple[str, int]] = field(default_factory=set)

    def remark(self, item: ItemRow, note: Note) -> None:
        notes = self.notes.setdefault((item.sheet, item.row), [])
        if note not in notes:
            notes.append(note)


def plan_import(
    session: Session, tour: Round, rows: Sequence[ReadRow], *, fed_back_on: date, today: date
) -> ImportPlan:
    """Decide about every row of a ledger. Reads the database, changes nothing."""
    units = pickable_units(session, tour.region_id, today=today)
    keyed = match_keys(session, tour, rows)
    others = [row for row in rows if not keyed.is_settled((row.sheet, row.row))]
    sorting = _sort(others, UnitBook(units, tour.region_id), tour)
    by_id = {str(unit.id): unit for unit in units}
    issues = tuple(_match(session, tour, group_issues(sorting.items), by_id, sorting))
    for issue in issues:
        _remark(issue, sorting, fed_back_on=fed_back_on, today=today)
    if keyed.rows:
        _refuse_late_measures(session, issues, sorting)
    inspected = set(
        session.scalars(select(Inspection.unit_id).where(Inspection.round_id == tour.id))
    )
    wanted = {task.unit.id: task.unit for issue in issues for task in issue.missing}
    new_units = tuple(unit for unit in wanted.values() if unit.id not in inspected)
    settled = tuple(_by_key(row, keyed) or _settled(row, sorting) for row in rows)
    return ImportPlan(tuple(_key_noted(row, keyed) for row in settled), issues, new_units, keyed)


def _refuse_late_measures(
    session: Session, issues: Sequence[PlannedIssue], sorting: _Sorting
) -> None:
    """A row put into a ledger of ours is not passed over as known when it says something new."""
    known = [
        (task.task_id, item)
        for issue in issues
        for task in issue.tasks
        for item in task.group.items
        if task.task_id is not None
    ]
    for place, note in late_measures(session, known).items():
        sorting.notes.setdefault(place, []).append(note)
        sorting.refused.add(place)


def _by_key(row: ReadRow, keyed: Keyed) -> SettledRow | None:
    """Return what a key alone decides about a row."""
    place = (row.sheet, row.row)
    if place in keyed.rows:
        note = note_of(keyed.rows[place])
        return SettledRow(row, RowFate.KNOWN, _joined((note,), row.notes))
    if place in keyed.refused:
        return SettledRow(row, RowFate.REFUSED, (keyed.refused[place],))
    return None


def _key_noted(settled: SettledRow, keyed: Keyed) -> SettledRow:
    """Say of a key that means nothing here that it does not."""
    note = keyed.notes.get((settled.row.sheet, settled.row.row))
    if note is None:
        return settled
    fate = RowFate.DOUBTFUL if settled.fate is RowFate.NEW else settled.fate
    return SettledRow(settled.row, fate, _joined((note,), settled.notes))


def _sort(rows: Sequence[ReadRow], book: UnitBook, tour: Round) -> _Sorting:
    sorting = _Sorting()
    for row in rows:
        if row.reading is not RowReading.ITEM or row.item is None:
            continue
        units = [book.find(name) for name in row.item.units]
        problems = list(_problems(row.item, units))
        for problem in problems:
            sorting.remark(row.item, problem)
        if problems:
            sorting.refused.add((row.sheet, row.row))
            continue
        ids = dict.fromkeys(str(unit.id) for unit in units if isinstance(unit, Unit))
        sorting.items.append(replace(row.item, units=tuple(ids)))
        if (note := _other_round(row.item, tour)) is not None:
            sorting.remark(row.item, note)
    return sorting


def _problems(item: ItemRow, units: Sequence[Unit | str]) -> Iterator[Note]:
    yield from (doubt("unit_unknown", why, "被巡察单位") for why in units if isinstance(why, str))
    if not item.text(Field.ISSUE):
        yield doubt("issue_missing", MISSING_ISSUE, "反馈问题")
    if not units:
        yield doubt(
            "unit_missing", "没有写被巡察单位，本行没有导入。请补充后重新导入。", "被巡察单位"
        )
    yield from faults_of(item)


def _other_round(item: ItemRow, tour: Round) -> Note | None:
    told = squeeze(item.text(Field.ROUND))
    own = squeeze(f"{tour.code} {tour.term.number} {tour.name}")
    if says_nothing(told) or told in own or squeeze(tour.name) in told or told == str(tour.seq):
        return None
    detail = f"“巡察轮次”写的是“{told}”，仍按所选的“{tour.name}”导入，请核对。"
    return doubt("round_differs", detail, "巡察轮次")


def _match(
    session: Session,
    tour: Round,
    groups: Sequence[IssueGroup],
    units: dict[str, Unit],
    sorting: _Sorting,
) -> Iterator[PlannedIssue]:
    wanted = [
        Wanted(
            owner=COMMON if is_common(group) else int(group.tasks[0].unit),
            number=group.issue_no,
            text=squeeze(group.text),
        )
        for group in groups
    ]
    pairs = recognise(wanted, known_issues(session, tour))
    for group, (known, differs) in zip(groups, pairs, strict=True):
        have = known.tasks if known else {}
        tasks = tuple(
            PlannedTask(task, units[task.unit], have.get(int(task.unit))) for task in group.tasks
        )
        if known is not None and differs:
            sorting.remark(group.items[0], _differs(known, differs))
        yield PlannedIssue(group, is_common(group), known, tasks)


def is_common(group: IssueGroup) -> bool:
    """Tell whether an issue is kept as 共性: it says so, or it has several units."""
    return group.nature is IssueNature.COMMON or len(group.tasks) > 1


def _differs(known: KnownIssue, differs: str) -> Note:
    number = known.issue.issue_no
    if differs == "number":
        detail = f"同样的问题已以编号“{number}”登记，编号不改动，请核对。"
        return doubt("known_number_differs", detail, "问题编号")
    detail = f"编号“{number}”的问题已登记，文字与本行不同，已有内容不改动，请核对。"
    return doubt("known_text_differs", detail, "反馈问题")


def _remark(issue: PlannedIssue, sorting: _Sorting, *, fed_back_on: date, today: date) -> None:
    """Put what was remarked about a task to the task's first row."""
    if len(issue.tasks) > 1 and issue.group.nature is IssueNature.INDIVIDUAL:
        detail = "写的是“个性”，但有几个单位，按共性问题登记，请核对。"
        sorting.remark(issue.group.items[0], doubt("nature_assumed", detail, "问题性质"))
    for task in issue.tasks:
        group = task.group
        if task.task_id is None:
            sorting.open_places.update((item.sheet, item.row) for item in group.items)
        notes: list[Note | None] = [*group.notes, done_day(group, today=today)[1]]
        if group.closed:
            notes.append(closing_day(group, fed_back_on=fed_back_on, today=today).note)
        for note in notes:
            if note is not None:
                sorting.remark(group.items[0], note)


def _settled(row: ReadRow, sorting: _Sorting) -> SettledRow:
    place = (row.sheet, row.row)
    more = sorting.notes.get(place, [])
    if place in sorting.refused:
        return SettledRow(row, RowFate.REFUSED, _joined(more, row.notes))
    if row.reading is not RowReading.ITEM:
        fate = RowFate.REFUSED if row.reading is RowReading.REFUSED else RowFate.IGNORED
        return SettledRow(row, fate, row.notes)
    notes = _joined(row.notes, more)
    if place not in sorting.open_places:
        return SettledRow(row, RowFate.KNOWN, notes)
    doubtful = any(note.weight is Weight.DOUBT for note in notes)
    return SettledRow(row, RowFate.DOUBTFUL if doubtful else RowFate.NEW, notes)


def _joined(first: Sequence[Note], then: Sequence[Note]) -> tuple[Note, ...]:
    """Join notes; what was said of a column already, or is said better now, is left out."""
    said = {(note.code, note.column) for note in first}
    more = [note for note in then if (note.code, note.column) not in said]
    better = {BETTER_SAID.get(note.code) for note in more}
    return (*(note for note in first if note.code not in better), *more)
