"""Numbers in ledger cells: 建章立制 (项), 追责问责 (人次), 挽回损失 (万元). Text is tolerated, with a note."""

import re
from decimal import Decimal

from tracker.ledger.notes import Note, doubt, info
from tracker.ledger.texts import cell_text, chinese_number, remembered, says_nothing, squeeze
from tracker.spreadsheets.workbook import CellValue

NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])")
CHINESE = re.compile(r"[〇零一二两三四五六七八九十]+(?=项|个|件|条|人|份|次|余)")
COUNT = re.compile(r"(\d+)(?:项|个|件|条|人次|人|份|次|项制度)?")
MONEY = re.compile(r"(\d+(?:\.\d+)?)(亿元|亿|万元|万|元)?")
IN_WAN = {"元": Decimal("0.0001"), "亿": Decimal(10_000), "亿元": Decimal(10_000)}


def read_count(value: CellValue) -> tuple[int | None, tuple[Note, ...]]:
    """Return a whole number: 3, “3项”, “三项”. “无” is 0, an empty cell None."""
    return (None, ()) if value is None else _count(cell_text(value))


@remembered
def _count(shown: str) -> tuple[int | None, tuple[Note, ...]]:
    text = _spelled(shown)
    if says_nothing(text):
        return (0 if text else None), ()
    if match := COUNT.fullmatch(text):
        return int(match[1]), ()
    numbers = NUMBER.findall(text)
    if len(numbers) == 1 and numbers[0].isdigit():
        return int(numbers[0]), (
            doubt("number_in_text", f"“{shown}”按 {numbers[0]} 登记，请核对。"),
        )
    return None, (_unreadable(shown),)


def read_money(value: CellValue) -> tuple[Decimal | None, tuple[Note, ...]]:
    """Return an amount in 万元: 12.5, “12.5万元”, “5000元” (0.5, with a note)."""
    return (None, ()) if value is None else _money(cell_text(value))


@remembered
def _money(shown: str) -> tuple[Decimal | None, tuple[Note, ...]]:
    text = _spelled(shown)
    if says_nothing(text):
        return (Decimal(0) if text else None), ()
    if match := MONEY.fullmatch(text):
        return _in_wan(Decimal(match[1]), match[2] or "万元", shown)
    numbers = NUMBER.findall(text)
    if len(numbers) == 1 and "亿" not in text and ("万" in text or "元" not in text):
        return Decimal(numbers[0]), (
            doubt("number_in_text", f"“{shown}”按 {numbers[0]} 万元登记，请核对。"),
        )
    return None, (_unreadable(shown),)


def _in_wan(amount: Decimal, unit: str, shown: str) -> tuple[Decimal, tuple[Note, ...]]:
    if unit not in IN_WAN:
        return amount, ()
    converted = Decimal(f"{(amount * IN_WAN[unit]).normalize():f}")
    note = info("amount_converted", f"“{shown}”换算为 {converted} 万元。")
    return converted, (note,)


def _spelled(shown: str) -> str:
    """Half-width, without thousands separators, Chinese numerals before a unit as digits."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", squeeze(shown))
    return CHINESE.sub(lambda m: str(n) if (n := chinese_number(m[0])) is not None else m[0], text)


def _unreadable(shown: str) -> Note:
    return doubt("number_unreadable", f"“{shown}”不能识别为数字，未登记数字，原文保留。")
