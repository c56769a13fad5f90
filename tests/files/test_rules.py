"""What may be uploaded, and how a file's name is kept clean."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.files.rules import MAX_NAME_BYTES, check_content, clean_name, kind_of
from tracker.kernel.errors import DomainError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 64


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("方案.docx", archive("[Content_Types].xml", "word/document.xml")),
        ("表.xlsx", archive("xl/workbook.xml")),
        ("公文.ofd", archive("OFD.xml")),
        ("旧.doc", OLE),
        ("旧.xls", OLE),
        ("文.wps", OLE),
        ("表.et", OLE),
        ("照片.png", PNG),
        ("照片.heic", HEIC),
        ("打包.zip", archive("任意.txt")),
        ("扫描.PDF", b"%PDF-1.7\n"),
    ],
)
def test_a_file_that_is_what_its_name_says_is_taken(name: str, content: bytes) -> None:
    file = io.BytesIO(content)
    check_content(file, kind_of(name))
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("方案.docx", archive("xl/workbook.xml")),
        ("旧.doc", PNG),
        ("照片.png", OLE),
        ("公文.ofd", b"%PDF-1.7"),
        ("打包.zip", b"PK but not a zip"),
        ("空.pdf", b""),
        ("方案.docx", archive("word/document.xml", "word/vbaProject.bin")),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(DomainError):
        check_content(io.BytesIO(content), kind_of(name))


@pytest.mark.parametrize(
    "name", ["page.html", "image.svg", "run.exe", "noextension", "macro.docm", ".pdf.js"]
)
def test_other_kinds_are_refused_with_a_list(name: str) -> None:
    with pytest.raises(DomainError, match="可以上传：pdf"):
        kind_of(name)


def test_a_zip_with_an_endless_list_of_entries_is_refused_unread() -> None:
    end = (
        b"PK\x05\x06"
        + b"\0" * 4
        + b"\xff\xff\xff\xff"
        + (40_000_000).to_bytes(4, "little")
        + b"\0" * 6
    )
    with pytest.raises(DomainError, match="文件太多"):
        check_content(io.BytesIO(b"PK\x03\x04" + b"\0" * 100 + end), kind_of("a.zip"))


@given(st.text(max_size=400))
def test_a_cleaned_name_is_never_a_path_and_always_fits(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert len(cleaned.encode()) <= MAX_NAME_BYTES
    assert not set(cleaned) & set('/\\:*?"<>|\r\n\0')
    assert clean_name(cleaned) == cleaned


def test_a_chinese_name_stays_and_a_path_goes() -> None:
    assert clean_name("C:\\资料\\财务审批办法（修订稿）.docx") == "财务审批办法（修订稿）.docx"
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("报告\u202egpj.exe") == "报告gpj.exe"


def test_a_name_of_megabytes_is_cut_at_once_and_keeps_its_extension() -> None:
    name = clean_name("整" * 2_000_000 + ".pdf")
    assert len(name.encode()) <= 240
    assert name.endswith("整.pdf")


def test_a_name_carries_no_path_control_or_bidi_mark() -> None:
    assert clean_name("..\\../etc/\u202e报\r\n告\x00.pdf") == "报告.pdf"
