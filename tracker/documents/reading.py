"""Read the text of a .docx that somebody brings, without trusting its zip or its XML."""

import zipfile
import zlib
from io import BytesIO
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tracker.kernel.errors import DomainError

TEXT_PART = "word/document.xml"
MAX_TEXT_BYTES = 8 * 1024 * 1024
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NO_WORD_FILE = "文件不是完好的 .docx。请选择系统生成的 Word 文件。"


def paragraphs_of(data: bytes) -> list[str]:
    """Return a document's paragraphs in order, cells of tables too, empty ones left out.

    Raises DomainError for anything but a .docx whose text is of bearable size.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive, archive.open(TEXT_PART) as part:
            xml = part.read(MAX_TEXT_BYTES + 1)
        if len(xml) > MAX_TEXT_BYTES:
            raise DomainError(NO_WORD_FILE)
        body = fromstring(xml, forbid_dtd=True)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        ParseError,
        DefusedXmlException,
    ) as error:
        raise DomainError(NO_WORD_FILE) from error
    return [text for each in body.iter(f"{WORD}p") if (text := _text_of(each))]


def _text_of(paragraph: Any) -> str:
    marks = {f"{WORD}br": "\n", f"{WORD}tab": "\t"}
    return "".join(
        node.text or "" if node.tag == f"{WORD}t" else marks.get(node.tag, "")
        for node in paragraph.iter()
    ).strip()
