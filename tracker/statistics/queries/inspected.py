"""Inspections that were entered or corrected after an instant: what, by whom, when.

An inspection has no dated history of its own: a correction is one of an earlier day, and the audit
trail says what it replaced. Units stand with those that were merged into them.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.audit.labels import column_label, value_label
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import local_date
from tracker.kernel.formats import chinese_date
from tracker.organizations.history import heirs
from tracker.organizations.models import Region, Unit
from tracker.rounds.models import Batch, Inspection, Round

TABLE = Inspection.__tablename__
EDITED = "inspection_edited"
POINTERS: dict[str, Any] = {"unit_id": Unit, "conducting_region_id": Region, "batch_id": Batch}
TOLD = (*POINTERS, "onsite_end", "counts_for_coverage", "kind")
"""The columns that a figure hangs on."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """An inspection as it stands now, and what one act made of it since."""

    round_id: int
    unit_ids: frozenset[int]
    """Whose it was before, after, and is today."""
    batch_ids: frozenset[int]
    sentence: str


def corrections(session: Session, *, after: datetime) -> list[Correction]:
    """Return every inspection entered after an instant, and every correction, in that order."""
    return [*_entered(session, after), *_edited(session, after)]


def by_unit(session: Session, found: Iterable[Correction], *, as_of: date) -> Iterator[Any]:
    """Return (unit id, sentence): of the unit itself, and of whom it counts as on the day."""
    table = heirs(as_of)
    heir_of: dict[int, set[int]] = {}
    for unit_id, heir_id in session.execute(select(table.c.unit_id, table.c.heir_id)):
        heir_of.setdefault(unit_id, {unit_id}).add(heir_id)
    for one in found:
        owners = {heir for unit in one.unit_ids for heir in heir_of.get(unit, {unit})}
        for unit_id in sorted(owners):
            yield unit_id, one.sentence


def _entered(session: Session, after: datetime) -> Iterator[Correction]:
    query = (
        select(Inspection, Unit.name, Round.name)
        .join(Unit, Unit.id == Inspection.unit_id)
        .join(Round, Round.id == Inspection.round_id)
        .where(Inspection.created_at > after)
        .order_by(Inspection.created_at, Inspection.id)
    )
    for row, unit, tour in session.execute(query):
        end = f"，进驻结束日期 {row.onsite_end}" if row.onsite_end else ""
        what = f"登记巡察对象“{unit}”（{tour}{end}）"
        yield _correction(row, [], _said(row.created_at, row.created_by, what))


def _edited(session: Session, after: datetime) -> Iterator[Correction]:
    told = set()
    for entry, row in _entries(session, after):
        lines = [line for line in json.loads(entry.changes or "[]") if _is_about(line, row)]
        fields = {name: both for line in lines for name, both in line["fields"].items()}
        changed = {name: fields[name] for name in TOLD if name in fields}
        told.add(row.id)
        if changed:
            what = f"修改“{row.unit.name}”（{row.round.name}）：{_changes(session, changed)}"
            yield _correction(row, [changed], _said(entry.at, entry.actor, what))
    for row in _touched(session, after):
        if row.id not in told and row.updated_at is not None:
            what = f"修改巡察对象“{row.unit.name}”（{row.round.name}）"
            yield _correction(row, [], _said(row.updated_at, row.updated_by or "", what))


def _entries(session: Session, after: datetime) -> Iterable[tuple[AuditEntry, Inspection]]:
    query = (
        select(AuditEntry, Inspection)
        .join(Inspection, Inspection.id == AuditEntry.object_id)
        .where(AuditEntry.action == EDITED, AuditEntry.at > after)
        .order_by(AuditEntry.seq)
    )
    return [(entry, row) for entry, row in session.execute(query)]


def _touched(session: Session, after: datetime) -> Iterable[Inspection]:
    query = select(Inspection).where(
        Inspection.updated_at > after,
        or_(Inspection.created_at <= after, Inspection.created_at.is_(None)),
    )
    return list(session.scalars(query.order_by(Inspection.updated_at, Inspection.id)))


def _is_about(line: dict[str, Any], row: Inspection) -> bool:
    return line.get("table") == TABLE and line.get("id") == row.id and "fields" in line


def _correction(row: Inspection, changed: list[dict[str, Any]], sentence: str) -> Correction:
    def ever(name: str) -> frozenset[int]:
        known = {getattr(row, name), *(value for each in changed for value in each.get(name, ()))}
        return frozenset(value for value in known if value is not None)

    return Correction(
        round_id=row.round_id,
        unit_ids=ever("unit_id"),
        batch_ids=ever("batch_id"),
        sentence=sentence,
    )


def _changes(session: Session, changed: dict[str, Any]) -> str:
    return "，".join(
        f"{column_label(TABLE, name)} {_shown(session, name, old)} → {_shown(session, name, new)}"
        for name, (old, new) in changed.items()
    )


def _shown(session: Session, name: str, value: Any) -> str:
    model = POINTERS.get(name)
    found = session.get(model, value) if model is not None and value is not None else None
    return value_label(TABLE, name, value) if found is None else str(found.name)


def _said(at: datetime, who: str, what: str) -> str:
    return f"{chinese_date(local_date(at))}由{who}记入：{what}"


def of_rows(
    session: Session, kind: str, ids: Collection[int], *, as_of: date, after: datetime
) -> Iterator[tuple[int, str]]:
    """Return (row id, sentence) for the units, rounds or batches behind a figure."""
    found = corrections(session, after=after)
    if kind == "unit":
        pairs = by_unit(session, found, as_of=as_of)
    elif kind == "round":
        pairs = iter((one.round_id, one.sentence) for one in found)
    else:
        pairs = iter((batch, one.sentence) for one in found for batch in sorted(one.batch_ids))
    return ((row, sentence) for row, sentence in pairs if row in ids)
