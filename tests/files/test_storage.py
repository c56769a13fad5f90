"""Stored bytes: verified before they are given to anybody."""

import hashlib
import os

import pytest

from tests.files.conftest import Store
from tracker.files.rules import FileFault
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError

PDF = b"%PDF-1.7\nhello"


def test_what_was_stored_is_what_is_read(storage: FileStorage, store: Store) -> None:
    row = store(PDF, "方案.pdf")
    assert row.sha256 == hashlib.sha256(PDF).hexdigest()
    assert storage.fault_of(row) is None
    assert storage.verified_path(row).read_bytes() == PDF


def test_one_changed_byte_is_noticed(storage: FileStorage, store: Store) -> None:
    row = store(PDF, "方案.pdf")
    storage.path(row).write_bytes(PDF[:-1] + b"O")
    assert storage.fault_of(row) is FileFault.CHANGED
    with pytest.raises(DomainError, match=r"校验值（SHA-256）不符.*从备份中恢复"):
        storage.verified_path(row)


def test_a_shorter_file_and_a_missing_one_are_noticed(storage: FileStorage, store: Store) -> None:
    row = store(PDF, "方案.pdf")
    os.truncate(storage.path(row), 3)
    assert storage.fault_of(row) is FileFault.CHANGED
    storage.path(row).unlink()
    assert storage.fault_of(row) is FileFault.MISSING
    with pytest.raises(DomainError, match="文件不在服务器上"):
        storage.verified_path(row)


def test_what_cannot_be_read_is_noticed(storage: FileStorage, store: Store) -> None:
    row = store(PDF, "方案.pdf")
    storage.path(row).chmod(0)
    assert storage.fault_of(row) is FileFault.UNREADABLE


def test_bytes_whose_row_never_came_are_removed(storage: FileStorage, store: Store) -> None:
    row = store(PDF, "方案.pdf")
    storage.discard(row)
    storage.discard(row)
    assert [path for path in storage.folder.rglob("*") if path.is_file()] == []
