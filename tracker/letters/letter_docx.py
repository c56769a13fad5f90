"""A letter as a Word document: title, number, addressee, text, organ and date."""

from tracker.documents.official import OfficialDocument
from tracker.kernel.formats import chinese_date
from tracker.letters.models import Letter
from tracker.letters.texts import organ_of


def letter_docx(letter: Letter) -> bytes:
    """Return the .docx of a numbered letter; the same letter gives the same bytes.

    Raises ValueError for a draft, which has neither number nor date.
    """
    if letter.signed_on is None or not letter.doc_no:
        raise ValueError("a draft has no document")
    organ = letter.organ_name or organ_of(letter.region)
    document = OfficialDocument(title=letter.title, created_on=letter.signed_on, author=organ)
    document.reference(letter.doc_no)
    document.paragraph(f"{letter.unit.name}：", indented=False)
    document.paragraph(letter.body)
    document.signature([organ, chinese_date(letter.signed_on)])
    return document.to_bytes()
