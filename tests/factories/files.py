"""Files of the tests: real ones, and some made to do harm."""

import io
import struct
import zlib
from collections.abc import Sequence

import docx
from PIL import Image, ImageDraw

ORIENTATION = 0x0112


def photo(
    size: tuple[int, int] = (640, 480), *, orientation: int | None = None, form: str = "JPEG"
) -> bytes:
    """A photo, blue, with a red mark in its upper left corner as stored."""
    picture = Image.new("RGB", size, "blue")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 4, size[1] // 4), fill="red")
    exif = Image.Exif()
    if orientation:
        exif[ORIENTATION] = orientation
    out = io.BytesIO()
    picture.save(out, form, exif=exif)
    return out.getvalue()


def word(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(
    pages: int = 1, *, catalog: str = "", content: bytes = b"", box: str = "0 0 595 842"
) -> bytes:
    """A PDF of that many pages, each with a black square and what `content` draws."""
    drawn = b"0 0 0 rg 50 700 100 100 re f " + content
    kids = " ".join(f"{number} 0 R" for number in range(4, 4 + pages))
    objects = [
        f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode(),
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        *[f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R>>".encode()] * pages,
    ]
    return assembled(objects)


def assembled(objects: Sequence[bytes]) -> bytes:
    """Numbered objects with a table of where they lie; the first is the catalog."""
    out, places = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, io.SEEK_END)
    for number, each in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def scripted_pdf() -> bytes:
    """A PDF that wants to run a script when it is opened."""
    action = "/OpenAction<</S/JavaScript/JS(app.alert('x');for\\(;;\\){})>>"
    return pdf(catalog=action)


def bursting_pdf(unpacked: int = 800_000_000) -> bytes:
    """A small PDF whose page says nothing, at great length."""
    packer, block = zlib.compressobj(9), b" " * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(unpacked // len(block)))
    packed += packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed), packed),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R>>",
    ]
    return assembled(objects)


def endless_pdf() -> bytes:
    """A small PDF that draws for a very long time: forms that draw each other ten times each."""
    levels = 9
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources 5 0 R>>",
        b"<</XObject<</F 6 0 R>>>>",
    ]
    for level in range(levels):
        drawn = b"/F Do " * 10 if level + 1 < levels else b"0 0 500 500 re f"
        head = (
            f"<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Length {len(drawn)}"
            f"/Resources<</XObject<</F {7 + level} 0 R>>>>>>"
        )
        objects.append(head.encode() + b"stream\n" + drawn + b"\nendstream")
    return assembled(objects)


def huge_jpeg(side: int = 65_000) -> bytes:
    """A small JPEG whose header claims side x side pixels."""
    data = bytearray(photo((16, 16)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def bursting_png(side: int = 16_000) -> bytes:
    """A small PNG of side x side pixels, one bit each."""
    rows = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    packed = b"".join(rows.compress(row) for _ in range(side)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )
