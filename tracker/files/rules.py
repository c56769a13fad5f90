"""What may be uploaded: extension and content both, and how a file's name is kept clean."""

import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

import filetype

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_NAME_BYTES = 240
MAX_ZIP_DIRECTORY_BYTES = 2 * 1024 * 1024  # some twenty thousand entries
ZIP_END = b"PK\x05\x06"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1"})
BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileFault(LabelledEnum):
    """What is wrong with a stored file."""

    MISSING = "missing", "文件不在服务器上"
    CHANGED = "changed", "内容与登记的校验值不符"
    UNREADABLE = "unreadable", "读不出来"


FAULT_SENTENCES = {
    FileFault.MISSING: "文件不在服务器上，可能存储出了问题。请把文件名告诉管理员。",
    FileFault.CHANGED: "文件内容与登记的校验值（SHA-256）不符，可能被改动或损坏，不能使用。"
    "请把文件名告诉管理员，从备份中恢复。",
    FileFault.UNREADABLE: "服务器读不出这个文件，可能存储出了问题。请把文件名告诉管理员。",
}


@dataclass(frozen=True)
class FileKind:
    """One kind of file: its extension, its media type, what its bytes must look like."""

    extension: str
    media_type: str
    content: str


KINDS = {
    kind.extension: kind
    for kind in (
        FileKind("pdf", "application/pdf", "pdf"),
        FileKind("docx", WORD, "zip:word/"),
        FileKind("xlsx", SHEET, "zip:xl/"),
        FileKind("doc", "application/msword", "ole"),
        FileKind("xls", "application/vnd.ms-excel", "ole"),
        FileKind("wps", "application/vnd.ms-works", "ole-or-zip"),
        FileKind("et", "application/vnd.ms-excel", "ole-or-zip"),
        FileKind("ofd", "application/ofd", "zip:OFD.xml"),
        FileKind("jpg", "image/jpeg", "jpg"),
        FileKind("jpeg", "image/jpeg", "jpg"),
        FileKind("png", "image/png", "png"),
        FileKind("heic", "image/heic", "heic"),
        FileKind("zip", "application/zip", "zip"),
    )
}
TABLES = {
    kind.extension: kind
    for kind in (
        FileKind("ods", "application/vnd.oasis.opendocument.spreadsheet", "zip:content.xml"),
        FileKind("csv", "text/csv", "text"),
        FileKind("tsv", "text/tab-separated-values", "text"),
    )
}
"""Kinds that a ledger may have besides; nobody proves anything with them."""
ALLOWED = "pdf、docx、doc、xlsx、xls、ofd、wps、et、jpg、png、heic、zip"


def clean_name(name: str | None) -> str:
    """Return the user's own file name, Chinese kept, without paths, controls or bidi marks."""
    text = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    text = unicodedata.normalize("NFC", text[:MAX_NAME_BYTES] + text[MAX_NAME_BYTES:][-20:])
    text = UNSAFE.sub("", BIDI.sub("", text)).strip(" .")
    while len(text.encode()) > MAX_NAME_BYTES:
        stem, dot, extension = text.rpartition(".")
        text = f"{stem[:-1]}{dot}{extension}" if stem else text[:-1]
    return text or "未命名"


def kind_of(name: str, *, tables: bool = False) -> FileKind:
    """Return the kind a name claims. DomainError lists what may be uploaded.

    `tables`: those of TABLES too.
    """
    extension = name.rpartition(".")[2].lower()
    kinds = KINDS | TABLES if tables else KINDS
    if "." not in name or extension not in kinds:
        raise DomainError(f"不能上传这种文件。可以上传：{ALLOWED}。")
    return kinds[extension]


def check_content(file: BinaryIO, kind: FileKind) -> None:
    """Refuse a file that is not what its name says. Leaves the position at the start."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if not head:
        raise DomainError("文件是空的，请重新选择。")
    if not _matches(file, head, kind.content):
        raise DomainError(
            f"文件内容与扩展名 .{kind.extension} 不符，请用原来的程序打开、另存后再上传。"
        )
    file.seek(0)


def _matches(file: BinaryIO, head: bytes, content: str) -> bool:
    if content == "text":
        return not head.startswith((OLE, b"PK", b"%PDF", b"\x7fELF", b"MZ"))
    if content == "ole":
        return head.startswith(OLE)
    if content == "ole-or-zip":
        return head.startswith(OLE) or _zip_names(file) is not None
    if content == "heic":
        return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS
    if content.startswith("zip"):
        return _is_zip_with(file, content.partition(":")[2])
    guess = filetype.guess(head)
    return guess is not None and guess.extension == content


def _is_zip_with(file: BinaryIO, wanted: str) -> bool:
    names = _zip_names(file)
    if names is None:
        return False
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DomainError("文件里有宏，不能上传。请另存为不带宏的格式。")
    return any(name.startswith(wanted) for name in names) if wanted else True


def _zip_names(file: BinaryIO) -> list[str] | None:
    if _directory_bytes(file) > MAX_ZIP_DIRECTORY_BYTES:
        raise DomainError("压缩包里的文件太多，请拆分后再上传。")
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _directory_bytes(file: BinaryIO) -> int:
    """Return how large a zip says its list of entries is; reading it costs memory per entry."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(ZIP_END)
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
