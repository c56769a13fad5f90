"""Excel's serial numbers: days since 1900 (with its phantom 29 February 1900) or since 1904."""

import re
from datetime import date, timedelta

from tracker.ledger.texts import remembered, squeeze
from tracker.spreadsheets.workbook import CellValue

EPOCH_1900 = date(1899, 12, 30)
EPOCH_1904 = date(1904, 1, 1)
DIGITS = re.compile(r"\d{5}(?:\.\d+)?")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def serial_date(value: CellValue, *, date_1904: bool) -> date | None:
    """Return the day of a serial number or of its digits as text; None for what cannot be one.

    Only days of 2000 to 2099 count, so a year, a phone number or 20250630 is never taken for a serial.
    """
    number = _number(value)
    epoch = EPOCH_1904 if date_1904 else EPOCH_1900
    if number is None or not (FIRST_DAY - epoch).days <= number <= (LAST_DAY - epoch).days:
        return None
    return epoch + timedelta(days=number)


def _number(value: CellValue) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value)
    return _number_in(value) if isinstance(value, str) else None


@remembered
def _number_in(text: str) -> int | None:
    digits = squeeze(text)
    return int(float(digits)) if DIGITS.fullmatch(digits) else None
