"""粘贴台账: a table pasted from Excel or WPS becomes a .tsv file, which is read like any other."""

from tracker.kernel.errors import DomainError
from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.header import MIN_KNOWN_COLUMNS
from tracker.ledger.header_words import SYNONYMS, TITLES, shipped_meaning
from tracker.spreadsheets.clipboard import read_clipboard, write_tsv

MAX_ROWS = 1_000
MAX_COLUMNS = 60
MAX_CHARACTERS = 500_000
HEADER_ROWS = 10
FIELDS = (
    Field.UNIT,
    Field.ISSUE_NO,
    Field.ISSUE,
    Field.MEASURE,
    Field.LEAD_LEADER,
    Field.LEAD_DEPT,
    Field.OWNER,
    Field.PHONE,
    Field.DUE,
    Field.KIND,
    Field.PROGRESS,
    Field.COMPLETION,
    Field.CLOSED,
    Field.CLOSED_ON,
    Field.REMARK,
)
COLUMNS = tuple(BY_FIELD[wanted].title for wanted in FIELDS)
"""What the columns mean when what is pasted brings no header."""

KNOWN_WORDS = tuple(dict.fromkeys([*TITLES, *SYNONYMS]))
"""By these the page sees that a pasted block begins with a header; none is longer than a title."""

FILE_NAME = "粘贴的台账.tsv"


def tsv_of(text: str, *, has_header: bool = False) -> bytes:
    """Return the .tsv of a pasted text, under our own header unless it brings one.

    DomainError when there is nothing in it, or too much.
    """
    rows = read_clipboard(text)
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    _check(rows, text)
    if not (has_header or brings_header(rows)):
        rows.insert(0, list(COLUMNS))
    return write_tsv(rows).encode()


def _check(rows: list[list[str]], text: str) -> None:
    if not rows:
        raise DomainError("还没有内容。请从 Excel 或 WPS 复制表格，粘贴到这里。")
    if len(rows) > MAX_ROWS:
        raise DomainError(
            f"粘贴了 {len(rows)} 行，最多 {MAX_ROWS} 行。请分几次粘贴，或改用“上传文件”。"
        )
    if max(map(len, rows)) > MAX_COLUMNS:
        raise DomainError(f"最多 {MAX_COLUMNS} 列。请只复制台账的各列，或改用“上传文件”。")
    if len(text) > MAX_CHARACTERS:
        raise DomainError(
            f"粘贴的内容超过 {MAX_CHARACTERS // 10_000} 万字。请分几次粘贴，或改用“上传文件”。"
        )


def brings_header(rows: list[list[str]]) -> bool:
    """Tell whether one of the first rows is a header in words we know, a title above it or not."""
    return any(_is_header(row) for row in rows[:HEADER_ROWS])


def _is_header(row: list[str]) -> bool:
    found = {shipped_meaning(cell) for cell in row} - {None}
    return Field.ISSUE in found and len(found) >= MIN_KNOWN_COLUMNS
