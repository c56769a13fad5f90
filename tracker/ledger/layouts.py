"""对应列: which columns a ledger has, what each was taken for, and how sure that is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from tracker.kernel.labels import LabelledEnum
from tracker.ledger.columns import WRITTEN_ONLY, Field
from tracker.ledger.form_pages import FormPage
from tracker.ledger.header import Header
from tracker.ledger.header_words import HeaderWords, Meaning, Unread, key_of, shipped_meaning
from tracker.ledger.sheet_cells import SheetCells
from tracker.ledger.texts import cell_text
from tracker.spreadsheets.sheet_scan import column_letters
from tracker.spreadsheets.workbook import CellValue

SAMPLES = 3
SAMPLE_ROWS = 200
LONGEST_SAMPLE = 60


class Origin(LabelledEnum):
    """Where it is known from what a column means; the last two want a person's eye."""

    SHIPPED = "shipped", "通用表头"
    LEARNED = "learned", "本办已确认"
    TWICE = "twice", "与另一列重复"
    UNKNOWN = "unknown", "不认识的表头"


@dataclass(frozen=True)
class ColumnReading:
    """A column, or a word of a form: `place` is its letters or row, `key` what it is learned by."""

    place: str
    label: str
    key: str
    meaning: Meaning
    origin: Origin
    samples: tuple[str, ...]


@dataclass(frozen=True)
class TableLayout:
    """A table of a sheet, its header from `row` on. `is_read` is False where the header is a guess."""

    sheet: str
    row: int
    is_read: bool
    columns: tuple[ColumnReading, ...]


def table_layout(
    cells: SheetCells, header: Header, words: HeaderWords, *, is_read: bool
) -> TableLayout:
    """Describe the columns under a header; of several with the same words the first stands for all."""
    fields = {column: wanted for wanted, column in header.columns.items()}
    found: dict[str, ColumnReading] = {}
    for column, label in sorted(header.labels.items()):
        texts = header.words[column]
        meaning = _meaning(column, header, fields)
        rows = range(header.last_row + 1, header.last_row + 1 + SAMPLE_ROWS)
        samples = _samples(cells.row(row).value(column) for row in rows)
        origin = _origin(texts, meaning, words)
        key = key_of(texts)
        place = f"{column_letters(column)} 列"
        found.setdefault(key, ColumnReading(place, label, key, meaning, origin, samples))
    return TableLayout(cells.sheet.name, header.first_row, is_read, tuple(found.values()))


def form_layout(sheet: str, pages: Sequence[FormPage], words: HeaderWords) -> TableLayout:
    """Describe the words of forms of one sheet, each once."""
    pairs = [pair for page in pages for pair in page.pairs]
    found: dict[str, ColumnReading] = {}
    for pair in pairs:
        key = key_of([pair.label])
        if key not in found:
            samples = _samples(p.value for p in pairs if p.label == pair.label)
            meaning = pair.meaning or Unread.EXTRA
            origin = _origin([pair.label], meaning, words)
            place = f"第 {pair.row} 行"
            found[key] = ColumnReading(place, pair.label, key, meaning, origin, samples)
    return TableLayout(sheet, pages[0].issue_row, True, tuple(found.values()))


def _meaning(column: int, header: Header, fields: dict[int, Field]) -> Meaning:
    if column in fields:
        return fields[column]
    return Unread.EXTRA if column in header.extras else Unread.SKIPPED


def _origin(texts: Sequence[str], meaning: Meaning, words: HeaderWords) -> Origin:
    learned = words.learned_meaning(texts)
    if learned is meaning:
        return Origin.LEARNED
    if isinstance(meaning, Field) or texts[0] in WRITTEN_ONLY:
        return Origin.SHIPPED
    known = learned is not None or any(shipped_meaning(text) for text in texts)
    return Origin.TWICE if known else Origin.UNKNOWN


def _samples(values: Iterable[CellValue]) -> tuple[str, ...]:
    """Return the first different values there are, cut to what fits beside a column."""
    texts = (cell_text(value).replace("\n", " ")[:LONGEST_SAMPLE] for value in values)
    different = dict.fromkeys(text for text in texts if text)
    return tuple(islice(different, SAMPLES))
