"""CPU that a PostgreSQL server on this machine has used, all its processes together."""

import os
from pathlib import Path

from sqlalchemy import text

from tracker.kernel.db import Database

PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14
"""Places in /proc/<pid>/stat after the name, counted from the state."""


def server_cpu_seconds(database: Database) -> float:
    """Return the CPU seconds of the server and its children, ended ones too; 0 on SQLite."""
    if database.is_sqlite:
        return 0.0
    with database.engine.connect() as connection:
        folder = connection.scalar(text("SHOW data_directory"))
    server = int(Path(str(folder), "postmaster.pid").read_text(encoding="utf-8").split()[0])
    ticks = sum(_ticks(fields, pid, server) for pid, fields in _processes())
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes() -> list[tuple[int, list[int]]]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found.append((int(path.parent.name), [0, *map(int, words[1:])]))
    return found


def _ticks(fields: list[int], pid: int, server: int) -> int:
    if pid == server:
        places: tuple[int, ...] = (USER, SYSTEM, ENDED_USER, ENDED_SYSTEM)
    elif fields[PARENT] == server:
        places = (USER, SYSTEM)
    else:
        return 0
    return sum(fields[place] for place in places)
