"""verify-evidence: every stored file looked at, what is wrong remembered, and told once."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs import forget_previews, verify_evidence
from jobs.context import JobContext
from jobs.schedule import scheduled
from tests.conftest import make_config
from tests.fakes.clock import ManualClock
from tracker.files.checking import files_at_fault, summary
from tracker.files.models import FileCheck, StoredFile
from tracker.files.rules import FileFault
from tracker.files.storage import FileStorage
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor

DAY = timedelta(days=1)


@pytest.fixture
def context(database: Database, clock: ManualClock, tmp_path: Path) -> JobContext:
    config = make_config(database.url, tmp_path / "data")
    return JobContext(database, clock, config, Sealer(config.secret_keys), "one")


@pytest.fixture
def storage(context: JobContext) -> FileStorage:
    return FileStorage(context.config.evidence_dir)


@pytest.fixture
def files(database: Database, storage: FileStorage, clock: ManualClock) -> list[StoredFile]:
    """Five stored files."""
    rows = [
        storage.store(
            io.BytesIO(b"%PDF-1.7 " + bytes([48 + n])),
            f"{n}.pdf",
            actor=Actor(name="t"),
            now=clock.now(),
        )
        for n in range(5)
    ]
    with database.writing() as session:
        session.add_all(rows)
        session.commit()
    return rows


def faults(database: Database) -> dict[int, FileFault]:
    with database.reading() as session:
        return {check.file_id: check.fault for check in files_at_fault(session) if check.fault}


def test_each_file_is_looked_at_once_a_run_in_batches(
    context: JobContext,
    files: list[StoredFile],
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify_evidence, "BATCH", 2)
    assert verify_evidence.run(context, clock.now()) == 5
    assert verify_evidence.run(context, clock.now()) == 0
    assert verify_evidence.run(context, clock.now() + DAY) == 5


def test_missing_and_changed_files_are_remembered_with_the_day_and_told_once(
    context: JobContext,
    files: list[StoredFile],
    storage: FileStorage,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(verify_evidence.log, "error", lambda _event, **more: told.append(more))
    monkeypatch.setattr(verify_evidence.log, "info", lambda _event, **more: told.append(more))
    storage.path(files[1]).unlink()
    storage.path(files[3]).write_bytes(b"%PDF-1.7 X")
    verify_evidence.run(context, clock.now())
    wrong = {files[1].id: FileFault.MISSING, files[3].id: FileFault.CHANGED}
    assert faults(context.database) == wrong
    assert told == [
        {"missing": [files[1].id], "changed": [files[3].id], "missing_count": 1, "changed_count": 1}
    ]
    verify_evidence.run(context, clock.now() + DAY)
    assert len(told) == 1
    assert faults(context.database) == wrong
    with context.database.reading() as session:
        check = session.get_one(FileCheck, files[1].id)
        assert (check.faulty_since, check.checked_at) == (clock.now(), clock.now() + DAY)
        found = summary(session)
        assert (found.stored, found.checked, found.at_fault) == (5, 5, 2)

    storage.path(files[3]).write_bytes(b"%PDF-1.7 3")
    verify_evidence.run(context, clock.now() + 2 * DAY)
    assert told[1:] == [{"repaired": [files[3].id], "repaired_count": 1}]
    assert faults(context.database) == {files[1].id: FileFault.MISSING}
    with context.database.reading() as session:
        assert session.get_one(FileCheck, files[3].id).faulty_since is None


def test_a_very_large_storage_is_gone_through_in_parts_the_longest_unseen_first(
    context: JobContext,
    files: list[StoredFile],
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify_evidence, "BATCH", 2)
    monkeypatch.setattr(verify_evidence, "MAX_BYTES", 1)
    seen = []
    for day in range(4):
        now = clock.now() + day * DAY
        verify_evidence.run(context, now)
        with context.database.reading() as session:
            query = select(FileCheck.file_id).where(FileCheck.checked_at == now)
            seen.append(sorted(session.scalars(query)))
    ids = [file.id for file in files]
    assert seen == [ids[:2], ids[2:4], [ids[0], ids[4]], ids[1:3]]


def test_both_jobs_stand_in_the_schedule(context: JobContext, clock: ManualClock) -> None:
    for name, job in (("verify-evidence", verify_evidence), ("forget-previews", forget_previews)):
        found = scheduled(name)
        assert found is not None
        assert found.run is job.run
        assert found.run(context, clock.now()) == 0
