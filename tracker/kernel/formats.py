"""How numbers and dates are written in Chinese documents: one way everywhere, all pure."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction

NOTHING_TO_DIVIDE_BY = "—"
NOTHING_TO_COMPARE_WITH = "无同期可比数"
DIGITS = "零一二三四五六七八九"
UNITS = ("", "十", "百", "千")
SIGN_IN_NAME = re.compile(r"（[\w.@-]+）$", re.ASCII)


def chinese_numeral(n: int) -> str:
    """Write 0–9999 as people count: 七, 十二, 二十, 一百零五. Raises ValueError outside."""
    if not 0 <= n <= 9999:
        raise ValueError(f"no numeral for {n}")
    if n < 10:
        return DIGITS[n]
    written = ""
    for place in (3, 2, 1, 0):
        digit = n // 10**place % 10
        if digit:
            written += DIGITS[digit] + UNITS[place]
        elif written and not written.endswith("零"):
            written += "零"
    written = written.rstrip("零")
    return written.removeprefix("一") if 10 <= n < 20 else written


def chinese_date(day: date) -> str:
    """Write 2026年11月21日: Arabic digits, no leading zeros (GB/T 9704-2012 §7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


def without_sign_in_name(actor: str) -> str:
    """Return the name of who did something, without the sign-in name that the records keep."""
    return SIGN_IN_NAME.sub("", actor)


def plain_number(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros: 50.0 → 50."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent_value(part: Number, whole: Number) -> Decimal | None:
    """Return 100 × part ÷ whole to one decimal, half up; None when the whole is 0.

    This is the figure for machines; people read `percent`.
    """
    return None if whole == 0 else _rounded(_ratio(part, whole) * 100, 1)


def percent(part: Number, whole: Number) -> str:
    """Write a share: 42.9%, 50%, “—” of nothing; one decimal, half up, trailing zeros dropped.

    Less than all never reads 100% (99.96%), more than none never 0% (不足0.1%).
    Raises ValueError when either is negative.
    """
    if part < 0 or whole < 0:
        raise ValueError("a share of negative counts")
    if whole == 0:
        return NOTHING_TO_DIVIDE_BY
    return _amount(_ratio(part, whole) * 100, "%")


def over_count(n: int) -> str:
    """Write a count for running text: exact below 10, else floored with 余 unless it is exact.

    To the ten below 1000 (215 → 210余), to the hundred from there (4841 → 4800余).
    Raises ValueError when negative.
    """
    if n < 0:
        raise ValueError("a negative count")
    step = 1 if n < 10 else 10 if n < 1000 else 100
    floor = n - n % step
    return str(n) if floor == n else f"{floor}余"


def year_on_year(current: Number, previous: Number | None) -> str:
    """Word a count against the same span of last year: 同比增长41.3%, 同比下降…, 同比持平.

    Last year 0 or unknown: 无同期可比数. Raises ValueError when either is negative.
    """
    if previous is None or previous == 0:
        return NOTHING_TO_COMPARE_WITH
    if current < 0 or previous < 0:
        raise ValueError("a comparison of negative counts")
    if current == previous:
        return "同比持平"
    change = percent(abs(Fraction(current) - Fraction(previous)), previous)
    return f"同比{'增长' if current > previous else '下降'}{change}"


def year_on_year_points(current: Number | None, previous: Number | None) -> str:
    """Word a share (0–1, unrounded) against last year's, in percentage points (百分点)."""
    if current is None or previous is None:
        return NOTHING_TO_COMPARE_WITH
    points = (Fraction(current) - Fraction(previous)) * 100
    if points == 0:
        return "同比持平"
    return f"同比{'提高' if points > 0 else '下降'}{_amount(abs(points), '个百分点')}"


def _amount(hundredths: Fraction, unit: str) -> str:
    """Write a number that is neither rounded up to a full 100 nor down to nothing."""
    places = 1
    value = _rounded(hundredths, places)
    if value == 0 and hundredths > 0:
        return f"不足0.1{unit}"
    while hundredths < 100 <= value:
        places += 1
        value = _rounded(hundredths, places)
    return plain_number(value) + unit


def _ratio(part: Number, whole: Number) -> Fraction:
    return Fraction(part) / Fraction(whole)


def _rounded(value: Fraction, places: int) -> Decimal:
    """Round half up (away from zero), exactly: nothing is rounded twice."""
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if rest * 2 >= scaled.denominator:
        whole += 1
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)
