"""对应列, pure: what a person says the columns of a file mean, where that cannot be, what is learned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.ledger.columns import Field
from tracker.ledger.header import MIN_KNOWN_COLUMNS
from tracker.ledger.header_words import LONGEST_WORD, Meaning
from tracker.ledger.layouts import ColumnReading, Origin, TableLayout


@dataclass(frozen=True)
class TableGroup:
    """Tables with the same columns, shown once; `sheets` are the sheets they stand in."""

    sheets: tuple[str, ...]
    table: TableLayout
    first: int
    """The place of its first column among those of all groups, from 0."""

    @property
    def columns(self) -> tuple[ColumnReading, ...]:
        """Return the columns, with the samples of the first table."""
        return self.table.columns


def group_tables(layouts: Sequence[TableLayout]) -> list[TableGroup]:
    """Put tables with the same columns together, as a page per issue (归零表) has them."""
    groups: dict[object, list[TableLayout]] = {}
    for table in layouts:
        columns = tuple((c.key, c.meaning, c.origin) for c in table.columns)
        groups.setdefault((table.is_read, columns), []).append(table)
    found, first = [], 0
    for tables in groups.values():
        sheets = tuple(dict.fromkeys(table.sheet for table in tables))
        found.append(TableGroup(sheets, tables[0], first))
        first += len(tables[0].columns)
    return found


def wants_eyes(layouts: Sequence[TableLayout]) -> bool:
    """Tell whether a person should say what columns mean before the preview.

    A sheet without a header is no reason while another one was read: ledgers have covers.
    """
    read = [table for table in layouts if table.is_read]
    unknown = any(c.origin is Origin.UNKNOWN for table in read for c in table.columns)
    return unknown or (not read and bool(layouts))


class FaultKind(StrEnum):
    """Why a choice cannot be."""

    TAKEN = "taken"
    DISAGREES = "disagrees"
    NO_ISSUE = "no_issue"
    TOO_FEW = "too_few"
    TOO_LONG = "too_long"


@dataclass(frozen=True)
class Fault:
    """A choice that cannot be; `place` counts all columns from 0, `other` is the one in its way."""

    kind: FaultKind
    place: int
    group: TableGroup
    other: ColumnReading | None = None


Choices = Sequence[Meaning]
"""A meaning for each column of each group, in their order."""


def chosen_in(
    groups: Sequence[TableGroup], choices: Choices
) -> Iterator[tuple[TableGroup, list[tuple[int, ColumnReading, Meaning]]]]:
    """Give each group that is to be read with its columns, their places and meanings.

    A table whose header is a guess stays unread until a column is said to be the issues.
    """
    for group in groups:
        places = range(group.first, group.first + len(group.columns))
        columns = [(n, c, choices[n]) for n, c in zip(places, group.columns, strict=True)]
        if group.table.is_read or any(meaning is Field.ISSUE for _, _, meaning in columns):
            yield group, columns


def faults_of(groups: Sequence[TableGroup], choices: Choices) -> Iterator[Fault]:
    """Give what cannot be: a field twice, one word with two meanings, a table without issues."""
    words: dict[str, tuple[ColumnReading, Meaning]] = {}
    for group, columns in chosen_in(groups, choices):
        taken: dict[Meaning, ColumnReading] = {}
        for place, column, meaning in columns:
            if isinstance(meaning, Field) and meaning in taken:
                yield Fault(FaultKind.TAKEN, place, group, taken[meaning])
            taken.setdefault(meaning, column)
            if _is_new(column, meaning) and len(column.key) > LONGEST_WORD:
                yield Fault(FaultKind.TOO_LONG, place, group)
            before, said = words.setdefault(column.key, (column, meaning))
            if said != meaning and (meaning != column.meaning or said != before.meaning):
                yield Fault(FaultKind.DISAGREES, place, group, before)
        fields = {meaning for meaning in taken if isinstance(meaning, Field)}
        if Field.ISSUE not in fields:
            yield Fault(FaultKind.NO_ISSUE, group.first, group)
        elif len(fields) < MIN_KNOWN_COLUMNS:
            yield Fault(FaultKind.TOO_FEW, group.first, group)


def _is_new(column: ColumnReading, meaning: Meaning) -> bool:
    """Tell whether a person has said something that no dictionary says."""
    return meaning != column.meaning or column.origin is Origin.UNKNOWN


def words_to_learn(groups: Sequence[TableGroup], choices: Choices) -> dict[str, Meaning]:
    """Return what is new in the choices; a word the product knows is not learned by being left alone.

    An unknown word too long to be kept is asked about again next time.
    """
    return {
        column.key: meaning
        for _, columns in chosen_in(groups, choices)
        for _, column, meaning in columns
        if _is_new(column, meaning) and len(column.key) <= LONGEST_WORD
    }


def not_heeded(
    groups: Sequence[TableGroup], choices: Choices, layouts: Sequence[TableLayout]
) -> tuple[str, ColumnReading] | None:
    """Return the first sheet and column that a new reading takes for something else than was chosen."""
    read = {(t.sheet, c.key, c.meaning) for t in layouts if t.is_read for c in t.columns}
    for group, columns in chosen_in(groups, choices):
        for sheet in group.sheets:
            for _, column, meaning in columns:
                if (sheet, column.key, meaning) not in read:
                    return sheet, column
    return None
