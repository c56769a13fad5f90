"""The database room: sessions, column types, one writer at a time."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tracker.kernel.db import Database
from tracker.kernel.settings import Setting, get_setting, put_setting
from tracker.rectification.models import Task

NOW = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.reading() as session, pytest.raises(DatabaseError):
        session.execute(text("DELETE FROM settings"))


def test_instants_come_back_aware(database: Database) -> None:
    with database.writing() as session:
        put_setting(session, "a", "1", by="tests", now=NOW)
        session.commit()
    with database.reading() as session:
        assert session.scalars(select(Setting.changed_at)).one() == NOW


def test_writers_that_read_first_do_not_lose_each_others_change(database: Database) -> None:
    with database.writing() as session:
        put_setting(session, "counter", "0", by="tests", now=NOW)
        session.commit()
    barrier, errors = Barrier(4), []

    def bump() -> None:
        barrier.wait()
        for _ in range(5):
            try:
                with database.writing() as session:
                    row = session.scalars(
                        select(Setting).where(Setting.key == "counter").with_for_update()
                    ).one()
                    row.value = str(int(row.value) + 1)
                    session.commit()
            except DatabaseError as error:
                errors.append(error)

    threads = [Thread(target=bump) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert (errors, get_setting(session, "counter", "")) == ([], "20")


def test_the_factories_make_a_task_with_its_history(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        work.task(session, people, now=NOW)
        session.commit()
    with database.reading() as session:
        assert session.scalars(select(Task)).one().measures[0].seq == 1
