"""Send a file a person may have: always an attachment, its Chinese name kept."""

from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from flask import Response, send_file

from tracker.kernel.errors import DomainError


def attachment(path: Path, *, name: str, media_type: str) -> Response:
    """Return the file as a download. DomainError when its bytes are gone."""
    if not path.is_file():
        raise DomainError("文件不在服务器上，可能存储出了问题。请把文件名告诉管理员。")
    return _sent(path.resolve(), name=name, media_type=media_type, conditional=True)


def attached(data: bytes, *, name: str, media_type: str) -> Response:
    """Return bytes that were just made as a download."""
    return _sent(BytesIO(data), name=name, media_type=media_type, conditional=False)


def streamed(file: BinaryIO, *, name: str, media_type: str) -> Response:
    """Return an open file, read from where it stands, as a download; closed when it was sent."""
    return _sent(file, name=name, media_type=media_type, conditional=False)


def _sent(what: Path | BinaryIO, *, name: str, media_type: str, conditional: bool) -> Response:
    response = send_file(
        what,
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        conditional=conditional,
    )
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; frame-ancestors 'none'"
    )
    return response
