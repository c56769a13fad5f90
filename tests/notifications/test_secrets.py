"""The key of a robot is in no log, row, page or trace of an error."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.notifications.office import Office
from tracker.kernel.db import Base
from tracker.notifications.rules import ChannelKind

KEY = "very-secret-key-9876"


def test_the_key_stands_in_no_row_and_no_log_whatever_the_host_answers(
    office: Office, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    office.channel(KEY, ChannelKind.UNIT, unit="a", name="群")
    for number, fault in enumerate(("http500", "40058", "accept_then_drop", "93000"), 1):
        office.sandbox.script_fault(fault)
        office.queue(number)
        office.deliver()
    said = capsys.readouterr()
    assert KEY not in caplog.text + said.out + said.err
    if office.database.is_sqlite:
        file = Path(office.database.engine.url.database or "")
        dump = b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
        assert KEY.encode() not in dump
    with office.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                assert KEY not in repr(tuple(row)), table.name
