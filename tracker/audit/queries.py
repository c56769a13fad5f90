"""Read the trail: filtered, newest first, a page at a time."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tracker.audit.labels import VERBS, column_label, detail_label, table_label, value_label
from tracker.audit.models import AuditEntry, AuditHead
from tracker.audit.service import table_of
from tracker.kernel.clock import at_local
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Role

PAGE_SIZE = 50
ALL_REGIONS = None


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """What a list of entries is narrowed to; days included. `before` is the last number seen."""

    from_on: date | None = None
    to_on: date | None = None
    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: int | None = None
    result: str = ""
    before: int | None = None


def list_entries(
    session: Session, wanted: AuditFilter, *, region_id: int | None, size: int = PAGE_SIZE
) -> list[AuditEntry]:
    """Return one page, newest first, and one entry more when there is a next page."""
    query = narrowed(select(AuditEntry), wanted, region_id=region_id)
    if wanted.before is not None:
        query = query.where(AuditEntry.seq < wanted.before)
    return list(session.scalars(query.order_by(AuditEntry.seq.desc()).limit(size + 1)))


def count_entries(session: Session, wanted: AuditFilter, *, region_id: int | None) -> int:
    """Return how many entries a filter finds."""
    query = narrowed(select(func.count(AuditEntry.id)), wanted, region_id=region_id)
    return session.scalar(query) or 0


def narrowed(query: Select[Any], wanted: AuditFilter, *, region_id: int | None) -> Select[Any]:
    """Narrow a query: a county's auditor reads what its own people did, the city's everything."""
    if region_id is not ALL_REGIONS:
        query = query.where(AuditEntry.region_id == region_id)
    if wanted.from_on is not None:
        query = query.where(AuditEntry.at >= at_local(wanted.from_on, 0))
    if wanted.to_on is not None:
        query = query.where(AuditEntry.at < at_local(wanted.to_on + timedelta(days=1), 0))
    if wanted.actor:
        query = query.where(AuditEntry.actor.contains(wanted.actor, autoescape=True))
    exact = (
        (AuditEntry.action, wanted.action),
        (AuditEntry.object_type, wanted.object_type),
        (AuditEntry.object_id, wanted.object_id),
        (AuditEntry.result, wanted.result),
    )
    return query.where(*(column == value for column, value in exact if value not in ("", None)))


def get_entry(session: Session, entry_id: int, *, region_id: int | None) -> AuditEntry:
    """Return one entry. NotVisibleError when it is another region's."""
    query = narrowed(select(AuditEntry), AuditFilter(), region_id=region_id)
    entry: AuditEntry | None = session.scalar(query.where(AuditEntry.id == entry_id))
    if entry is None:
        raise NotVisibleError
    return entry


def object_types(session: Session) -> list[str]:
    """Return the kinds of objects the trail speaks of."""
    query = select(AuditEntry.object_type).where(AuditEntry.object_type.is_not(None)).distinct()
    return sorted(kind for kind in session.scalars(query) if kind)


def head(session: Session) -> tuple[int, str]:
    """Return the last number and its chain value; (0, "") of an empty trail."""
    row = session.scalar(select(AuditHead))
    return (row.seq, row.chain) if row else (0, "")


def object_label(entry: AuditEntry) -> str:
    """Return “整改任务 12”."""
    kind = table_label(table_of(entry.object_type)) or entry.object_type or ""
    return f"{kind} {entry.object_id}" if entry.object_id is not None else kind


def role_label(entry: AuditEntry) -> str:
    """Return the role's Chinese name; empty for commands and jobs."""
    return Role(entry.role).label if entry.role in set(Role) else entry.role or ""


@dataclass(frozen=True)
class ChangeLine:
    """One changed row as a page shows it: columns with before and after."""

    what: str
    verb: str
    fields: list[tuple[str, str, str]]


def change_lines(entry: AuditEntry) -> list[ChangeLine]:
    """Return what an entry changed, in the words of the screen."""
    return [_line(line) for line in json.loads(entry.changes or "[]")]


def _line(line: dict[str, Any]) -> ChangeLine:
    verb = VERBS.get(line["verb"], line["verb"])
    table = line["table"]
    name = table_label(table)
    if "count" in line:
        columns = "、".join(column_label(table, column) for column in line.get("columns", ()))
        return ChangeLine(
            f"{name}：共 {line['count']} 行", verb, [("字段", columns, "")][: bool(columns)]
        )
    number = line["id"] if line["id"] is not None else ""
    fields = [
        (
            column_label(table, column),
            value_label(table, column, before),
            value_label(table, column, after),
        )
        for column, (before, after) in line["fields"].items()
    ]
    return ChangeLine(f"{name} {number}", verb, fields)


def detail_pairs(entry: AuditEntry) -> list[tuple[str, str]]:
    """Return what was said about an entry besides, as pairs."""
    return [
        (detail_label(key), value_label("", key, value))
        for key, value in json.loads(entry.detail).items()
    ]
