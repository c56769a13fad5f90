"""A storage with nothing in it yet, and a hand that puts files in."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.clock import ManualClock
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.permissions import Actor

Store = Callable[[bytes, str], StoredFile]


@pytest.fixture
def storage(tmp_path: Path) -> FileStorage:
    return FileStorage(tmp_path / "evidence")


@pytest.fixture
def store(storage: FileStorage, clock: ManualClock) -> Store:
    def put(content: bytes, name: str) -> StoredFile:
        return storage.store(io.BytesIO(content), name, actor=Actor(name="t"), now=clock.now())

    return put
