"""Pages to look at: PNG pictures drawn on the server, so that an original is only ever downloaded.

Drawn apart with limits, kept under the digest of the bytes, the kind of file and the version of what
drew them, written aside and renamed. Whatever is kept here can be thrown away and drawn again.
"""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.apart import ApartError, Limits, ask_apart
from tracker.kernel.errors import DomainError

MAX_PAGES = 200
DRAWING = Limits(memory_bytes=1_500_000_000, seconds=30, file_bytes=60_000_000)
CONVERTING = Limits(memory_bytes=4_000_000_000, seconds=90, file_bytes=200_000_000)
WAIT_SECONDS = 20
KINDS = {
    **dict.fromkeys(("pdf",), "pdf"),
    **dict.fromkeys(("jpg", "jpeg", "png"), "picture"),
    **dict.fromkeys(("docx", "xlsx", "doc", "xls", "wps", "et"), "office"),
}
REFUSALS = {
    "damaged": "文件打不开，可能已损坏或没有保存完整。请下载原件查看。",
    "encrypted": "文件设置了打开密码，不能预览。请下载原件查看。",
    "too_big": "图片像素过大，不能预览。请下载原件查看。",
    "heavy": "生成预览占用内存过多或用时过长，已停止。请下载原件查看。",
}
NO_PROGRAM = "本机未安装转换程序，请下载原件查看。"
OTHER_KINDS = {
    "zip": "压缩包不能在线预览，请下载原件查看。",
    "heic": "HEIC 照片不能在线预览，请下载原件查看，或转成 jpg 后重新上传。",
    "ofd": "OFD 文件不能在线预览，请下载原件，用 OFD 阅读器查看。",
}
_slots = threading.BoundedSemaphore(2)


class NoPreviewError(DomainError):
    """There is no preview; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Previews:
    """A folder of drawn pages. `program` is LibreOffice's path, None where it is not installed."""

    folder: Path
    storage: FileStorage
    program: str | None = None
    drawing: Limits = DRAWING
    converting: Limits = CONVERTING

    def pages(self, row: StoredFile) -> int:
        """Return how many pages a file has; of these, the first MAX_PAGES can be looked at.

        NoPreviewError says why there is nothing to look at.
        """
        kind, home = self._kind(row), self._home(row)
        found = self._kept(home / "about.json")
        if found is None:
            path = self._drawable(row, kind, home)
            found = self._counted(path, kind, home)
        if "refused" in found:
            raise NoPreviewError(REFUSALS[found["refused"]])
        return int(found["pages"])

    def page(self, row: StoredFile, number: int) -> Path:
        """Return the picture of a page, counted from 1. The caller has asked for `pages` before."""
        kind, home = self._kind(row), self._home(row)
        target = home / f"{number}.png"
        if target.is_file():
            return target
        refused = self._kept(home / f"{number}.json")
        if refused is None:
            path = self._drawable(row, kind, home)
            refused = self._drawn(path, kind, number, target)
        if "refused" in refused:
            raise NoPreviewError(REFUSALS[refused["refused"]])
        return target

    def _kind(self, row: StoredFile) -> str:
        kind = KINDS.get(row.extension)
        if kind is None:
            raise NoPreviewError(OTHER_KINDS.get(row.extension, NO_PROGRAM))
        if kind == "office" and self.program is None:
            raise NoPreviewError(NO_PROGRAM)
        return kind

    def _home(self, row: StoredFile) -> Path:
        name = f"{row.sha256}-{row.extension}-{renderer()}"
        return self.folder / row.sha256[:2] / name

    def _kept(self, path: Path) -> dict[str, Any] | None:
        try:
            return dict(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError):  # not there, or not to be trusted: draw it anew
            return None

    def _drawable(self, row: StoredFile, kind: str, home: Path) -> Path:
        """Return what is drawn from: the verified original, or what an office document became."""
        if kind != "office":
            return self.storage.verified_path(row).resolve()
        made = home / "converted.pdf"
        if not made.is_file():
            self._convert(row, made)
        return made.resolve()

    def _convert(self, row: StoredFile, made: Path) -> None:
        source = self.storage.verified_path(row).resolve()
        with self._workshop(made.parent) as folder:
            asked = {
                "program": self.program,
                "path": str(source),
                "extension": row.extension,
                "folder": str(folder),
                "pages": MAX_PAGES + 1,
            }
            answer = _answer("tracker.files.converting", asked, self.converting)
            if "refused" not in answer:
                (folder / "source.pdf").replace(made)
                return
            _write(made.with_name("about.json"), answer)
        raise NoPreviewError(REFUSALS[answer["refused"]])

    def _counted(self, path: Path, kind: str, home: Path) -> dict[str, Any]:
        with self._workshop(home):
            answer = _answer("tracker.files.drawing", _question(path, kind), self.drawing)
            _write(home / "about.json", answer)
        return answer

    def _drawn(self, path: Path, kind: str, number: int, target: Path) -> dict[str, Any]:
        with self._workshop(target.parent) as folder:
            out = folder / "page.png"
            asked = {**_question(path, kind), "page": number, "out": str(out)}
            answer = _answer("tracker.files.drawing", asked, self.drawing)
            if "refused" in answer:
                _write(target.with_suffix(".json"), answer)
            else:
                out.replace(target)
        return answer

    @contextmanager
    def _workshop(self, home: Path) -> Iterator[Path]:
        """Yield a folder to work in, once few enough others work; it vanishes afterwards.

        What is kept in `home` afterwards is written before the block ends.
        """
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise NoPreviewError("正在生成预览的人较多，请稍候再打开。")
        try:
            home.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix="work-", dir=self.folder.resolve()) as folder:
                yield Path(folder)
        except OSError as error:
            raise NoPreviewError("服务器存储空间不足，不能生成预览。请下载原件查看。") from error
        finally:
            _slots.release()

    def forget(self, *, before: datetime) -> int:
        """Throw away what nobody has had drawn since an instant; return how many files' pages."""
        old = [
            home
            for home in (*self.folder.glob("*/*"), *self.folder.glob("work-*"))
            if home.is_dir() and home.parent.name[:5] != "work-"
            if home.stat().st_mtime < before.timestamp()
        ]
        for home in old:
            shutil.rmtree(home, ignore_errors=True)
        return len(old)


def renderer() -> str:
    """Return the version of what draws: another one draws anew."""
    return f"1.{version('pypdfium2')}"


def office_program() -> str | None:
    """Return where LibreOffice is installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def _question(path: Path, kind: str) -> dict[str, Any]:
    return {"path": str(path), "kind": "picture" if kind == "picture" else "pdf"}


def _answer(module: str, asked: dict[str, Any], limits: Limits) -> dict[str, Any]:
    try:
        return dict(ask_apart(module, asked, limits))
    except ApartError:
        return {"refused": "heavy"}


def _write(path: Path, found: dict[str, Any]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as aside:
        json.dump(found, aside)
    Path(aside.name).replace(path)
