"""Cells as text: how one is written down, and in which form two of them are compared."""

import re
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

from tracker.ledger.columns import BY_FIELD, Field
from tracker.ledger.texts import cell_text, half_width, split_list
from tracker.spreadsheets.sanitise import safe_text
from tracker.spreadsheets.workbook import CellValue

EXTRA = "extra:"
"""Before the label of a column that is none of ours, in the code of a cell."""
NAMES = frozenset({Field.LEAD_LEADER, Field.OWNER})
LISTS = frozenset({Field.SUPPORT_DEPTS, Field.PHONE})
AMOUNTS = frozenset({Field.INSTITUTIONS, Field.ACCOUNTABILITY, Field.RECOVERED})
DAYS = frozenset({Field.DUE, Field.DONE_ON, Field.CLOSED_ON})
WHOLE_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?", re.ASCII)


def text_of(value: CellValue | Decimal) -> str:
    """Return a cell that is written as the reader of the file will see it."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return cell_text(safe_text(value) if isinstance(value, str) else value)


def title_of(code: str) -> str:
    """Return the title of the column that a cell's code stands for."""
    return code.removeprefix(EXTRA) if code.startswith(EXTRA) else BY_FIELD[Field(code)].title


def plain_form(code: str, text: str) -> str:
    """Return the form in which two texts of a column are compared: names in any order, days and
    numbers however they are written."""
    if code in NAMES:
        return "、".join(sorted(split_list(text)))
    if code in LISTS:
        return "、".join(split_list(text))
    if code in AMOUNTS:
        return _number(text)
    if code in DAYS:
        return _day(half_width(text))
    return half_width(text) if code == Field.ISSUE_NO else text


def _number(text: str) -> str:
    with suppress(InvalidOperation):
        return f"{Decimal(half_width(text)).normalize():f}"
    return text


def _day(text: str) -> str:
    found = WHOLE_DAY.fullmatch(text)
    if found is not None:
        with suppress(ValueError):  # 30 February
            return date(*map(int, found.groups())).isoformat()
    return text
