"""A paragraph as a Word document, to be sent and kept: the words, and the basis in notes."""

import hashlib
from datetime import date

from tracker.documents.official import OfficialDocument
from tracker.kernel.formats import chinese_date
from tracker.organizations.models import Region
from tracker.summaries.service import Paragraph, note_of


def title_of(region: Region, paragraph: Paragraph) -> str:
    """Return what a paragraph is called in the register; the same for every day."""
    return f"{region.name}{paragraph.purpose.label}"


def file_name(region: Region, paragraph: Paragraph, as_of: date) -> str:
    """Return the name of the file, with the day of its figures."""
    return f"{title_of(region, paragraph)}（数据截至{chinese_date(as_of)}）.docx"


def text_digest(paragraph: Paragraph) -> str:
    """Return what tells one wording with its figures from another."""
    return hashlib.sha256(paragraph.text.encode()).hexdigest()


def paragraph_docx(region: Region, paragraph: Paragraph, *, as_of: date, created_on: date) -> bytes:
    """Return the .docx file; the same paragraph gives the same bytes."""
    document = OfficialDocument(
        title=title_of(region, paragraph), created_on=created_on, author=region.name
    )
    document.paragraph(paragraph.text)
    document.note(f"数据截至{chinese_date(as_of)}。")
    for figure in paragraph.figures:
        document.note(f"注：{note_of(figure)}")
    for piece in paragraph.blanks:
        if piece.slot is not None:
            document.note(f"空缺“{piece.slot.raw}”：{piece.reason}")
    return document.to_bytes()
