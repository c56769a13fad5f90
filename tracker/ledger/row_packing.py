"""A row on its way between the process that reads a file and ours: as short as it goes, what is empty left out.

Import rows are kept in the longer form of `packing`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.feedback.rules import IssueNature
from tracker.ledger.columns import Field
from tracker.ledger.due_text import DueReading
from tracker.ledger.items import ItemRow
from tracker.ledger.notes import Note, Weight
from tracker.ledger.reading_result import ReadRow
from tracker.ledger.rules import RowReading
from tracker.rectification.rules.words import CompletionClass, TaskKind

FIELDS: dict[str, Field] = {wanted.value: wanted for wanted in Field}
READINGS = {reading.value: reading for reading in RowReading}
WEIGHTS = {weight.value: weight for weight in Weight}
NATURES = {nature.value: nature for nature in IssueNature}
KINDS = {kind.value: kind for kind in TaskKind}
COMPLETIONS = {word.value: word for word in CompletionClass}
TUPLES = ("units", "measures", "lead_leaders", "support_depts", "owners", "heard")
DAYS = ("done_on", "closed_on")
WORDS: Mapping[str, Mapping[str, Any]] = {
    "nature": NATURES,
    "kind": KINDS,
    "completion": COMPLETIONS,
}


def pack_row(row: ReadRow) -> list[Any]:
    """Return a row as plain values, by their places."""
    item = None if row.item is None else _pack_item(row.item)
    return [row.sheet, row.row, row.hidden, row.reading.value, _pack_notes(row.notes), item]


def unpack_row(packed: list[Any]) -> ReadRow:
    """Return the row of `pack_row`."""
    sheet, number, hidden, reading, notes, item = packed
    unpacked = None if item is None else _unpack_item(item)
    return ReadRow(sheet, number, READINGS[reading], _unpack_notes(notes), unpacked, hidden)


def _pack_item(item: ItemRow) -> dict[str, Any]:
    """Keep what says something: 0 does, False, None and nothing do not."""
    told: dict[str, Any] = {
        name: value
        for name, value in vars(item).items()
        if value or (value is not False and isinstance(value, int | Decimal))
    }
    due = item.due
    on = due.due_on.isoformat() if due.due_on else None
    told["due"] = [due.raw, on, due.long_term, due.immediate, _pack_notes(due.notes)]
    for name in DAYS:
        if name in told:
            told[name] = told[name].isoformat()
    if "recovered" in told:
        told["recovered"] = str(told["recovered"])
    return told


def _unpack_item(told: dict[str, Any]) -> ItemRow:
    raw, on, long_term, immediate, notes = told["due"]
    due_on = date.fromisoformat(on) if on else None
    told["due"] = DueReading(raw, due_on, long_term, immediate, _unpack_notes(notes))
    told["texts"] = {FIELDS[name]: text for name, text in told.get("texts", {}).items()}
    told["anchors"] = {FIELDS[name]: row for name, row in told.get("anchors", {}).items()}
    told["corrected"] = {FIELDS[name]: text for name, text in told.get("corrected", {}).items()}
    for name in TUPLES:
        if name in told:
            told[name] = tuple(told[name])
    for name in DAYS:
        if name in told:
            told[name] = date.fromisoformat(told[name])
    for name, known in WORDS.items():
        if name in told:
            told[name] = known[told[name]]
    if "recovered" in told:
        told["recovered"] = Decimal(told["recovered"])
    return ItemRow(**told)


def _pack_notes(notes: tuple[Note, ...]) -> list[list[str]]:
    return [[note.code, note.detail, note.weight.value, note.column] for note in notes]


def _unpack_notes(packed: list[list[str]]) -> tuple[Note, ...]:
    return tuple(Note(code, detail, WEIGHTS[weight], at) for code, detail, weight, at in packed)
