"""Ten photos become one PDF: upright, of sensible size, in the order they were chosen."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from tracker.files.rules import clean_name
from tracker.kernel.apart import ApartError, Limits, ask_apart
from tracker.kernel.errors import DomainError

MAX_PHOTOS = 30
COMBINING = Limits(memory_bytes=1_500_000_000, seconds=90, file_bytes=100_000_000)
CHUNK_BYTES = 1024 * 1024
REFUSALS = {
    "damaged": "打不开，可能已损坏，或者不是 jpg、png 照片。请去掉它或重新拍照后再上传。",
    "too_big": "像素过大。请用手机或电脑缩小后再上传。",
}
HEIC = "是 HEIC 格式。请在手机相机设置里选“兼容性最佳”，或转成 jpg 后再上传。"


@dataclass(frozen=True)
class Photo:
    """One photo as it was sent."""

    name: str
    file: BinaryIO


@dataclass(frozen=True)
class Combined:
    """The PDF, open, and the digests of what it was made of."""

    file: BinaryIO
    originals: list[str]


@contextmanager
def combined(photos: Sequence[Photo]) -> Iterator[Combined]:
    """Yield one PDF of the photos. DomainError names the photo that cannot be used."""
    _check(photos)
    with tempfile.TemporaryDirectory(prefix="photos-") as name:
        folder = Path(name)
        paths = [folder / str(number) for number in range(len(photos))]
        originals = [_copied(photo, path) for photo, path in zip(photos, paths, strict=True)]
        out = folder / "photos.pdf"
        _combine(photos, paths, out)
        with out.open("rb") as file:
            yield Combined(file, originals)


def _check(photos: Sequence[Photo]) -> None:
    if not photos:
        raise DomainError("请选择照片。")
    if len(photos) > MAX_PHOTOS:
        raise DomainError(
            f"一次最多 {MAX_PHOTOS} 张照片，现在选了 {len(photos)} 张。请分几次上传。"
        )
    for number, photo in enumerate(photos):
        if photo.name.lower().endswith((".heic", ".heif")):
            raise DomainError(_about(photos, number, HEIC))


def _copied(photo: Photo, path: Path) -> str:
    digest = hashlib.sha256()
    photo.file.seek(0)
    try:
        with path.open("xb") as out:
            while chunk := photo.file.read(CHUNK_BYTES):
                digest.update(chunk)
                out.write(chunk)
    except OSError as error:
        raise DomainError("服务器存储空间不足，照片没有保存。请联系管理员。") from error
    return digest.hexdigest()


def _combine(photos: Sequence[Photo], paths: Sequence[Path], out: Path) -> None:
    asked = {"paths": [str(path) for path in paths], "out": str(out)}
    try:
        answer = ask_apart("tracker.files.photo_pages", asked, COMBINING)
    except ApartError:
        raise DomainError(
            "合成 PDF 占用内存过多或用时过长，已停止。请减少照片张数，或缩小后再上传。"
        ) from None
    if "refused" in answer:
        raise DomainError(_about(photos, answer["which"], REFUSALS[answer["refused"]]))


def _about(photos: Sequence[Photo], number: int, sentence: str) -> str:
    return f"第 {number + 1} 张“{clean_name(photos[number].name)}”{sentence}"
