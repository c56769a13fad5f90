"""Somebody edits a task while a corrected ledger is confirmed: the sheet never wins unseen."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.ledger.desk import open_desk, write
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch
from tracker.ledger.updating import StaleChangesError
from tracker.rectification.models import Task


def test_an_edit_that_is_not_committed_yet_is_waited_for(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    opened = open_desk(database, people, clock, tmp_path)
    desk = next(opened)
    write(desk.send_out(), "3-01", "整改目标", "表中目标")
    batch_id = desk.bring_back().id
    desk.session.commit()
    desk.task("3-01").goal = "同时改的目标"
    desk.session.flush()  # holds the row, not yet committed
    refusals: list[Exception] = []

    def confirm() -> None:
        with database.writing() as session:
            batch = session.get_one(ImportBatch, batch_id)
            try:
                apply_import(session, batch, actor=people.actor("clerk"), now=clock.now())
                session.commit()
            except Exception as error:
                refusals.append(error)

    other = threading.Thread(target=confirm)
    other.start()
    other.join(0.7)
    assert other.is_alive()
    desk.session.commit()
    other.join(20)
    assert [type(error) for error in refusals] == [StaleChangesError]
    assert desk.task("3-01").goal == "同时改的目标"
    opened.close()


def test_of_two_confirmations_one_is_told(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    opened = open_desk(database, people, clock, tmp_path)
    desk = next(opened)
    write(desk.send_out(), "3-01", "整改目标", "表中目标")
    batch = desk.bring_back()
    batch_id = batch.id
    desk.session.commit()
    desk.apply(batch)
    desk.session.commit()
    with database.writing() as session:
        again = session.get_one(ImportBatch, batch_id)
        with pytest.raises(DomainError, match="不能再办理"):
            apply_import(session, again, actor=people.actor("clerk"), now=clock.now())
    goals = desk.session.scalars(select(Task.goal).where(Task.goal == "表中目标")).all()
    assert goals == ["表中目标"]
    opened.close()
