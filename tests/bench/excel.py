"""Large ledgers in and out, each in a process of its own beside the bare library doing the same."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.bench.excel_child import END, FED_BACK, ledger_path
from tests.bench.office import BigOffice
from tests.bench.statements import counted
from tests.bench.timing import Measured
from tracker.files.storage import FileStorage
from tracker.ledger.importing import preview_import
from tracker.ledger.reading_apart import Question, read_apart
from tracker.rounds.models import Round

SIZES, TURNS = (10_000, 100_000), 3
READ_GOAL, PEAK_GOAL, WRITE_GOAL, MOST_WRITE_BYTES = 4.0, 1.3, 1.5, 100_000_000
Told = dict[str, float]


def measure_excel(office: BigOffice) -> Iterator[Measured]:
    """Yield reading and writing at both sizes, then the preview of the smaller ledger."""
    with tempfile.TemporaryDirectory(prefix="tracker-excel-") as made:
        folder = Path(made)
        for rows in SIZES:
            _apart("make", rows, folder)
            yield from _reading(rows, folder)
            yield from _writing(rows, folder)
        yield _preview(office, SIZES[0], folder)


def _reading(rows: int, folder: Path) -> Iterator[Measured]:
    ours, bare, kept = _medians(("read_ours", "read_bare", "read_bare_kept"), rows, folder)
    name = f"read {rows} rows x 31"
    yield _times(f"{name} / calamine, rows dropped", ours, bare, READ_GOAL)
    yield _times(f"{name} / calamine, rows kept", ours, kept)
    yield _peaks(f"{name}, peak of the child / same", ours["apart"], bare["peak"], PEAK_GOAL)
    yield _peaks(f"{name}, peak of the child / kept", ours["apart"], kept["peak"])
    yield _peaks(f"{name}, peak of the asker", ours["peak"], None)


def _writing(rows: int, folder: Path) -> Iterator[Measured]:
    ours, bare = _medians(("write_ours", "write_bare"), rows, folder)
    name = f"write {rows} rows x 31"
    yield _times(f"{name} / XlsxWriter", ours, bare, WRITE_GOAL)
    yield _peaks(f"{name}, peak / 100 MB", ours["peak"], MOST_WRITE_BYTES, 1.0)
    ours, bare = _medians(("list_ours", "list_bare"), rows, folder)
    yield _times(f"task list of {rows} rows / XlsxWriter", ours, bare, WRITE_GOAL)
    yield _peaks(f"task list of {rows} rows, peak / 100 MB", ours["peak"], MOST_WRITE_BYTES, 1.0)


def _times(name: str, ours: Told, floor: Told, goal: float | None = None) -> Measured:
    return Measured(
        name=name, ours=ours["seconds"] * 1000, floor=floor["seconds"] * 1000, goal=goal
    )


def _peaks(name: str, ours: float, floor: float | None, goal: float | None = None) -> Measured:
    least = None if floor is None else floor / 1e6
    return Measured(name=name, ours=ours / 1e6, floor=least, goal=goal, unit="MB")


def _medians(works: tuple[str, ...], rows: int, folder: Path) -> list[Told]:
    """Run the works in turn, and return the medians of each."""
    found: list[list[Told]] = [[] for _ in works]
    for _ in range(TURNS):
        for place, work in enumerate(works):
            found[place].append(_apart(work, rows, folder))
    return [{key: median(told[key] for told in each) for key in each[0]} for each in found]


def _apart(work: str, rows: int, folder: Path) -> Told:
    command = [sys.executable, "-m", "tests.bench.excel_child", work, str(rows), str(folder)]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parents[2]
    )
    told: Told = json.loads(done.stdout)
    return told


def _preview(office: BigOffice, rows: int, folder: Path) -> Measured:
    """Planning and keeping every row in the database, beside the reading that comes before."""
    path = ledger_path(folder, rows)
    asked = Question(path=path, name="台账.xlsx", fed_back_on=FED_BACK, concentrated_end=END)
    actor, now = office.cast.actor("clerk"), office.clock.now()
    begun = perf_counter()
    reading = read_apart(asked)
    read = perf_counter() - begun
    with office.database.writing() as session, path.open("rb") as data, counted() as seen:
        storage = FileStorage(folder / "files")
        file = storage.store(data, "台账.xlsx", actor=actor, now=now)
        tour = session.get_one(Round, office.filled.work.round_id)
        begun = perf_counter()
        preview_import(session, file, tour, reading, fed_back_on=FED_BACK, actor=actor, now=now)
        planned = perf_counter() - begun
        session.rollback()
    return Measured(
        name=f"preview of {rows} rows in the database / reading",
        ours=planned * 1000,
        floor=read * 1000,
        statements=len(seen),
    )
