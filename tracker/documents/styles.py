"""Fonts, sizes and line pitch of GB/T 9704-2012, as the only styles of the document.

Fonts are named, never shipped: the readers' computers have them.
"""

from dataclasses import dataclass
from typing import Any

from docx.document import Document

from tracker.documents.markup import element

FANG_SONG = "仿宋_GB2312"
KAI = "楷体_GB2312"
HEI = "黑体"
SONG = "宋体"
XIAO_BIAO_SONG = "方正小标宋简体"
LATIN = "Times New Roman"

LINE_PITCH_PT = 28
TITLE_PITCH_PT = 35
BODY_PT = 16.0  # 3号
TITLE_PT = 22.0  # 2号
PAGE_NUMBER_PT = 14.0  # 4号
NOTE_PT = 12.0  # 小4号
TABLE_PT = 10.5  # 5号


@dataclass(frozen=True, kw_only=True)
class TextStyle:
    """One paragraph style. Sizes in points, the indent in characters; level 1 is the highest."""

    id: str
    name: str
    font: str = FANG_SONG
    latin: str = LATIN
    size: float = BODY_PT
    pitch: int = LINE_PITCH_PT
    align: str = "both"
    indent_chars: int = 0
    after: int = 0
    keep_next: bool = False
    level: int | None = None


NORMAL = TextStyle(id="Normal", name="Normal")
BODY = TextStyle(id="BodyText", name="Body Text", indent_chars=2)
TITLE = TextStyle(
    id="Title",
    name="Title",
    font=XIAO_BIAO_SONG,
    size=TITLE_PT,
    pitch=TITLE_PITCH_PT,
    align="center",
    after=LINE_PITCH_PT,
    keep_next=True,
)
HEADINGS = tuple(
    TextStyle(
        id=f"Heading{level}",
        name=f"heading {level}",
        font=font,
        indent_chars=2,
        keep_next=True,
        level=level,
    )
    for level, font in enumerate((HEI, KAI, FANG_SONG, FANG_SONG), start=1)
)
SIGNATURE = TextStyle(id="Signature", name="Signature", align="right", keep_next=True)
NOTE = TextStyle(id="Note", name="Note", size=NOTE_PT, pitch=20, indent_chars=2)
TABLE_TEXT = TextStyle(id="TableText", name="Table Text", size=TABLE_PT, pitch=16, align="left")
TABLE_NUMBER = TextStyle(
    id="TableCentred", name="Table Centred", size=TABLE_PT, pitch=16, align="center"
)
TABLE_HEAD = TextStyle(
    id="TableHead", name="Table Head", font=HEI, size=TABLE_PT, pitch=16, align="center"
)
GAP = TextStyle(id="Gap", name="Gap", size=1, pitch=6, keep_next=True)  # stands before a table
TAIL = TextStyle(id="Tail", name="Tail", size=1, pitch=1)  # ends a table or a section unseen
PAGE_NUMBER = TextStyle(
    id="Footer", name="footer", font=SONG, latin=SONG, size=PAGE_NUMBER_PT, pitch=16, align="left"
)
STYLES = (
    NORMAL,
    BODY,
    TITLE,
    *HEADINGS,
    SIGNATURE,
    NOTE,
    TABLE_TEXT,
    TABLE_NUMBER,
    TABLE_HEAD,
    GAP,
    TAIL,
    PAGE_NUMBER,
)


def set_styles(document: Document) -> None:
    """Put our styles in the place of the template's, which lean on theme fonts."""
    styles = document.styles.element
    for old in styles.xpath("./w:docDefaults | ./w:style"):
        styles.remove(old)
    styles.insert(0, _defaults())
    styles.extend(
        [
            _style("character", "DefaultParagraphFont", "Default Paragraph Font", default=1),
            _style("table", "TableNormal", "Normal Table", default=1),
            _style("numbering", "NoList", "No List", default=1),
        ]
    )
    styles.extend([_paragraph_style(style) for style in STYLES])


def _defaults() -> Any:
    language = element("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA")
    properties = element("rPr", _fonts(NORMAL), *_size(NORMAL), language)
    return element("docDefaults", element("rPrDefault", properties), element("pPrDefault"))


def _paragraph_style(style: TextStyle) -> Any:
    default: dict[str, int] = {"default": 1} if style is NORMAL else {}
    properties = [_paragraph_properties(style), element("rPr", _fonts(style), *_size(style))]
    based = [] if style is NORMAL else [element("basedOn", val=NORMAL.id)]
    return _style(
        "paragraph", style.id, style.name, *based, element("qFormat"), *properties, **default
    )


def _style(kind: str, style_id: str, name: str, *children: Any, **attributes: int) -> Any:
    marks: dict[str, str | int] = {"type": kind, "styleId": style_id, **attributes}
    return element("style", element("name", val=name), *children, **marks)


def _paragraph_properties(style: TextStyle) -> Any:
    properties = element("pPr")
    if style.keep_next:
        properties.append(element("keepNext"))
    spacing = {"before": 0, "after": style.after * 20, "line": style.pitch * 20}
    properties.append(element("spacing", **spacing, lineRule="exact"))
    if style.indent_chars:
        twips = int(style.indent_chars * style.size * 20)
        chars = style.indent_chars * 100
        properties.append(element("ind", firstLineChars=chars, firstLine=twips))
    properties.append(element("jc", val=style.align))
    if style.level is not None:
        properties.append(element("outlineLvl", val=style.level - 1))
    return properties


def _fonts(style: TextStyle) -> Any:
    latin = style.latin
    return element("rFonts", ascii=latin, eastAsia=style.font, hAnsi=latin, cs=latin)


def _size(style: TextStyle) -> list[Any]:
    half_points = int(style.size * 2)
    return [element("sz", val=half_points), element("szCs", val=half_points)]
