"""What the trail may show of a value: one table. The three administrators read no business text.

States, days, numbers and codes stand in clear. A text typed by somebody stands as its length and
the beginning of its SHA-256: enough to prove which text it was, not to read it. Unknown columns are
treated as texts, so a new model cannot leak by being forgotten here.
"""

import enum
import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

HIDDEN = "（已隐藏）"
NOT_KEPT = "（不记内容）"
DIGEST_CHARACTERS = 12

# Texts that are names of things, not what anybody wrote about them.
CLEAR_COLUMNS = frozenset(
    {
        "action",
        "code",
        "dictionary",
        "doc_no",
        "extension",
        "issue_no",
        "key",
        "key_tail",
        "media_type",
        "scope",
        "sha256",
        "short_name",
        "source_code",
        "task_no",
        "username",
        "verb",
    }
)
CLEAR_NAMES = frozenset(
    {"channels.name", "header_words.meaning", "regions.name", "rounds.name", "units.name"}
)
PERSONS_NAMES = frozenset({"persons.name"})
MOBILE = re.compile(r"mobile|phone|telephone")
SECRET = re.compile(r"password|secret|token|sealed|hash|key_mark|wecom_userid|email|storage_name")
# Rows of which not even a digest of a text is kept: the clues themselves.
NEVER = re.compile(r"^clues?$|^clue_(?!counts)")
# Who and when stand in the entry itself; a row's version says nothing.
NOISE = frozenset({"created_at", "created_by", "updated_at", "updated_by", "version"})
# Columns of a claim or a receipt: machinery, not a change somebody made.
MACHINERY = frozenset(
    f"channels.{name}"
    for name in (
        "claimed_by",
        "claimed_until",
        "last_answer",
        "last_errcode",
        "last_failed_at",
        "last_sent_at",
    )
)
# Words given as detail by a caller, under these keys or longer than this, are texts too.
TEXT_KEYS = frozenset(
    {
        "body",
        "content",
        "goal",
        "name",
        "note",
        "reason",
        "remark",
        "sentence",
        "summary",
        "text",
        "title",
    }
)
CLEAR_KEYS = frozenset({"endpoint", "rule"})  # places in the code
LONGEST_CLEAR_DETAIL = 64


def is_noted(table: str, column: str) -> bool:
    """Return whether a change of this column is worth a line at all."""
    return column not in NOISE and f"{table}.{column}" not in MACHINERY


def shown(table: str, column: str, value: Any) -> Any:
    """Return what the trail keeps of a column's value: a JSON value."""
    if value is None or isinstance(value, bool):
        return value
    if SECRET.search(column):
        return HIDDEN
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, int):
        return value
    if isinstance(value, datetime | date | Decimal):
        return value.isoformat() if isinstance(value, date) else str(value)
    return _shown_text(table, column, str(value))


def _shown_text(table: str, column: str, text: str) -> str:
    if NEVER.search(table):
        return NOT_KEPT
    if MOBILE.search(column):
        return mobile(text)
    name = f"{table}.{column}"
    if name in PERSONS_NAMES:
        return persons_name(text)
    if column in CLEAR_COLUMNS or name in CLEAR_NAMES:
        return text[:LONGEST_CLEAR_DETAIL]
    return mark(text)


def mark(text: str) -> str:
    """Return a text's length and the beginning of its SHA-256."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"（{len(text)} 字，摘要 {digest[:DIGEST_CHARACTERS]}）"


def mobile(text: str) -> str:
    """Return 138****0000; what is too short to be a number is hidden whole."""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else "****"


def persons_name(text: str) -> str:
    """Return 张**."""
    return f"{text[:1]}**"


def detail(given: dict[str, Any]) -> dict[str, Any]:
    """Return what a caller says about an entry, its texts masked."""
    return {key: _detail(key, value) for key, value in given.items()}


def _detail(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return detail(value)
    if isinstance(value, enum.Enum) or not isinstance(value, str):
        return value
    if key in CLEAR_KEYS:
        return value
    if SECRET.search(key):
        return HIDDEN
    if MOBILE.search(key):
        return mobile(value)
    return mark(value) if key in TEXT_KEYS or len(value) > LONGEST_CLEAR_DETAIL else value
