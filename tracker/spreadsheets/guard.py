"""Looks into an uploaded workbook before any parser does, and refuses what is not safe to parse.

Sizes in the directory of a zip file can lie, so every entry is inflated here, block by block and
without keeping it. A name is not believed either: the content decides.
"""

import zipfile
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from tracker.spreadsheets.errors import RefusedFileError
from tracker.spreadsheets.file_formats import (
    SAVE_AS_XLSX,
    FileFormat,
    format_of,
    macro,
    not_what_it_says,
)
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
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
VBA_STORAGE = "_VBA_PROJECT".encode("utf-16-le")


def check_workbook(data: BinaryIO, *, name: str) -> FileFormat:
    """Refuse anything but an honest, macro-free table of bearable size; return what it is.

    `data` is seekable and is left at its start; `name` is what the person called the file.
    Raises RefusedFileError; codes: empty, macro, unsupported, encrypted, not_what_it_says, damaged,
    too_many_entries, too_big, ratio, dtd.
    """
    kind = format_of(name)
    _check_signature(data, kind)
    data.seek(0)
    if kind in (FileFormat.XLSX, FileFormat.ODS):
        _check_zip(data, kind)
    data.seek(0)
    return kind


def _check_zip(data: BinaryIO, kind: FileFormat) -> None:
    try:
        with zipfile.ZipFile(data) as archive:
            _check_archive(data, archive)
            if kind is FileFormat.XLSX:
                _check_types(archive)
            else:
                _check_ods(archive)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError) as error:
        raise damaged() from error


def damaged() -> RefusedFileError:
    """Return the refusal of a file that cannot be opened to its end."""
    return RefusedFileError("damaged", f"文件已损坏或没有保存完整，无法读取。{SAVE_AS_XLSX}")


def _check_signature(data: BinaryIO, kind: FileFormat) -> None:
    data.seek(0)
    start = data.read(8)
    if not start:
        raise RefusedFileError("empty", "文件是空的（0 字节）。请检查后重新选择。")
    is_ole, is_zip = start == OLE_START, start.startswith(ZIP_START)
    if is_ole and _holds(data, "EncryptedPackage".encode("utf-16-le")):
        raise encrypted()  # an encrypted .xlsx lies in an OLE container, as an .xls does
    found = {FileFormat.OLE: is_ole, FileFormat.TEXT: not (is_ole or is_zip)}.get(kind, is_zip)
    if not found:
        raise not_what_it_says()
    if kind is FileFormat.OLE and _holds(data, VBA_STORAGE):
        raise macro()


def encrypted() -> RefusedFileError:
    """Return the refusal of a file that opens with a password only."""
    return RefusedFileError("encrypted", "文件设置了打开密码。请取消密码保存后重新选择。")


def _holds(data: BinaryIO, marker: bytes) -> bool:
    data.seek(0)
    tail = b""
    while block := data.read(1 << 20):
        if marker in tail + block:
            return True
        tail = block[-len(marker) :]
    return False


def _check_archive(data: BinaryIO, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    _check_directory(entries)
    _check_content(data, entries)


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    """Check what the directory claims, before a byte is inflated."""
    if not entries or min(entry.header_offset for entry in entries) != 0:
        raise not_what_it_says()
    if len(entries) > MAX_ENTRIES:
        raise RefusedFileError(
            "too_many_entries", f"文件内部超过 {MAX_ENTRIES} 个部件，不予读取。{SAVE_AS_XLSX}"
        )
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        raise damaged()
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        raise macro()
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted()
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
        raise not_what_it_says()
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
        raise macro()
    if types.get(WORKBOOK_PART) != MAIN_TYPE:
        raise not_what_it_says()


def _check_ods(archive: zipfile.ZipFile) -> None:
    """The first entry of an .ods says what it is; scripts lie in folders of their own."""
    names = archive.namelist()
    if "mimetype" not in names or archive.read("mimetype").strip() != ODS_TYPE:
        raise not_what_it_says()
    if "content.xml" not in names:
        raise damaged()
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise macro()
    listing = "META-INF/manifest.xml"
    if listing in names and b"encryption-data" in archive.read(listing):
        raise encrypted()


def _too_big() -> RefusedFileError:
    return RefusedFileError(
        "too_big", "文件解压后超过 500 MB，不予读取。请拆分成几个文件后分别导入。"
    )
