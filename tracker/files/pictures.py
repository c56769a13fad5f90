"""Pictures somebody sent, made harmless: upright, of bearable size, nothing but pixels left.

Runs apart (`kernel/apart.py`): what opens a stranger's picture may be blown up by it.
"""

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_PIXELS = 120_000_000  # more than any telephone takes
FORMATS = ("JPEG", "PNG")  # MPO, as some telephones save, opens as JPEG
Image.MAX_IMAGE_PIXELS = None  # our own limit is checked first, and it refuses


class RefusedPictureError(Exception):
    """A picture that cannot be shown; the code says why: damaged, too_big."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def opened_picture(path: Path, longest: int) -> Image.Image:
    """Return a picture as RGB, turned upright as EXIF says, at most `longest` pixels a side."""
    try:
        with Image.open(path, formats=FORMATS) as found:
            if found.width * found.height > MAX_PIXELS:
                raise RefusedPictureError("too_big")
            found.draft("RGB", (longest, longest))  # a JPEG is decoded smaller at once
            found.load()
            upright = ImageOps.exif_transpose(found)
    except MemoryError:
        raise RefusedPictureError("too_big") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise RefusedPictureError("damaged") from None
    return _on_white(upright, longest)


def _on_white(picture: Image.Image, longest: int) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        layer.thumbnail((longest, longest))
        page = Image.new("RGB", layer.size, "white")
        page.paste(layer, mask=layer)
        return page
    plain = picture.convert("RGB")
    plain.thumbnail((longest, longest))
    return plain
