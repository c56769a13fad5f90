"""An import remembers what it writes: the session itself is asked, so that no table is forgotten."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import Column, event, insert, inspect
from sqlalchemy.orm import Session

from tracker.kernel.db import Base
from tracker.ledger.models import ImportBatch, ImportChange, ImportRow, ImportTrace

OWN = (ImportBatch, ImportChange, ImportRow)  # the import itself stays when what it made goes
STAMPS = frozenset({"version", "updated_at", "updated_by"})


@dataclass
class Traces:
    """Rows made, and of rows changed what stood in each changed column first."""

    made: list[Base] = field(default_factory=list)
    changed: dict[Base, dict[str, Any]] = field(default_factory=dict)

    def hear(self, session: Session, _context: object) -> None:
        """Take in what one flush wrote; called while the session still knows."""
        self.made += [row for row in session.new if not isinstance(row, OWN)]
        made = set(self.made)
        for row in session.dirty:
            if row not in made and not isinstance(row, OWN) and (before := _before(row)):
                self.changed[row] = before | self.changed.get(row, {})

    def keep(self, session: Session, batch: ImportBatch) -> None:
        """Write down, for good, what was heard."""
        lines = [_line(batch, row, None) for row in self.made]
        lines += [_line(batch, row, packed(before)) for row, before in self.changed.items()]
        if lines:
            session.execute(insert(ImportTrace), lines)
        batch.is_traced = True


@contextmanager
def traced(session: Session) -> Iterator[Traces]:
    """Hear all that a block writes through the session."""
    session.flush()  # what came before is not the block's
    traces = Traces()
    event.listen(session, "after_flush", traces.hear)
    try:
        yield traces
        session.flush()  # the last rows get their ids
    finally:
        event.remove(session, "after_flush", traces.hear)


def _before(row: Base) -> dict[str, Any]:
    """Return what stood in the columns that a flush has just changed."""
    state = inspect(row)
    changes = {
        attribute.key: state.attrs[attribute.key].history for attribute in state.mapper.column_attrs
    }
    return {
        key: next(iter(history.deleted), None)
        for key, history in changes.items()
        if history.has_changes() and key not in STAMPS
    }


def _line(batch: ImportBatch, row: Base, before: str | None) -> dict[str, Any]:
    values: Any = row
    return {
        "batch_id": batch.id,
        "table_name": row.__tablename__,
        "row_id": values.id,
        "seen_version": getattr(row, "version", None),
        "before": before,
    }


def packed(values: dict[str, Any]) -> str:
    """Return a row's values as JSON."""
    return json.dumps({name: _plain(value) for name, value in values.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def unpacked(column: Column[Any], value: Any) -> Any:
    """Return a column's value from the JSON of `packed`."""
    kind = column.type.python_type
    if value is None or isinstance(value, kind):
        return value
    return kind.fromisoformat(value) if issubclass(kind, date) else kind(value)
