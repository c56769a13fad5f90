"""A reading as JSON and back: between the process that reads a file and ours, and in import rows."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.feedback.rules import IssueNature
from tracker.ledger.columns import Field
from tracker.ledger.due_text import DueReading
from tracker.ledger.header_words import meaning_from
from tracker.ledger.items import ItemRow
from tracker.ledger.layouts import ColumnReading, Origin, TableLayout
from tracker.ledger.notes import Note, Weight
from tracker.ledger.reading_result import (
    LedgerReading,
    ReadRow,
    Refusal,
    SheetReading,
    SheetReadingState,
)
from tracker.rectification.rules.words import CompletionClass, TaskKind


def pack_told(reading: LedgerReading) -> dict[str, Any]:
    """Return a reading without its rows as plain values."""
    refused = reading.refused
    return {
        "file": reading.file,
        "refused": [refused.code, refused.detail] if refused else None,
        "sheets": [[sheet.name, sheet.state.value, sheet.reason] for sheet in reading.sheets],
        "layouts": pack_layouts(reading.layouts),
    }


def unpack_told(packed: Mapping[str, Any], rows: Iterable[ReadRow]) -> LedgerReading:
    """Return the reading of `pack_told`, with these rows."""
    return LedgerReading(
        packed["file"],
        Refusal(*packed["refused"]) if packed["refused"] else None,
        tuple(
            SheetReading(name, SheetReadingState(state), why)
            for name, state, why in packed["sheets"]
        ),
        tuple(rows),
        unpack_layouts(packed["layouts"]),
    )


def pack_layouts(layouts: Iterable[TableLayout]) -> list[list[Any]]:
    """Return the columns of each table as lists."""
    return [
        [
            *(table.sheet, table.row, table.is_read),
            [
                [c.place, c.label, c.key, c.meaning.value, c.origin.value, list(c.samples)]
                for c in table.columns
            ],
        ]
        for table in layouts
    ]


def unpack_layouts(packed: list[list[Any]]) -> tuple[TableLayout, ...]:
    """Return the tables of `pack_layouts`."""
    return tuple(
        TableLayout(
            *(sheet, row, is_read),
            tuple(
                ColumnReading(
                    place, label, key, meaning_from(meaning), Origin(origin), tuple(samples)
                )
                for place, label, key, meaning, origin, samples in columns
            ),
        )
        for sheet, row, is_read, columns in packed
    )


def pack_notes(notes: tuple[Note, ...]) -> list[list[str]]:
    """Return notes as lists of code, detail, weight, column."""
    return [[note.code, note.detail, note.weight.value, note.column] for note in notes]


def unpack_notes(packed: list[list[str]]) -> tuple[Note, ...]:
    """Return the notes of `pack_notes`."""
    return tuple(Note(code, detail, Weight(weight), at) for code, detail, weight, at in packed)


def pack_item(item: ItemRow) -> dict[str, Any]:
    """Return a row of data as plain values."""
    due = item.due
    return {
        "sheet": item.sheet,
        "row": item.row,
        "issue_row": item.issue_row,
        "texts": {wanted.value: text for wanted, text in item.texts.items()},
        "anchors": {wanted.value: row for wanted, row in item.anchors.items()},
        "due": [due.raw, _iso(due.due_on), due.long_term, due.immediate, pack_notes(due.notes)],
        **{name: list(getattr(item, name)) for name in TUPLES},
        **{name: getattr(item, name) for name in PLAIN},
        **{name: _iso(getattr(item, name)) for name in DAYS},
        "nature": item.nature,
        "kind": item.kind,
        "completion": item.completion,
        "recovered": None if item.recovered is None else str(item.recovered),
        "extra": dict(item.extra),
        "corrected": {wanted.value: text for wanted, text in item.corrected.items()},
        **({"key": item.key, "heard": list(item.heard)} if item.key else {}),
    }


def unpack_item(packed: Mapping[str, Any]) -> ItemRow:
    """Return the row of `pack_item`."""
    raw, due_on, long_term, immediate, notes = packed["due"]
    values: dict[str, Any] = {
        **{name: packed[name] for name in ("sheet", "row", "issue_row", "extra", *PLAIN)},
        **{name: tuple(packed[name]) for name in TUPLES},
        **{name: _day(packed[name]) for name in DAYS},
        "texts": {Field(name): text for name, text in packed["texts"].items()},
        "anchors": {Field(name): row for name, row in packed["anchors"].items()},
        "due": DueReading(raw, _day(due_on), long_term, immediate, unpack_notes(notes)),
        "nature": IssueNature(packed["nature"]) if packed["nature"] else None,
        "kind": TaskKind(packed["kind"]) if packed["kind"] else None,
        "completion": CompletionClass(packed["completion"]) if packed["completion"] else None,
        "recovered": None if packed["recovered"] is None else Decimal(packed["recovered"]),
        "corrected": {Field(name): text for name, text in packed.get("corrected", {}).items()},
        "key": packed.get("key", ""),
        "heard": tuple(packed.get("heard", ())),
    }
    return ItemRow(**values)


TUPLES = ("units", "measures", "lead_leaders", "support_depts", "owners")
PLAIN = ("cat_l1", "cat_l2", "closed", "institutions", "accountability", "issue_merged")
DAYS = ("done_on", "closed_on")


def to_text(packed: object) -> str:
    """Return packed values as JSON text, Chinese kept readable."""
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
