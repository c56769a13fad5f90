"""What a transaction changed, row by row: noted by the session itself, so that no write is missed.

Rows are heard of through the mapper, statements (`update(…)`, `insert(…)`) through the session.
Tables that are not noted stand below, each with its reason; every other one is.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session
from sqlalchemy.orm.attributes import instance_dict, instance_state
from sqlalchemy.orm.base import NEVER_SET, NO_VALUE

from tracker.audit.masking import is_noted, shown
from tracker.kernel.db import Base

NOTED = "audit_changes"
UNLISTED_ROWS = 200  # of one table and kind in one transaction; beyond, they are counted
UNKNOWN = "（未读取）"
EXEMPT = {
    "audit_entries": "the trail itself",
    "audit_heads": "the trail itself",
    "background_works": "progress and claims; asking, cancelling, what was done and fetched have entries of their own",
    "call_notes": "a record of its own, never changed; each call has an entry of its own",
    "deliveries": "receipts are their own record",
    "inbox_messages": "a receipt's other end; when it was read is the reader's own",
    "digests": "what a receipt belongs to",
    "document_openings": "a receipt: who opened what, in a table of its own",
    "drafts": "not sent yet: no business change, and its owner's alone",
    "file_checks": "the nightly look at the bytes, a record of its own",
    "fill_in_files": "what came beside a workbook; what becomes evidence has an entry of its own",
    "form_submissions": "which forms were saved; what they saved has entries of its own",
    "import_changes": "what was decided about a batch; what is taken changes rows that are noted",
    "import_corrections": "a record of its own, kept when taken back; the batch's entry has the counts",
    "import_rows": "the file's rows; the batch's entry has their counts and the file's SHA-256",
    "import_traces": "what an import made; each row it made has a line or is counted",
    "incidents": "the watchdog's own record of what went wrong with sending",
    "job_leases": "which process leads",
    "job_runs": "the jobs' own record",
    "ledger_copies": "what went out, never changed; each download has an entry of its own",
    "notifications": "the outbox: each row is its own record",
    "robot_attempts": "the limiter's count",
    "robot_budgets": "the limiter's pause",
    "sign_in_failures": "each refused sign-in has an entry of its own",
    "task_openings": "a receipt: who opened what, in a table of its own",
    "undone_rows": "what an import made, kept when it was taken back; the rows' going is counted",
    "user_sessions": "signing in and out have entries of their own; the rest is the last visit",
    "wecom_returns": "what is good once; signing in and refusals have entries of their own",
}


@dataclass
class RowChange:
    """One row's change; `fields` are (before, after) of columns, masked only when written."""

    table: str
    verb: str
    target: Any  # held, so that its values last and its place in memory is nobody else's
    fields: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """Return the row's columns as they are now."""
        return instance_dict(self.target)

    @property
    def id(self) -> Any:
        """Return the row's id; None in the few tables that have another key."""
        return self.values.get("id")

    def as_data(self) -> dict[str, Any]:
        """Return the line as JSON values."""
        fields = self._changed() if self.verb == "updated" else self._whole()
        return {"table": self.table, "id": self.id, "verb": self.verb, "fields": fields}

    def _changed(self) -> dict[str, list[Any]]:
        return {
            name: [
                UNKNOWN if old is NO_VALUE or old is NEVER_SET else shown(self.table, name, old),
                shown(self.table, name, new),
            ]
            for name, (old, new) in self.fields.items()
            if old != new
        }

    def take_in(self, later: "RowChange") -> None:
        """Of a row changed twice keep the oldest and the newest."""
        for name, (old, new) in later.fields.items():
            self.fields[name] = [self.fields.get(name, (old,))[0], new]

    def _whole(self) -> dict[str, list[Any]]:
        """Return a made row's values as after, a deleted one's as before."""
        columns = Base.metadata.tables[self.table].columns.keys()
        kept = {
            name: shown(self.table, name, self.values.get(name))
            for name in columns
            if name != "id" and is_noted(self.table, name)
        }
        made = self.verb == "created"
        return {
            name: [None, value] if made else [value, None]
            for name, value in kept.items()
            if value is not None
        }


@dataclass
class Group:
    """The rows of one table that were made, changed or deleted; too many are only counted."""

    rows: dict[int, RowChange] = field(default_factory=dict)
    count: int = 0
    first_id: Any = None
    last_id: Any = None

    def add(self, row: RowChange, place: int) -> None:
        """Add a row that is not there yet."""
        self.count += 1
        self.first_id = row.id if self.first_id is None else self.first_id
        self.last_id = row.id
        self.rows[place] = row

    @property
    def is_counted(self) -> bool:
        """Whether there are too many to list."""
        return self.count > UNLISTED_ROWS


@dataclass
class Statement:
    """A statement over rows that were not loaded."""

    table: str
    verb: str
    count: int
    columns: list[str]


@dataclass
class Changes:
    """All that a transaction changed so far."""

    groups: dict[tuple[str, str], Group] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)

    def rows(self) -> list[RowChange]:
        """Return the rows that are listed, in order of their first change."""
        listed = [group for group in self.groups.values() if not group.is_counted]
        return [row for group in listed for row in group.rows.values() if _tells(row)]

    def totals(self) -> list[dict[str, Any]]:
        """Return what is only counted: large groups, and statements."""
        found = [
            {"table": table, "verb": verb, "count": group.count, "ids": _span(group)}
            for (table, verb), group in self.groups.items()
            if group.is_counted
        ]
        return found + [
            {"table": s.table, "verb": s.verb, "count": s.count, "columns": s.columns}
            for s in self.statements
            if not self._is_claim_of_a_listed_row(s)
        ]

    def take_in(self, later: "Changes") -> None:
        """Add what a part of the transaction changed after this."""
        for key, group in later.groups.items():
            known = self.groups.setdefault(key, Group())
            for place, row in group.rows.items():
                if place in known.rows:
                    known.rows[place].take_in(row)
                else:
                    known.add(row, place)
        self.statements += later.statements

    def _is_claim_of_a_listed_row(self, said: Statement) -> bool:
        """A conditional UPDATE that makes sure nobody else was first, the change itself following."""
        group = self.groups.get((said.table, "updated"))
        if group is None or said.verb != "updated" or said.count > group.count:
            return False
        changed = {name for row in group.rows.values() for name in row.fields}
        return set(said.columns) <= changed


def _tells(row: RowChange) -> bool:
    return row.verb != "updated" or any(old != new for old, new in row.fields.values())


def _span(group: Group) -> list[Any]:
    return [group.first_id, group.last_id]


def noted(session: Session) -> Changes:
    """Return what the session's transaction has changed so far."""
    found: Changes = session.info.setdefault(NOTED, Changes())
    return found


def forget(session: Session) -> Changes:
    """Return what was changed, and begin anew."""
    found: Changes = session.info.pop(NOTED, None) or Changes()
    return found


def _note(mapper: Mapper[Any], target: Any, verb: str) -> None:
    table = mapper.local_table.name  # type: ignore[attr-defined]
    state = instance_state(target)
    session = state.session
    if table in EXEMPT or session is None:
        return
    changes = noted(session)
    group = changes.groups.setdefault((table, verb), Group())
    key = id(target)
    known = _known(changes, table, verb, key)
    if known is not None:
        _add_fields(known, state)
        return
    row = RowChange(table, verb, target)
    if verb == "updated":
        _add_fields(row, state)
        if not row.fields:
            return
    group.add(row, key)


def _known(changes: Changes, table: str, verb: str, key: int) -> RowChange | None:
    """Return the line this row has already; a row made and dropped in one go leaves none."""
    made = changes.groups.get((table, "created"))
    if verb == "updated" and made is not None and key in made.rows:
        return made.rows[key]
    if verb == "deleted" and made is not None and made.rows.pop(key, None) is not None:
        made.count -= 1
    return changes.groups[(table, verb)].rows.get(key)


def _add_fields(row: RowChange, state: Any) -> None:
    """Note old and new of each changed column; of a row changed twice the oldest and the newest."""
    for attribute, old in state.committed_state.items():
        column = state.mapper.columns.get(attribute)
        if column is None or not is_noted(row.table, column.name):
            continue
        new = state.dict.get(attribute)
        if row.verb == "updated" and old != new:
            known = row.fields.get(column.name)
            row.fields[column.name] = [known[0] if known else old, new]


@event.listens_for(Mapper, "after_insert")
def _made(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    _note(mapper, target, "created")


@event.listens_for(Mapper, "after_update")
def _changed(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    _note(mapper, target, "updated")


@event.listens_for(Mapper, "after_delete")
def _dropped(mapper: Mapper[Any], _connection: Any, target: Any) -> None:
    _note(mapper, target, "deleted")


@event.listens_for(Session, "do_orm_execute")
def _said(state: ORMExecuteState) -> Any:
    verb = _verb(state)
    if verb is None:
        return None
    statement: Any = state.statement
    table = statement.table.name
    if table in EXEMPT:
        return None
    result: Any = state.invoke_statement()
    columns = sorted(
        name for name in _columns(statement, state.parameters) if is_noted(table, name)
    )
    if verb == "deleted" or columns:
        many = len(state.parameters) if isinstance(state.parameters, list) else 0
        count = many or max(getattr(result, "rowcount", 0), 0)
        if count:
            noted(state.session).statements.append(Statement(table, verb, count, columns))
    return result


def _verb(state: ORMExecuteState) -> str | None:
    if state.is_update:
        return "updated"
    if state.is_delete:
        return "deleted"
    return "created" if state.is_insert else None


def _columns(statement: Any, parameters: Any) -> set[str]:
    """Return the names a statement sets, from its values or from its parameters."""
    named = [*(getattr(statement, "_values", None) or ())]
    for rows in getattr(statement, "_multi_values", ()):
        named += rows[0] if rows else ()
    first = parameters[0] if isinstance(parameters, list) and parameters else parameters
    named += first if isinstance(first, dict) else ()
    return {str(getattr(name, "name", name)) for name in named}
