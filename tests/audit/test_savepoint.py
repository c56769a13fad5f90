"""A part of a larger change that is refused leaves neither rows nor entries; the others stay."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tracker.audit.models import AuditEntry
from tracker.audit.service import first_broken_link, record, savepoint
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.people.models import Person


def test_a_refused_part_leaves_nothing_and_the_chain_is_written_once_at_the_end(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        heads: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if "audit_" in statement:
                heads.append(statement)

        def part(name: str, *, fails: bool = False) -> None:
            with savepoint(session):
                session.add(
                    Person(
                        region_id=people.regions["city"],
                        name=name,
                        **born(actor=TESTER, now=clock.now()),
                    )
                )
                record(session, name, actor=TESTER, now=clock.now())
                session.flush()  # the row is written before it is refused
                if fails:
                    raise DomainError("不行")

        record(session, "before", actor=TESTER, now=clock.now())
        event.listen(database.engine, "before_cursor_execute", note)
        part("first")
        with pytest.raises(DomainError):
            part("refused", fails=True)
        part("second")
        assert heads == []
        event.remove(database.engine, "before_cursor_execute", note)
        record(session, "after", actor=TESTER, now=clock.now() + timedelta(seconds=1))
        session.commit()
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
        assert [
            each for each in actions if each in {"before", "first", "refused", "second", "after"}
        ] == [
            "before",
            "first",
            "second",
            "after",
        ]
        names = set(session.scalars(select(Person.name)))
        assert {"first", "second"} <= names
        assert "refused" not in names
        assert first_broken_link(session) is None


def test_what_is_rolled_back_whole_is_forgotten_whole(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        with savepoint(session):
            record(session, "gone", actor=TESTER, now=clock.now())
        session.rollback()
        record(session, "kept", actor=TESTER, now=clock.now())
        session.commit()
        actions = set(session.scalars(select(AuditEntry.action)))
        assert "kept" in actions
        assert "gone" not in actions
