"""Which kinds of file are read at all, told by the name; whether the content agrees the guard decides."""

from enum import StrEnum
from pathlib import PurePath

from tracker.spreadsheets.errors import RefusedFileError

SAVE_AS_XLSX = "请用 Excel 或 WPS 打开后另存为“Excel 工作簿（*.xlsx）”，再重新选择。"
MACRO_SUFFIXES = frozenset({".xlsm", ".xltm", ".xlam", ".xlsb", ".xla"})


class FileFormat(StrEnum):
    """How a file is built: `ole` is .xls and the .et of WPS, `text` is .csv and .tsv."""

    XLSX = "xlsx"
    OLE = "ole"
    ODS = "ods"
    TEXT = "text"


FORMATS = {
    ".xlsx": FileFormat.XLSX,
    ".xls": FileFormat.OLE,
    ".et": FileFormat.OLE,
    ".ods": FileFormat.ODS,
    ".csv": FileFormat.TEXT,
    ".tsv": FileFormat.TEXT,
}


def format_of(name: str) -> FileFormat:
    """Return the format that a file name promises. Raises RefusedFileError: macro, unsupported."""
    suffix = PurePath(name).suffix.lower()
    if suffix in MACRO_SUFFIXES:
        raise macro()
    if suffix not in FORMATS:
        raise RefusedFileError(
            "unsupported", f"暂不支持“{suffix or '无扩展名'}”文件。{SAVE_AS_XLSX}"
        )
    return FORMATS[suffix]


def macro() -> RefusedFileError:
    """Return the refusal of a workbook with macros."""
    return RefusedFileError(
        "macro", f"不接收带宏或二进制格式的工作簿（.xlsm、.xlsb 等）。{SAVE_AS_XLSX}"
    )


def not_what_it_says() -> RefusedFileError:
    """Return the refusal of a file whose content is of another kind than its name."""
    return RefusedFileError(
        "not_what_it_says", f"文件内容与扩展名不符，不是这种格式的表格。{SAVE_AS_XLSX}"
    )
