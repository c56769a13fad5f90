"""Paper, margins, page numbers and document settings of GB/T 9704-2012 (§5.1, §5.2.1, §7.5)."""

from typing import Any

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm

from tracker.documents.markup import element, page_number_runs
from tracker.documents.styles import LINE_PITCH_PT, PAGE_NUMBER

SHORT_MM, LONG_MM = 210, 297
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 37, 35, 28, 26
PAGE_NUMBER_FROM_EDGE_MM = 25  # the number stands 7 mm below the text
LANDSCAPE_NUMBER_FROM_EDGE_MM = 16
PORTRAIT_WIDTH_MM = SHORT_MM - LEFT_MM - RIGHT_MM
LANDSCAPE_WIDTH_MM = LONG_MM - TOP_MM - BOTTOM_MM
ONE_CHARACTER = {"Chars": 100, "": int(PAGE_NUMBER.size * 20)}
UNWANTED = (
    "customXml",
    "extended-properties",
    "numbering",
    "stylesWithEffects",
    "thumbnail",
    "webSettings",
)


def set_page(section: Section, *, landscape: bool) -> None:
    """Give a section its paper and margins; a landscape page is the same page turned left."""
    width, height = (LONG_MM, SHORT_MM) if landscape else (SHORT_MM, LONG_MM)
    turned = (LEFT_MM, TOP_MM, RIGHT_MM, BOTTOM_MM)
    margins = turned if landscape else (TOP_MM, RIGHT_MM, BOTTOM_MM, LEFT_MM)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.right_margin = Mm(margins[0]), Mm(margins[1])
    section.bottom_margin, section.left_margin = Mm(margins[2]), Mm(margins[3])
    edge = LANDSCAPE_NUMBER_FROM_EDGE_MM if landscape else PAGE_NUMBER_FROM_EDGE_MM
    section.footer_distance = Mm(edge)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        grid.set(qn("w:linePitch"), str(LINE_PITCH_PT * 20))


def number_pages(document: Document) -> None:
    """Put “— 1 —” at the outer edge, one character in: odd pages right, even pages left.

    Later sections inherit it.
    """
    section = document.sections[0]
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]._p
        line.clear()
        indent = {side + suffix: value for suffix, value in ONE_CHARACTER.items()}
        properties = element("pPr", element("pStyle", val=PAGE_NUMBER.id))
        properties.extend([element("ind", **indent), element("jc", val=side)])
        line.extend([properties, *page_number_runs()])


def set_settings(document: Document) -> None:
    """Say that the text is Chinese and the file a present-day one; drop the template's ballast."""
    settings = document.settings.element
    _first(settings, "zoom").set(qn("w:percent"), "100")
    _first(settings, "characterSpacingControl").set(qn("w:val"), "compressPunctuation")
    language = _first(settings, "themeFontLang")
    for name in ("val", "eastAsia"):
        language.set(qn(f"w:{name}"), "zh-CN")
    _first(settings, "compatSetting").set(qn("w:val"), "15")  # compatibilityMode of Word 2013 on
    for tag in ("savePreviewPicture", "rsids"):
        found = _first(settings, tag)
        found.getparent().remove(found)
    for rels in (document.part.rels, document.part.package.rels):
        for key, rel in list(rels.items()):
            if rel.reltype.rpartition("/")[2] in UNWANTED:
                del rels[key]


def _first(settings: Any, tag: str) -> Any:
    return next(settings.iter(qn(f"w:{tag}")))
