"""`python -m tests.bench`: our code against the bare SQL or library doing the same, in one run."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from tests.bench.delivering import measure_deliveries
from tests.bench.excel import measure_excel
from tests.bench.figures import measure_figures
from tests.bench.files import measure_files
from tests.bench.office import BigOffice, big_office
from tests.bench.pages import measure_pages
from tests.bench.reminding import measure_reminders
from tests.bench.timing import Measured
from tests.databases import PostgresqlTemplate, SqliteTemplate, postgresql_server
from tracker.kernel.db import Database
from tracker.kernel.migrate import upgrade

PARTS: dict[str, Callable[[BigOffice], Iterator[Measured]]] = {
    "pages": measure_pages,
    "reminders": measure_reminders,
    "deliveries": measure_deliveries,
    "figures": measure_figures,
    "files": measure_files,
    "excel": measure_excel,
}
LINE = "{:<48}{:>11}{:>11}{:>8}{:>9}{:>6}{:>8}  {}"


def main() -> int:
    """Measure and print; 0 whatever comes out, for a busy machine proves nothing."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="tasks (default 20000)")
    parser.add_argument("--units", type=int, default=100, help="units (default 100)")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part, may be repeated")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    options = parser.parse_args()
    if os.geteuid() == 0:
        print("Do not measure as root: PostgreSQL refuses to start, and root pays other costs.")
        return 1
    silence()
    for kind in (options.database,) if options.database else ("sqlite", "postgresql"):
        with (
            tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder,
            _database(kind, Path(folder)) as url,
        ):
            if url is None:
                print(f"\n{kind}: left out, there is no server and none can be started.")
                continue
            print(f"\n{kind}, {options.size} tasks of {options.units} units", flush=True)
            with big_office(url, Path(folder), options.size, units=options.units) as office:
                _print_all(office, options.only or list(PARTS))
    return 0


def silence() -> None:
    """Keep the log lines of thousands of deliveries out of the table."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str | None]:
    """Yield the URL of a migrated, empty database; None where there is no server."""
    if kind == "sqlite":
        template = SqliteTemplate(folder)
        _migrate(template.url)
        yield template.url
        return
    try:
        server = postgresql_server()
        url = server.__enter__()
    except pytest.skip.Exception:
        yield None
        return
    try:
        made = PostgresqlTemplate(url)
        _migrate(made.url)
        with made.copy(folder) as copy:
            yield copy
    finally:
        server.__exit__(None, None, None)


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.dispose()


def _print_all(office: BigOffice, parts: list[str]) -> None:
    print(LINE.format("metric", "ours", "floor", "ratio", "goal", "SQL", "goal met", ""))
    for part in parts:
        for line in PARTS[part](office):
            print(_text(line), flush=True)


def _text(line: Measured) -> str:
    floor = "" if line.floor is None else f"{line.floor:.2f}{line.unit}"
    ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
    goal = "" if line.goal is None else f"{'≥' if line.is_rate else '≤'} {line.goal:.2f}"
    statements = "" if line.statements is None else str(line.statements)
    judged = line.goal is not None or line.most_statements is not None
    met = ("yes" if line.is_met else "NO") if judged else ""
    ours = f"{line.ours:.2f}{line.unit}"
    return LINE.format(line.name, ours, floor, ratio, goal, statements, met, line.note).rstrip()


if __name__ == "__main__":
    sys.exit(main())
