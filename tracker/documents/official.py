"""A document after GB/T 9704-2012, written block by block from top to bottom."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any
from unicodedata import east_asian_width

import docx
from docx.enum.section import WD_SECTION

from tracker.documents import markup, pages, styles, tables
from tracker.documents.packing import repacked
from tracker.documents.styles import BODY, GAP, HEADINGS, NORMAL, NOTE, SIGNATURE, TAIL, TITLE
from tracker.kernel.formats import chinese_numeral

DATE_FROM_RIGHT_CHARS = 4  # GB/T 9704-2012 §7.3.5.1
NAME_FROM_RIGHT_CHARS = 2


class OfficialDocument:
    """Builds one document. Same input, same bytes: it reads no clock."""

    def __init__(self, *, title: str, created_on: date, author: str = "") -> None:
        """Begin with the title; its line breaks are kept."""
        self._document = docx.Document()
        self._landscape = self._wanted_landscape = False
        self._counts = [0] * len(HEADINGS)
        styles.set_styles(self._document)
        pages.set_settings(self._document)
        pages.set_page(self._document.sections[0], landscape=False)
        pages.number_pages(self._document)
        self._describe(title, created_on, author)
        self._add(markup.paragraph(TITLE.id, title))

    def heading(self, text: str, level: int = 1, *, numbered: bool = True) -> None:
        """Add a heading: 一、 / （一） / 1. / （1）, counted on from the one before.

        Raises ValueError for a level other than 1–4.
        """
        if not 1 <= level <= len(HEADINGS):
            raise ValueError(f"no heading level {level}")
        number = self._next_number(level) if numbered else ""
        self._add(markup.paragraph(HEADINGS[level - 1].id, number + text))

    def paragraph(self, text: str, *, indented: bool = True) -> None:
        """Add body text, one paragraph per line that is not empty; unindented for 主送机关."""
        self._add_lines(BODY if indented else NORMAL, text)

    def reference(self, text: str) -> None:
        """Add the document's number (发文字号), centred (GB/T 9704-2012 §7.2.5)."""
        line = markup.paragraph(NORMAL.id, text)
        line[0].append(markup.element("jc", val="center"))
        self._add(line)

    def note(self, text: str) -> None:
        """Add a note in smaller type, e.g. the 口径 of the figures above."""
        self._add_lines(NOTE, text)

    def table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths_mm: Sequence[float] | None = None,
        *,
        centred: Collection[int] = (),
    ) -> None:
        """Add a table whose header repeats; widths that pass the margins are shrunk together.

        `centred` are column numbers from 0. Raises ValueError when a row's length is not the
        header's.
        """
        available = pages.LANDSCAPE_WIDTH_MM if self._wanted_landscape else pages.PORTRAIT_WIDTH_MM
        widths = tables.fitted_widths(len(header), widths_mm, available)
        self._add(markup.paragraph(GAP.id, ""))
        self._add(tables.table(header, rows, widths_mm=widths, centred=centred))
        self._add(markup.paragraph(TAIL.id, ""))

    def signature(self, lines: Sequence[str]) -> None:
        """Add the signing organ and, as the last line, the date; the organ is centred over it."""
        if not lines:
            return
        self._add(markup.paragraph(SIGNATURE.id, ""))
        widths = [_width_in_chars(line) for line in lines]
        last = widths[-1]
        base = max(DATE_FROM_RIGHT_CHARS, (max(widths) - last) / 2 + NAME_FROM_RIGHT_CHARS)
        for line, width in zip(lines, widths, strict=True):
            chars = base + (last - width) / 2
            twips = int(chars * SIGNATURE.size * 20)
            indent = {"rightChars": int(chars * 100), "right": twips}
            self._add(markup.paragraph(SIGNATURE.id, line, **indent))

    @contextmanager
    def landscape(self) -> Iterator[None]:
        """Set what is added inside on landscape pages, for wide tables; then back to portrait."""
        self._wanted_landscape = True
        try:
            yield
        finally:
            self._wanted_landscape = False

    def to_bytes(self) -> bytes:
        """Return the .docx file."""
        packed = BytesIO()
        self._document.save(packed)
        return repacked(packed.getvalue())

    def _add_lines(self, style: styles.TextStyle, text: str) -> None:
        for line in filter(None, markup.lines_of(text)):
            self._add(markup.paragraph(style.id, line))

    def _add(self, block: Any) -> None:
        if self._wanted_landscape is not self._landscape:
            self._turn()
        body = self._document.element.body
        body[-1].addprevious(block)  # the last element is the section's own properties

    def _turn(self) -> None:
        """Begin a section of the other orientation; its break hides in a line of one point."""
        self._landscape = self._wanted_landscape
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        pages.set_page(section, landscape=self._landscape)
        self._document.paragraphs[-1].style = self._document.styles[TAIL.name]

    def _next_number(self, level: int) -> str:
        self._counts[level - 1] += 1
        self._counts[level:] = [0] * (len(HEADINGS) - level)
        n = self._counts[level - 1]
        return {
            1: f"{chinese_numeral(n)}、",
            2: f"（{chinese_numeral(n)}）",
            3: f"{n}.",
            4: f"（{n}）",
        }[level]

    def _describe(self, title: str, created_on: date, author: str) -> None:
        properties = self._document.core_properties
        properties.title = "".join(markup.lines_of(title))[:255]
        properties.author = properties.last_modified_by = markup.NOT_XML.sub("", author)[:255]
        properties.comments = ""
        properties.language = "zh-CN"
        midnight = datetime.combine(created_on, time(), tzinfo=UTC)
        properties.created = properties.modified = midnight


def _width_in_chars(line: str) -> float:
    """Return the width of a line in Chinese characters; Latin ones take half of one."""
    return sum(1 if east_asian_width(sign) in "WFA" else 0.5 for sign in line)
