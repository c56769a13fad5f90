"""Looks into an uploaded workbook before any parser does, and refuses what is not safe to parse.

Sizes in the directory of a zip file can lie, so every entry is inflated here, block by block and
without keeping it. A name is not believed either: the content decides.
"""

import zipfile
from pathlib import PurePath
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.inflate import inflate_entry

MAX_ENTRIES = 2_000
MAX_BYTES = 500_000_000
MAX_RATIO = 200
SMALL_ENTRY_BYTES = 1_000_000  # below this a high ratio harms nobody
MAX_CONTENT_TYPES_BYTES = 4_000_000

ZIP_START = b"PK\x03\x04"
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
WORKBOOK_PART = "xl/workbook.xml"
MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

SAVE_AS_XLSX = "请用 Excel 或 WPS 打开后另存为“Excel 工作簿（*.xlsx）”，再重新选择。"
MACRO_SUFFIXES = frozenset({".xlsm", ".xltm", ".xlam", ".xlsb", ".xla"})


def check_workbook(data: BinaryIO, *, name: str) -> None:
    """Refuse anything but an honest, macro-free .xlsx of bearable size.

    `data` is seekable and is left at its start; `name` is what the person called the file.
    Raises RefusedFileError; codes: empty, macro, unsupported, encrypted, not_what_it_says, damaged,
    too_many_entries, too_big, ratio, dtd.
    """
    _check_name(name)
    _check_signature(data)
    data.seek(0)
    try:
        with zipfile.ZipFile(data) as archive:
            _check_archive(data, archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError) as error:
        raise damaged() from error
    data.seek(0)


def damaged() -> RefusedFileError:
    """Return the refusal of a file that cannot be opened to its end."""
    return RefusedFileError("damaged", f"文件已损坏或没有保存完整，无法读取。{SAVE_AS_XLSX}")


def _check_name(name: str) -> None:
    suffix = PurePath(name).suffix.lower()
    if suffix in MACRO_SUFFIXES:
        raise _macro()
    if suffix != ".xlsx":
        raise RefusedFileError(
            "unsupported", f"暂不支持“{suffix or '无扩展名'}”文件。{SAVE_AS_XLSX}"
        )


def _check_signature(data: BinaryIO) -> None:
    data.seek(0)
    start = data.read(8)
    if not start:
        raise RefusedFileError("empty", "文件是空的（0 字节）。请检查后重新选择。")
    if start == OLE_START:
        raise _refused_ole(data)
    if not start.startswith(ZIP_START):
        raise _not_what_it_says()


def _refused_ole(data: BinaryIO) -> RefusedFileError:
    """An encrypted .xlsx and a renamed .xls both lie in an OLE container."""
    marker = "EncryptedPackage".encode("utf-16-le")
    tail = b""
    while block := data.read(1 << 20):
        if marker in tail + block:
            return RefusedFileError("encrypted", "文件设置了打开密码。请取消密码保存后重新选择。")
        tail = block[-len(marker) :]
    return _not_what_it_says()


def _check_archive(data: BinaryIO, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    _check_directory(entries)
    _check_content(data, entries)
    _check_types(archive)


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    """Check what the directory claims, before a byte is inflated."""
    if not entries or min(entry.header_offset for entry in entries) != 0:
        raise _not_what_it_says()
    if len(entries) > MAX_ENTRIES:
        raise RefusedFileError(
            "too_many_entries", f"文件内部超过 {MAX_ENTRIES} 个部件，不予读取。{SAVE_AS_XLSX}"
        )
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise damaged()
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise _macro()
    if any(entry.flag_bits & 1 for entry in entries):
        raise RefusedFileError("encrypted", "文件设置了打开密码。请取消密码保存后重新选择。")
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise _too_big()
    for entry in entries:
        _check_ratio(entry.file_size, entry.compress_size)


def _check_content(data: BinaryIO, entries: list[zipfile.ZipInfo]) -> None:
    """Inflate every entry and hold it to what the directory said of it."""
    left = MAX_BYTES
    for entry in entries:
        inflated = inflate_entry(data, entry, limit=left)
        if inflated.over_limit:
            raise _too_big()
        _check_ratio(inflated.size, entry.compress_size)
        if inflated.size != entry.file_size or not inflated.sound:
            raise damaged()
        if inflated.has_dtd:
            raise RefusedFileError(
                "dtd", f"文件内部含有不允许的外部定义（DTD），不予读取。{SAVE_AS_XLSX}"
            )
        left -= inflated.size


def _check_ratio(size: int, compressed: int) -> None:
    if size > SMALL_ENTRY_BYTES and size > MAX_RATIO * max(compressed, 1):
        raise RefusedFileError(
            "ratio", f"文件解压后膨胀超过 {MAX_RATIO} 倍，疑似恶意文件，不予读取。"
        )


def _check_types(archive: zipfile.ZipFile) -> None:
    """Ask [Content_Types].xml what the main part is: a renamed .docx is a zip as well."""
    parts = {entry.filename.lower(): entry for entry in archive.infolist()}
    listing = parts.get("[content_types].xml")
    if listing is None or WORKBOOK_PART not in parts or listing.file_size > MAX_CONTENT_TYPES_BYTES:
        raise _not_what_it_says()
    try:
        root = fromstring(archive.read(listing))
    except (ParseError, DefusedXmlException) as error:
        raise damaged() from error
    types = {
        (node.get("PartName") or "").lower().lstrip("/"): node.get("ContentType") or ""
        for node in root
    }
    if any(
        "macroenabled" in kind.lower() or "vbaproject" in kind.lower() for kind in types.values()
    ):
        raise _macro()
    if types.get(WORKBOOK_PART) != MAIN_TYPE:
        raise _not_what_it_says()


def _macro() -> RefusedFileError:
    return RefusedFileError(
        "macro", f"不接收带宏或二进制格式的工作簿（.xlsm、.xlsb 等）。{SAVE_AS_XLSX}"
    )


def _not_what_it_says() -> RefusedFileError:
    return RefusedFileError(
        "not_what_it_says", f"文件内容与扩展名 .xlsx 不符，不是 Excel 工作簿。{SAVE_AS_XLSX}"
    )


def _too_big() -> RefusedFileError:
    return RefusedFileError(
        "too_big", "文件解压后超过 500 MB，不予读取。请拆分成几个文件后分别导入。"
    )
