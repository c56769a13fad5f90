"""What reading a ledger gives: every sheet and row of the file, each with what became of it and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from tracker.ledger.columns import Field
from tracker.ledger.items import ItemRow
from tracker.ledger.layouts import TableLayout
from tracker.ledger.notes import Note, Weight
from tracker.ledger.rules import IssueGroup, RowReading, group_issues


class SheetReadingState(StrEnum):
    """What became of a sheet; `hidden` and `skipped` carry a reason, `read` sometimes a reservation."""

    READ = "read"
    HIDDEN = "hidden"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class SheetReading:
    """A sheet and, when it was not read, why."""

    name: str
    state: SheetReadingState
    reason: str = ""


@dataclass(frozen=True)
class ReadRow:
    """A row of the file. `item` is there for items and for refused rows; `notes` say the reason."""

    sheet: str
    row: int
    reading: RowReading
    notes: tuple[Note, ...]
    item: ItemRow | None = None
    hidden: bool = False

    @property
    def doubtful(self) -> bool:
        """Tell whether an item wants a person's eye."""
        return self.reading is RowReading.ITEM and any(n.weight is Weight.DOUBT for n in self.notes)


def groupable(rows: Iterable[ReadRow]) -> list[ItemRow]:
    """Return the items that name their issue; a row with a key may leave it out."""
    items = (row.item for row in rows if row.reading is RowReading.ITEM and row.item is not None)
    return [item for item in items if item.text(Field.ISSUE)]


@dataclass(frozen=True)
class Refusal:
    """Why the whole file was refused."""

    code: str
    detail: str


@dataclass(frozen=True)
class LedgerReading:
    """A whole file, read. `refused` is set when nothing in it can be imported."""

    file: str
    refused: Refusal | None = None
    sheets: tuple[SheetReading, ...] = ()
    rows: tuple[ReadRow, ...] = ()
    layouts: tuple[TableLayout, ...] = ()

    @cached_property
    def issues(self) -> tuple[IssueGroup, ...]:
        """Return what the items belong to; an import asks with its own eyes instead."""
        return group_issues(groupable(self.rows))

    @property
    def items(self) -> tuple[ItemRow, ...]:
        """Return the rows that will be imported."""
        return tuple(
            r.item for r in self.rows if r.reading is RowReading.ITEM and r.item is not None
        )

    @property
    def counts(self) -> dict[str, int]:
        """Return issues, tasks, measures, and rows that are doubtful or refused."""
        tasks = [task for issue in self.issues for task in issue.tasks]
        return {
            "issues": len(self.issues),
            "tasks": len(tasks),
            "measures": sum(len(task.measures) for task in tasks),
            "doubtful": sum(row.doubtful for row in self.rows),
            "refused": sum(row.reading is RowReading.REFUSED for row in self.rows),
        }
