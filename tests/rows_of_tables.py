"""A row of any table, for tests that need one of each: values made up, keys pointing at rows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Enum, Table, TypeDecorator, insert, select

from tracker.models import metadata

SAMPLES: dict[type, tuple[Any, Any]] = {
    bool: (True, False),
    bytes: (b"a", b"b"),
    int: (1, 2),
    str: ("甲", "乙"),
    date: (date(2026, 1, 1), date(2026, 2, 2)),
    datetime: (datetime(2026, 11, 16, 1, tzinfo=UTC), datetime(2026, 12, 1, 1, tzinfo=UTC)),
    Decimal: (Decimal(1), Decimal(2)),
}


def sample(column: Any, which: int = 0) -> Any:
    """Return one of two values that a column takes; a key points at row 7 or 8."""
    if column.foreign_keys:
        return 7 + which
    kind = column.type
    if isinstance(kind, Enum):
        members = list(kind.enum_class or ())
        return members[min(which, len(members) - 1)]
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return SAMPLES[plain.python_type][which]


def row_of(connection: Connection, table: Table) -> int:
    """Return the id of a row that is there, or of one made up, with all it points at."""
    found = connection.scalar(select(table.c.id).order_by(table.c.id).limit(1))
    if found is not None:
        return int(found)
    values = {
        column.name: _pointed_at(connection, column) if column.foreign_keys else sample(column)
        for column in table.columns
        if column.name != "id" and not column.nullable
    }
    made = connection.execute(insert(table).values(values))
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def _pointed_at(connection: Connection, column: Any) -> int:
    (key,) = column.foreign_keys
    return row_of(connection, metadata.tables[key.column.table.name])
