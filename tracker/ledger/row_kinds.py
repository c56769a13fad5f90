"""Rows of a ledger that are no items: titles, headings, totals, signatures. Each with its reason."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.ledger.columns import Field
from tracker.ledger.header import Header
from tracker.ledger.notes import Note, info
from tracker.ledger.texts import squeeze

LEVEL_1 = re.compile(r"^[一二三四五六七八九十]{1,3}[、.．]\s*")
LEVEL_2 = re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]\s*[、.．]?\s*")
COUNTED = re.compile(r"[（(][^（()）]*\d[^（()）]*[)）]$")
ASPECT = re.compile(r"方面(?:的?问题|存在的?问题)?(?:[（(][^（()）]*[)）])?[:：。.]?$")
TOTAL = re.compile(r"^(?:合计|总计|小计|共计|总数|累计)(?:[:：(（]|$|\d|[^，。]{0,12}$)")
TOTAL_ALONE = re.compile(r"^(?:合计|总计|小计|共计|总数)[:：]?$")
TOTAL_NOTE = info("total", "合计行，不是问题。")
SIGNATURE_NOTE = info("signature", "签字、填报信息行，不是问题。")
SIGNATURE = re.compile(
    r"^(?:填报|审核|审批|审定|制表|填表|经办|复核|报送|签发|整改责任)?(?:人|单位|部门|日期|时间|领导|负责人|组织)?"
    r"(?:签字|签名|签章|盖章|[(（](?:签字|签名|盖章|签章|公章)[)）])"
    r"|^(?:填报|审核|审批|审定|制表|填表|复核|报送|签发|批准|校对)(?:人|单位|部门|日期|时间|领导|负责人)"
    r"|^(?:主要负责人|党组书记|党委书记|单位负责人|分管领导|联系人|联系电话)(?:签字|签名|[(（]?签|[:：])"
    r"|^20\d\d年\d{1,2}月\d{1,2}日$|^[(（](?:盖章|公章|单位盖章|签章)[)）]$"
)
REMARK = re.compile(r"^(?:注|备注|说明|填表说明|填报说明|附注)(?:[:：]|\d)")
AS_OF = re.compile(r"^(?:数据)?(?:截至|截止)")
COLUMN_SIGNS = "甲乙丙丁戊己庚辛壬癸"
FEW_CELLS = 3


@dataclass(frozen=True)
class Heading:
    """A sub-heading row: level 1 is 一、…, level 2 is （一）…, its text without the mark."""

    level: int
    text: str


@dataclass(frozen=True)
class Aside:
    """A row that is no item: why, and the heading it makes, if any."""

    note: Note
    heading: Heading | None = None


def aside(texts: Sequence[str], header: Header, *, wide: bool, covered: bool) -> Aside | None:
    """Return what a row of these texts below the header is when it is no item; None for a row of data.

    `wide`: its text is merged over several columns. `covered`: a merged 反馈问题 from above reaches it,
    so whatever it says belongs to that issue. Judged by its own values only, never by those filled down.
    """
    own = {column: text for column, text in enumerate(texts, start=1) if text}
    if not own:
        return Aside(info("blank", "空行。"))
    if covered:
        return _bare(own, header)
    first = next(iter(own.values()))
    if TOTAL_ALONE.match(squeeze(first)):
        return Aside(TOTAL_NOTE)
    if all(SIGNATURE.match(squeeze(text)) for text in own.values()):
        return Aside(SIGNATURE_NOTE)
    if len(own) <= FEW_CELLS:
        closing = _closing(own, first, header, wide=wide)
        return closing or _heading(own, first, header, wide=wide) or _bare(own, header)
    if _is_column_count(list(own.values())):
        return Aside(info("column_numbers", "栏次编号行，不是问题。"))
    return None


def _closing(own: dict[int, str], first: str, header: Header, *, wide: bool) -> Aside | None:
    """Recognise total, signature, remark and 截至 rows by their first words.

    A text that stands in the issue column like any other issue is taken for one.
    """
    issue = own.get(header.columns[Field.ISSUE])
    if not wide and issue == first and not TOTAL.match(squeeze(first)):
        return None
    if issue is not None and header.columns.get(Field.MEASURE) in own:
        return None
    plain = squeeze(first)
    return next((Aside(note) for pattern, note in CLOSING_ROWS if pattern.match(plain)), None)


CLOSING_ROWS: tuple[tuple[re.Pattern[str], Note], ...] = (
    (TOTAL, TOTAL_NOTE),
    (SIGNATURE, SIGNATURE_NOTE),
    (REMARK, info("remark", "说明行，不是问题。")),
    (AS_OF, info("as_of", "“截至”说明行，不是问题。")),
)


def _heading(own: dict[int, str], first: str, header: Header, *, wide: bool) -> Aside | None:
    """Recognise （一）…方面. In the issue column, unmerged, only the word 方面 makes a heading."""
    text = _heading_text(own, first, wide=wide)
    if text is None or not (wide or min(own) <= header.columns[Field.ISSUE]):
        return None
    level = 2 if LEVEL_2.match(text) else 1
    marked = LEVEL_1.match(text) or LEVEL_2.match(text)
    name = COUNTED.sub("", LEVEL_2.sub("", LEVEL_1.sub("", text)).strip().rstrip("：:。"))
    in_issue_column = own.get(header.columns[Field.ISSUE]) == text
    if ASPECT.search(text) or (marked and (wide or not in_issue_column)):
        note = info("category", f"小标题行，作为类别“{name}”。")
        return Aside(note, Heading(level, name))
    return Aside(info("section", "分节标题行，不是问题。")) if wide else None


def _heading_text(own: dict[int, str], first: str, *, wide: bool) -> str | None:
    """A heading is the row's only text, or stands in two cells: “（一）” and its words."""
    texts = list(own.values())
    if len(texts) == 1:
        return first
    mark_alone = LEVEL_1.fullmatch(first + "、") or LEVEL_2.fullmatch(first)
    if len(texts) == 2 and mark_alone and (wide or ASPECT.search(texts[1])):
        return (first if LEVEL_2.match(first) else first.rstrip("、.．") + "、") + texts[1]
    return None


def _bare(own: dict[int, str], header: Header) -> Aside | None:
    numbers = {header.columns.get(Field.SERIAL), header.columns.get(Field.ISSUE_NO)}
    if set(own) <= numbers:
        return Aside(info("number_only", "只有序号，没有内容。"))
    return None


def _is_column_count(texts: list[str]) -> bool:
    """Recognise the row 1 2 3 … (or 甲 乙 1 2 …) that some forms print below the header."""
    start = squeeze(texts[0]).strip("()")
    if start != "1" and start not in COLUMN_SIGNS:
        return False
    rest = [squeeze(text).strip("()") for text in texts]
    while rest and rest[0] in COLUMN_SIGNS:
        rest.pop(0)
    return len(rest) >= FEW_CELLS and rest == [str(number) for number in range(1, len(rest) + 1)]
