"""A workbook of the corpus, declared once and written in any of the formats. Imports nothing of the product."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Formula:
    """A formula; without a saved value it shows nothing to a reader of the file."""

    text: str
    saved: str | None = None


@dataclass(frozen=True)
class Error:
    """An error value such as #REF!."""

    text: str


@dataclass(frozen=True)
class Shown:
    """A number in a number format of its own: Shown(7, "000") is seen as 007."""

    number: int
    number_format: str


Cell = str | int | float | bool | date | Formula | Error | Shown | None


@dataclass(frozen=True)
class Sheet:
    """One sheet; `rows` from the first row of the file on, `merges` like "C3:C5"."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merges: tuple[str, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    state: str = "visible"


@dataclass(frozen=True)
class Book:
    """All sheets of a file; `date_1904` is the calendar of old Macintosh workbooks."""

    sheets: tuple[Sheet, ...]
    date_1904: bool = False


def book(*rows: tuple[Cell, ...], merges: str = "", hidden: tuple[int, ...] = ()) -> Book:
    """Return a workbook of one sheet; `merges` are ranges with spaces between."""
    return Book((sheet("整改台账", *rows, merges=merges, hidden=hidden),))


def sheet(
    name: str,
    *rows: tuple[Cell, ...],
    merges: str = "",
    hidden: tuple[int, ...] = (),
    state: str = "visible",
) -> Sheet:
    """Return a sheet of rows."""
    return Sheet(name, rows, tuple(merges.split()), frozenset(hidden), state)


# What a file of the corpus is expected to be read as -----------------------------------------------

Note = tuple[str, str, str]  # code, the file's word for the column, the Chinese sentence


@dataclass(frozen=True)
class RowSays:
    """One row of the file: item, ignored or refused, with all notes; `values` hold what is not empty."""

    number: int
    reading: str
    notes: tuple[Note, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    hidden: bool = False


@dataclass(frozen=True)
class SheetSays:
    """A sheet, whether it was read, why not, and every one of its rows."""

    name: str
    state: str
    rows: tuple[RowSays, ...]
    reason: str = ""


@dataclass(frozen=True)
class LedgerFile:
    """A file of the corpus: its name, its bytes, and what must be read out of it.

    `counts` are issues, tasks, measures; `rows` how many rows the file has, all sheets together.
    """

    name: str
    build: Callable[[], bytes]
    sheets: tuple[SheetSays, ...]
    counts: tuple[int, int, int]
    rows: int
    refused: str = ""
    unit: str | None = None


def item(number: int, *notes: Note, hidden: bool = False, **values: Any) -> RowSays:
    """Expect a row of data."""
    return RowSays(number, "item", notes, values, hidden)


def refused(number: int, *notes: Note, **values: Any) -> RowSays:
    """Expect a row that cannot be imported."""
    return RowSays(number, "refused", notes, values)


def aside(number: int, note: Note, *, hidden: bool = False) -> RowSays:
    """Expect a row that is no item."""
    return RowSays(number, "ignored", (note,), {}, hidden)


def says(*rows: RowSays, name: str = "整改台账", reason: str = "") -> SheetSays:
    """Expect a sheet that is read."""
    return SheetSays(name, "read", rows, reason)


TITLE = ("title", "", "标题或说明行，在表头之前。")
HEADER = ("header", "", "表头。")
HEADER_AGAIN = ("header", "", "重复的表头。")
BLANK = ("blank", "", "空行。")
TOTAL = ("total", "", "合计行，不是问题。")
SIGNATURE = ("signature", "", "签字、填报信息行，不是问题。")
REMARK = ("remark", "", "说明行，不是问题。")
AS_OF = ("as_of", "", "“截至”说明行，不是问题。")
SECTION = ("section", "", "分节标题行，不是问题。")
NUMBER_ONLY = ("number_only", "", "只有序号，没有内容。")
COLUMN_NUMBERS = ("column_numbers", "", "栏次编号行，不是问题。")
ROW_HIDDEN = ("row_hidden", "", "该行在文件中是隐藏的，已照常读取。")
HIDDEN_SHEET = "工作表已隐藏，没有读取。如需导入，请取消隐藏后重新选择。"
NO_HEADER = "没有找到表头（至少要有“反馈问题”和另外两个栏目），没有读取。"


def category(name: str) -> Note:
    """The note of a sub-heading row."""
    return ("category", "", f"小标题行，作为类别“{name}”。")


def form_row(number: int) -> Note:
    """The note of a row of a one-page form whose issue stands in another row."""
    return ("form_row", "", f"一事一表中的一行，已并入第 {number} 行的问题。")
