"""Pages drawn to look at: real files come out right, hostile ones cost nothing but their preview."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.factories.files import (
    assembled,
    bursting_pdf,
    bursting_png,
    endless_pdf,
    huge_jpeg,
    pdf,
    photo,
    scripted_pdf,
    word,
)
from tests.fakes.clock import ManualClock
from tests.files.conftest import Store
from tests.real_parts import require_program
from tracker.files import previews as module
from tracker.files.previews import MAX_PAGES, NoPreviewError, Previews, renderer
from tracker.files.storage import FileStorage
from tracker.kernel.apart import Limits
from tracker.kernel.errors import DomainError


@pytest.fixture
def previews(storage: FileStorage, tmp_path: Path) -> Previews:
    return Previews(tmp_path / "previews", storage)


def dark(path: Path, x: float, y: float) -> bool:
    with Image.open(path) as page:
        red, green, blue = page.getpixel((int(page.width * x), int(page.height * y)))  # type: ignore[misc]
    return red + green + blue < 100


def colour(path: Path, x: float, y: float) -> str:
    with Image.open(path) as page:
        red, _green, blue = page.getpixel((int(page.width * x), int(page.height * y)))  # type: ignore[misc]
    return "red" if red > blue else "blue"


def test_a_page_of_a_pdf_becomes_a_picture(previews: Previews, store: Store) -> None:
    row = store(pdf(3), "方案.pdf")
    assert previews.pages(row) == 3
    page = previews.page(row, 2)
    with Image.open(page) as picture:
        assert (picture.format, picture.size) == ("PNG", (1272, 1800))
    assert dark(page, 100 / 595, (842 - 750) / 842)
    assert not dark(page, 0.8, 0.8)


@pytest.mark.parametrize(
    ("box", "size"), [("0 0 14400 14400", (1800, 1800)), ("0 0 10 14400", (1, 1800))]
)
def test_a_page_of_any_size_is_drawn_within_bounds(
    previews: Previews, store: Store, box: str, size: tuple[int, int]
) -> None:
    with Image.open(previews.page(store(pdf(box=box), "大图.pdf"), 1)) as picture:
        assert max(picture.size) == 1800
        assert abs(picture.width - size[0]) <= 1


def test_what_was_filled_into_a_form_is_seen(previews: Previews, store: Store) -> None:
    field = (
        b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/V(x)/F 4/Rect[300 100 500 140]/AP<</N 6 0 R>>>>"
    )
    look = (
        b"<</Type/XObject/Subtype/Form/BBox[0 0 200 40]/Length 24>>"
        b"stream\n0 0 0 rg 0 0 200 40 re f\nendstream"
    )
    data = assembled(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
            b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
            b"<</Length 0>>stream\n\nendstream",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Annots[5 0 R]>>",
            field,
            look,
        ]
    )
    assert dark(previews.page(store(data, "表单.pdf"), 1), 400 / 595, (842 - 120) / 842)


def test_no_script_of_a_document_can_run(previews: Previews, store: Store) -> None:
    assert "V8" not in pypdfium2.version.PDFIUM_INFO.flags
    row = store(scripted_pdf(), "带脚本.pdf")
    assert previews.pages(row) == 1
    assert dark(previews.page(row, 1), 100 / 595, (842 - 750) / 842)


def test_a_pdf_of_ten_thousand_pages_is_counted_and_drawn_page_by_page(
    previews: Previews, store: Store
) -> None:
    row = store(pdf(10_000), "厚.pdf")
    assert previews.pages(row) == 10_000
    assert previews.page(row, MAX_PAGES).is_file()
    assert [path.name for path in previews.folder.rglob("*.png")] == [f"{MAX_PAGES}.png"]


@pytest.mark.parametrize("orientation", [None, 3, 6, 8])
def test_a_photo_is_turned_upright_and_tells_nothing_but_its_pixels(
    previews: Previews, store: Store, orientation: int | None
) -> None:
    row = store(photo((4000, 3000), orientation=orientation), "照片.jpg")
    page = previews.page(row, 1)
    corner = {None: (0.1, 0.1), 3: (0.9, 0.9), 6: (0.9, 0.1), 8: (0.1, 0.9)}[orientation]
    assert colour(page, *corner) == "red"
    assert colour(page, 0.5, 0.5) == "blue"
    with Image.open(page) as picture:
        assert max(picture.size) == 1800
        assert (picture.width > picture.height) is (orientation in (None, 3))
        assert dict(picture.getexif()) == {}


def test_what_was_drawn_is_kept_and_drawn_anew_by_another_version(
    previews: Previews, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = store(pdf(2), "方案.pdf")
    previews.pages(row)
    page = previews.page(row, 1)
    page.write_bytes(b"kept")
    monkeypatch.setattr(module, "ask_apart", lambda *_: pytest.fail("drawn again"))
    assert previews.pages(row) == 2
    assert previews.page(row, 1).read_bytes() == b"kept"
    monkeypatch.undo()
    monkeypatch.setattr(module, "renderer", lambda: renderer() + "-next")
    assert previews.page(row, 1).read_bytes() != b"kept"


def test_nothing_half_made_stays_behind(previews: Previews, store: Store) -> None:
    previews.page(store(pdf(), "a.pdf"), 1)
    with pytest.raises(NoPreviewError):
        previews.pages(store(photo()[:400], "b.jpg"))
    assert list(previews.folder.glob("work-*")) == []


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "断.jpg": (lambda: photo((2000, 2000))[:3000], "打不开"),
    "断.pdf": (lambda: pdf()[:60], "打不开"),
    "大.jpg": (huge_jpeg, "像素过大"),
    "大.png": (bursting_png, "像素过大"),
    "空.pdf": (lambda: b"%PDF-1.7\n%%EOF", "打不开"),
    "无页.pdf": (lambda: pdf(0), "打不开"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_drawn_says_why_once(
    previews: Previews, store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make, sentence = BROKEN[name]
    row = store(make(), name)
    with pytest.raises(NoPreviewError, match=sentence):
        previews.pages(row)
    monkeypatch.setattr(module, "ask_apart", lambda *_: pytest.fail("tried again"))
    with pytest.raises(NoPreviewError, match=sentence):
        previews.pages(row)


@pytest.mark.parametrize(
    ("make", "limits"),
    [
        (bursting_pdf, Limits(memory_bytes=600_000_000, seconds=60)),
        (endless_pdf, Limits(memory_bytes=1_500_000_000, seconds=2)),
    ],
    ids=["bursts", "never ends"],
)
def test_a_hostile_pdf_is_stopped_and_not_tried_again(
    previews: Previews,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], bytes],
    limits: Limits,
) -> None:
    row = store(make(), "恶意.pdf")
    assert row.size_bytes < 3_000_000
    assert previews.pages(row) == 1
    strict = replace(previews, drawing=limits)
    with pytest.raises(NoPreviewError, match="占用内存过多或用时过长"):
        strict.page(row, 1)
    monkeypatch.setattr(module, "ask_apart", lambda *_: pytest.fail("tried again"))
    with pytest.raises(NoPreviewError, match="占用内存过多或用时过长"):
        strict.page(row, 1)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("材料.zip", "压缩包不能在线预览"),
        ("照片.heic", "HEIC 照片不能"),
        ("公文.ofd", "OFD 文件不能"),
    ],
)
def test_other_kinds_say_what_to_do(
    previews: Previews, store: Store, name: str, sentence: str
) -> None:
    row = store(pdf(), "a.pdf")
    row.extension = name.rpartition(".")[2]
    with pytest.raises(NoPreviewError, match=sentence):
        previews.pages(row)


def test_without_a_converter_a_word_file_is_to_be_downloaded(
    previews: Previews, store: Store
) -> None:
    with pytest.raises(NoPreviewError, match="本机未安装转换程序，请下载原件查看"):
        previews.pages(store(word("一"), "方案.docx"))


def test_bytes_that_were_changed_are_not_shown(
    previews: Previews, storage: FileStorage, store: Store
) -> None:
    row = store(pdf(), "方案.pdf")
    path = storage.path(row)
    path.write_bytes(path.read_bytes().replace(b"50 700", b"51 700"))
    with pytest.raises(DomainError, match="校验值"):
        previews.pages(row)


def test_a_full_house_is_told_to_come_back(
    previews: Previews, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0)
    for _ in range(2):
        assert module._slots.acquire(blocking=False)
    try:
        with pytest.raises(NoPreviewError, match="稍候再打开"):
            previews.pages(store(pdf(), "a.pdf"))
    finally:
        module._slots.release(2)


def test_a_disk_that_refuses_is_a_sentence(previews: Previews, store: Store) -> None:
    previews.folder.write_text("in the way")
    with pytest.raises(NoPreviewError, match="存储空间不足"):
        previews.pages(store(pdf(), "a.pdf"))


def test_pages_nobody_wanted_for_long_are_thrown_away(
    previews: Previews, store: Store, clock: ManualClock
) -> None:
    old, new = store(pdf(), "旧.pdf"), store(pdf(2), "新.pdf")
    for row in (old, new):
        previews.pages(row)
    long_ago = clock.now() - timedelta(days=20)
    home = previews._home(old)
    os.utime(home, (long_ago.timestamp(), long_ago.timestamp()))
    os.utime(previews._home(new), (clock.now().timestamp(), clock.now().timestamp()))
    assert previews.forget(before=clock.now() - timedelta(days=14)) == 1
    assert not home.exists()
    assert previews.forget(before=clock.now() - timedelta(days=14)) == 0
    assert previews._home(new).exists()
    assert previews.page(old, 1).is_file()


@pytest.mark.office
@pytest.mark.parametrize("name", ["方案.docx", "方案.wps"])
def test_libreoffice_turns_a_word_file_into_pages(
    storage: FileStorage, store: Store, tmp_path: Path, name: str
) -> None:
    office = require_program("soffice", "libreoffice", package="libreoffice-writer-nogui")
    previews = Previews(tmp_path / "previews", storage, office)
    row = store(word("整改方案" * 3000), name)
    assert previews.pages(row) > 3
    with Image.open(previews.page(row, 2)) as page:
        assert min(page.convert("L").tobytes()) < 128


@pytest.mark.office
def test_what_libreoffice_cannot_open_is_a_sentence(
    storage: FileStorage, store: Store, tmp_path: Path
) -> None:
    office = require_program("soffice", "libreoffice", package="libreoffice-writer-nogui")
    limits = Limits(memory_bytes=50_000_000, seconds=60)
    previews = Previews(tmp_path / "previews", storage, office, converting=limits)
    with pytest.raises(NoPreviewError):
        previews.pages(store(word("一"), "坏.docx"))
