"""责任人 cells that hold telephone numbers too: “张三13900000001、李四（13900000002）”."""

import re

from tracker.ledger.texts import half_width, remembered

PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
LEFT_OVER = re.compile(
    r"[(\[【](?:联系)?(?:电话|手机)?[:：]?\s*[)\]】]|(?:联系)?(?:电话|手机)[:：]"
)


@remembered
def without_phones(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text without telephone numbers, and the numbers in their order."""
    plain = half_width(text)
    phones = tuple(PHONE.findall(plain))
    if not phones:
        return text, ()
    return LEFT_OVER.sub("", PHONE.sub("", plain)).strip(), phones
