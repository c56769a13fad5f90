"""整改销号审批表: one changed byte, in a file or in a row, and the check names it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.certificate_fields import FIELDS
from tests.rectification.certified import Closed, closed, found, loaded, work
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.rectification.models import (
    ClosureCertificate,
    Measure,
    TaskTransition,
)
from tracker.rectification.queries import get_task
from tracker.rectification.rules.certificate import (
    FACTS,
    SECTIONS,
    Content,
    canonical,
    code_of,
    read_canonical,
)
from tracker.rectification.rules.words import (
    TaskState,
)
from tracker.rectification.service.certifying import certificates_of, certify, verify
from tracker.rectification.service.closing import close_task, reopen_task

__all__ = ["closed", "work"]

GUARDED = ("task_transitions", "due_changes", "reviews", "closure_certificates")


def test_closing_keeps_the_form_and_untouched_it_agrees(database: Database, closed: Closed) -> None:
    with database.reading() as session:
        kept = loaded(session, closed)
        assert kept.code == code_of(kept.content)
        verdict = verify(session, kept, closed.storage.path)
        assert (verdict.is_same, verdict.files, verdict.superseded_on) == (True, 1, None)
        empty = [
            key
            for key, value in read_canonical(kept.content).facts.items()
            if not value and key != "lent_by"
        ]
        assert empty == []


def test_one_changed_byte_of_a_file_is_named(database: Database, closed: Closed) -> None:
    whole = closed.path.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        closed.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with database.reading() as session:
            assert found(session, closed) == {"佐证材料第1条·文件内容（办法.pdf）"}
    closed.path.unlink()
    with database.reading() as session:
        verdict = verify(session, loaded(session, closed), closed.storage.path)
        assert [each.now for each in verdict.differences] == ["（文件不存在）"]
    closed.path.write_bytes(whole)
    with database.reading() as session:
        assert found(session, closed) == set()


def take_guards_off(session: Session, database: Database) -> None:
    """What somebody with the database in hand can do."""
    for table in GUARDED:
        for verb in ("update", "delete"):
            suffix = "" if database.is_sqlite else f" ON {table}"
            session.execute(text(f"DROP TRIGGER keep_{table}_{verb}{suffix}"))


def test_every_printed_field_changed_by_hand_is_named(database: Database, closed: Closed) -> None:
    named: set[str] = set()
    with database.writing() as session:
        take_guards_off(session, database)
        printed = read_canonical(loaded(session, closed).content)
        for what, changes in FIELDS.items():
            for table, column, value, where in changes:
                point = session.begin_nested()
                statement = f"UPDATE {table} SET {column} = {value} WHERE {where}"
                given = {"task": closed.task_id} if ":task" in where else {}
                assert session.execute(text(statement), given).rowcount >= 1, statement  # type: ignore[attr-defined]
                seen = found(session, closed)
                assert what in seen, statement
                named |= {what}
                point.rollback()
                assert found(session, closed) == set(), statement
        session.rollback()
    assert named == set(every_field(printed))


def every_field(printed: Content) -> list[str]:
    """Return the name of each single thing the form prints."""
    lines = [
        f"{title}第{number}条·{label}"
        for section, (title, columns) in SECTIONS.items()
        for number in range(1, len(printed.lines[section]) + 1)
        for label in columns.values()
    ]
    return [*FACTS.values(), *lines]


def test_a_row_taken_away_or_put_in_is_named(
    database: Database, closed: Closed, clock: ManualClock
) -> None:
    with database.writing() as session:
        take_guards_off(session, database)
        point = session.begin_nested()
        session.execute(delete(Measure).where(Measure.seq == 2))
        assert "整改措施第2条·措施" in found(session, closed)
        point.rollback()
        session.add(
            Measure(
                task_id=closed.task_id,
                seq=3,
                text="添上的",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        assert "整改措施第3条·措施" in found(session, closed)
        session.rollback()


def test_a_forged_certificate_row_does_not_match_its_code_or_the_trail(
    database: Database, closed: Closed
) -> None:
    with database.writing() as session:
        for statement in (
            update(ClosureCertificate).values(content="{}"),
            delete(ClosureCertificate),
        ):
            with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
                session.execute(statement)
        take_guards_off(session, database)
        kept = loaded(session, closed)
        content = read_canonical(kept.content)
        forged = canonical(replace(content, facts={**content.facts, "goal": "改了"}))
        session.execute(update(ClosureCertificate).values(content=forged))
        assert found(session, closed) == {"登记的审批表内容", "整改目标"}
        session.execute(update(ClosureCertificate).values(code=code_of(forged)))
        session.execute(text("UPDATE tasks SET goal = '改了'"))
        assert found(session, closed) == {"审计记录"}
        session.rollback()


def test_the_form_is_kept_once_a_closing_and_a_reopened_task_says_so(
    database: Database, people: Cast, closed: Closed, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        task = get_task(session, closed.task_id, actor=lead)
        assert certify(session, task, actor=lead, now=clock.now()).id == closed.certificate_id
        clock.advance(timedelta(days=3))
        reopen_task(session, task, "反弹", date(2026, 12, 31), actor=lead, now=clock.now())
        with pytest.raises(DomainError, match="销号后才有审批表"):
            certify(session, task, actor=lead, now=clock.now())
        session.flush()  # the check reads the database
        verdict = verify(session, loaded(session, closed), closed.storage.path)
        assert (verdict.is_same, verdict.superseded_on) == (True, date(2026, 11, 19))
        session.add(
            TaskTransition(
                task=task,
                from_state=task.state,
                to_state=TaskState.OFFICE_REVIEW,
                verb="made",
                occurred_on=date(2026, 11, 19),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        task.state, task.done_on = TaskState.OFFICE_REVIEW, date(2026, 11, 18)
        session.flush()  # the step looks at the database
        close_task(session, task, actor=lead, now=clock.now())
        session.commit()
        numbers = [each.number for each in certificates_of(session, task)]
        assert numbers == [f"XH-{task.task_no}-2", f"XH-{task.task_no}-1"]
    closed.path.write_bytes(b"x" + closed.path.read_bytes()[1:])
    with database.reading() as session:
        assert found(session, closed) == {"佐证材料第1条·文件内容（办法.pdf）"}
