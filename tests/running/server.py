"""The product as operators start it: `python app.py` on SQLite, gunicorn with workers on PostgreSQL."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from tests.databases import free_port
from tests.visitor import HIDDEN, PASSWORD, TOKEN
from tracker.kernel.db import Database

ROOT = Path(__file__).parents[2]
SECRET = "test-secret-key-of-at-least-32-bytes!"
PATIENCE_SECONDS = 60


def wait_until(is_so: Callable[[], object], what: str) -> None:
    """Wait for something that happens in another process."""
    for _ in range(PATIENCE_SECONDS * 20):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")


class Server:
    """One start of the product over a database and a folder; its own process group."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        command = [sys.executable, "app.py"]
        if not database.is_sqlite:
            bind = f"127.0.0.1:{self.port}"
            command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "8"]
            command += ["--worker-tmp-dir", str(folder), "-b", bind, "app:app"]
        self.log = (folder / f"server-{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={
                **os.environ,
                "TRACKER_DATABASE_URL": database.url,
                "TRACKER_DATA_DIR": str(folder / "data"),
                "TRACKER_SECRET_KEY": SECRET,
                "TRACKER_BASE_URL": self.url,
                "TRACKER_PORT": str(self.port),
            },
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        wait_until(self._answers, "the server answers")

    @property
    def evidence(self) -> list[Path]:
        """Return the files of evidence on disk."""
        return [path for path in (self.folder / "data" / "evidence").rglob("*") if path.is_file()]

    def _answers(self) -> bool:
        assert self.process.poll() is None, Path(self.log.name).read_text("utf-8")
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """Kill -9 every process of the group at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)
        self.log.close()

    def stop(self) -> None:
        """End it if it still runs."""
        if self.process.poll() is None:
            self.kill()


class Person:
    """One person at a browser of their own, over HTTP."""

    def __init__(self, server: Server, username: str) -> None:
        self.url = server.url
        self.http = requests.Session()
        page = self.http.get(f"{self.url}/sign-in", timeout=PATIENCE_SECONDS).text
        fields = {"username": username, "password": PASSWORD, "csrf_token": token_of(page)}
        answer = self.send("/sign-in", fields)
        assert answer.status_code == 302, f"sign-in of {username}: {answer.status_code}"
        self.http.cookies.update(answer.cookies)

    def form(self, path: str) -> dict[str, Any]:
        """Return the hidden fields of the page's own form, which is the last."""
        page = self.http.get(self.url + path, timeout=PATIENCE_SECONDS).text
        return {**dict(HIDDEN.findall(page)), "csrf_token": token_of(page)}

    def send(self, path: str, fields: dict[str, Any], **more: Any) -> requests.Response:
        """Send a form without following where it leads, in a connection of its own."""
        return requests.post(
            self.url + path,
            data=fields,
            cookies=self.http.cookies,
            allow_redirects=False,
            timeout=PATIENCE_SECONDS,
            **more,
        )


def token_of(page: str) -> str:
    """Return a page's token against other sites."""
    found = TOKEN.search(page)
    assert found is not None, re.sub(r"<[^>]+>", " ", page)[:500]
    return found[1]
