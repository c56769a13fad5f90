"""Draws one page of a file as PNG. Runs apart: see `previews`.

pypdfium2's PDFium is built without V8 and XFA, so no script of a document runs.
"""

from math import isfinite
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from tracker.files.pictures import RefusedPictureError, opened_picture

LONGEST = 1800  # pixels of the longer side
BIGGEST_SCALE = 4.0


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Count the pages of `path` (no `page` given), or draw one of them into `out`."""
    path, page = Path(question["path"]), question.get("page")
    try:
        if question["kind"] == "pdf":
            return {"pages": _pdf(path, page, question.get("out"))}
        return {"pages": _picture(path, page, question.get("out"))}
    except RefusedPictureError as error:
        return {"refused": error.code}


def _picture(path: Path, page: int | None, out: str | None) -> int:
    picture = opened_picture(path, LONGEST)
    if page is not None and out is not None:
        picture.save(out, "PNG")
    return 1


def _pdf(path: Path, page: int | None, out: str | None) -> int:
    try:
        document = pypdfium2.PdfDocument(path)
        pages = len(document)
        if page is not None and out is not None:
            _draw(document, page, out)
    except pypdfium2.PdfiumError as error:
        code = "encrypted" if "password" in str(error).lower() else "damaged"
        raise RefusedPictureError(code) from None
    except MemoryError:
        raise RefusedPictureError("too_big") from None
    if pages == 0:
        raise RefusedPictureError("damaged")
    return pages


def _draw(document: pypdfium2.PdfDocument, page: int, out: str) -> None:
    if document.get_formtype() != pdfium.FORMTYPE_NONE:
        document.init_forms()  # or what was filled in would not be seen
    leaf = document[page - 1]
    width, height = leaf.get_size()
    if not (isfinite(width) and isfinite(height) and min(width, height) > 0):
        raise RefusedPictureError("damaged")
    scale = min(BIGGEST_SCALE, LONGEST / max(width, height))
    leaf.render(scale=scale).to_pil().convert("RGB").save(out, "PNG")
