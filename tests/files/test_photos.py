"""Photos that become one PDF: in order, upright, smaller, the same bytes from the same photos."""

import hashlib
import io
from collections.abc import Sequence

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from tests.factories.files import bursting_png, huge_jpeg, photo
from tracker.files import photos as module
from tracker.files.photos import MAX_PHOTOS, Photo, combined
from tracker.kernel.apart import Limits
from tracker.kernel.errors import DomainError


def sent(contents: Sequence[bytes]) -> list[Photo]:
    return [Photo(f"IMG_{n}.jpg", io.BytesIO(each)) for n, each in enumerate(contents, start=1)]


def made(contents: Sequence[bytes]) -> tuple[bytes, list[str]]:
    with combined(sent(contents)) as found:
        return found.file.read(), found.originals


def pages(data: bytes) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    drawn = [page.render(scale=1).to_pil().convert("RGB") for page in document]
    document.close()
    return drawn


def grey(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


def shade_of(page: Image.Image) -> int:
    value = page.getpixel((page.width // 2, page.height // 2))
    assert isinstance(value, tuple)
    return round(value[0])


def test_ten_photos_become_one_pdf_in_their_order() -> None:
    shades = [200, 10, 150, 60, 240, 30, 90, 180, 120, 0]
    contents = [grey(shade) for shade in shades]
    data, originals = made(contents)
    assert [
        abs(shade_of(page) - shade) < 8 for page, shade in zip(pages(data), shades, strict=True)
    ]
    assert [shade_of(page) for page in pages(data)] == pytest.approx(shades, abs=4)
    assert originals == [hashlib.sha256(content).hexdigest() for content in contents]


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0.1, 0.1)), (3, (0.9, 0.9)), (6, (0.9, 0.1)), (8, (0.1, 0.9))],
)
def test_a_photo_taken_sideways_stands_upright(
    orientation: int, corner: tuple[float, float]
) -> None:
    (page,) = pages(made([photo((640, 480), orientation=orientation)])[0])
    value = page.getpixel((int(page.width * corner[0]), int(page.height * corner[1])))
    assert isinstance(value, tuple)
    assert value[0] > 200
    assert (page.width > page.height) is (orientation in (1, 3))


def test_large_photos_are_made_smaller_and_small_ones_stay() -> None:
    data, _ = made([photo((4000, 3000)), photo((320, 240))])
    document = pypdfium2.PdfDocument(data)
    sizes = [next(iter(page.get_objects())).get_px_size() for page in document]
    document.close()
    assert sizes == [(2000, 1500), (320, 240)]


def test_the_same_photos_make_the_same_bytes_so_that_a_second_use_is_noticed() -> None:
    contents = [photo(), photo((320, 240))]
    assert made(contents)[0] == made(contents)[0]
    assert made(contents)[0] != made(contents[::-1])[0]


def test_what_is_transparent_becomes_white() -> None:
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 50, 50), fill="black")
    out = io.BytesIO()
    picture.save(out, "PNG")
    (page,) = pages(made([out.getvalue()])[0])
    assert shade_of(page) > 250


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (photo((1000, 1000))[:2000], "第 2 张“IMG_2.jpg”打不开"),
        (b"<html>", "第 2 张“IMG_2.jpg”打不开"),
        (huge_jpeg(), "第 2 张“IMG_2.jpg”像素过大"),
        (bursting_png(), "第 2 张“IMG_2.jpg”像素过大"),
    ],
    ids=["cut off", "no photo", "claims to be huge", "bursts"],
)
def test_a_photo_that_cannot_be_used_is_named(broken: bytes, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence), combined(sent([photo(), broken, photo()])):
        pass


def test_a_photo_as_some_telephones_keep_it_is_named_with_what_to_do() -> None:
    photos = [*sent([photo()]), Photo("IMG_0007.HEIC", io.BytesIO(b"x"))]
    with (
        pytest.raises(DomainError, match=r"第 2 张“IMG_0007\.HEIC”是 HEIC 格式.*兼容性最佳"),
        combined(photos),
    ):
        pass


def test_too_many_or_none_are_refused() -> None:
    with (
        pytest.raises(DomainError, match="一次最多 30 张照片，现在选了 31 张"),
        combined(sent([b"x"] * (MAX_PHOTOS + 1))),
    ):
        pass
    with pytest.raises(DomainError, match="请选择照片"), combined([]):
        pass


def test_photos_that_take_too_much_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMBINING", Limits(memory_bytes=20_000_000, seconds=30))
    with pytest.raises(DomainError, match="请减少照片张数"), combined(sent([photo()])):
        pass
