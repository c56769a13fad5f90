"""Makes one PDF of several photos, a page each, in their order. Runs apart: see `photos`.

Pillow writes it: it has the pictures open already, to turn them upright and make them smaller, so
embedding the bytes as sent (img2pdf) would save nothing and bring another dependency.
"""

from pathlib import Path
from time import gmtime
from typing import Any

from tracker.files.pictures import RefusedPictureError, opened_picture

LONGEST = 2000  # pixels: an A4 page at 170 dpi, small print stays readable
DOTS_PER_INCH = 170
QUALITY = 82
NO_DAY = gmtime(0)  # the same photos make the same bytes, so that their second use is noticed


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Put the pictures at `paths` into the PDF `out`; the first that cannot be is told by number."""
    pages = []
    for number, path in enumerate(question["paths"]):
        try:
            pages.append(opened_picture(Path(path), LONGEST))
        except RefusedPictureError as error:
            return {"refused": error.code, "which": number}
    pages[0].save(
        question["out"],
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=DOTS_PER_INCH,
        quality=QUALITY,
        creationDate=NO_DAY,
        modDate=NO_DAY,
    )
    return {"pages": len(pages)}
