"""What an entry says: who, where, what changed before → after, and never a business text."""

import json
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.bench.statements import counted
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.audit.models import AuditEntry
from tracker.audit.service import record, savepoint
from tracker.demo.load import load
from tracker.feedback.models import Issue
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.importing import MAX_ROWS
from tracker.organizations.models import Unit
from tracker.people.models import Person, User
from tracker.rectification.models import Measure, ProgressReport, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.steps import take_step

REASON = "佐证材料与整改措施不对应，请补充会议纪要。"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        made.task(session, people, state=TaskState.OFFICE_REVIEW, now=clock.now())
        made.task(session, people, state=TaskState.OFFICE_REVIEW, now=clock.now())
        session.commit()
    return made


def newest(database: Database, count: int = 1) -> list[AuditEntry]:
    with database.reading() as session:
        query = select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(count)
        return list(reversed(session.scalars(query).all()))


def lines(entry: AuditEntry) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(entry.changes or "[]")
    return found


def test_a_step_says_who_from_where_to_where_and_why(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = session.scalars(select(Task).order_by(Task.id)).first()
        assert task is not None
        clerk = people.actor("clerk")
        take_step(session, task, Verb.RETURN_CLOSURE, actor=clerk, now=clock.now(), reason=REASON)
        session.commit()
    (entry,) = newest(database)
    assert (entry.action, entry.object_type, entry.object_id) == ("task_return_closure", "task", 1)
    assert (entry.role, entry.region_id) == ("office_clerk", people.regions["city"])
    of_task = next(line for line in lines(entry) if line["table"] == "tasks")
    assert of_task["fields"]["state"] == ["office_review", "in_progress"]
    assert any(line["table"] == "task_transitions" for line in lines(entry))
    assert entry.reason is not None
    assert f"（{len(REASON)} 字" in entry.reason
    assert "会议纪要" not in repr(vars(entry))


def test_the_unit_of_the_actor_is_kept(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        record(session, "sign_in", actor=people.actor("liaison_a"), now=clock.now())
        session.commit()
    (entry,) = newest(database)
    assert entry.unit_id == people.units["a"]


def test_each_row_goes_to_the_entry_that_names_it(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        for task in session.scalars(select(Task).order_by(Task.id)).all():
            take_step(
                session,
                task,
                Verb.RETURN_CLOSURE,
                actor=people.actor("clerk"),
                now=clock.now(),
                reason=REASON,
            )
        session.get_one(Unit, people.units["b"]).sort_no = 77
        session.commit()
    first, second = newest(database, 2)
    assert [line["table"] for line in lines(first)] == ["tasks", "task_transitions"]
    assert {line["id"] for line in lines(first) if line["table"] == "tasks"} == {1}
    assert {line["table"] for line in lines(second)} == {"tasks", "task_transitions", "units"}


def test_a_row_nobody_spoke_of_has_an_entry_of_its_own(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        unit = session.get_one(Unit, people.units["a"])
        unit.sort_no, unit.updated_by, unit.updated_at = 50, "甲（jia）", clock.now()
        session.commit()
    (entry,) = newest(database)
    assert (entry.action, entry.actor) == ("rows_changed", "甲（jia）")
    assert lines(entry)[0]["fields"] == {"sort_no": [1, 50]}


def test_a_new_object_gets_its_number(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        stamps = born(actor=people.actor("clerk"), now=clock.now())
        person = Person(region_id=people.regions["city"], name="孙三", **stamps)
        session.add(person)
        record(
            session,
            "person_created",
            actor=people.actor("clerk"),
            now=clock.now(),
            object_type="person",
        )
        session.commit()
    (entry,) = newest(database)
    assert entry.object_id == person.id
    assert lines(entry)[0]["fields"]["name"] == [None, "孙**"]


def test_a_new_password_is_noted_and_not_told(database: Database, people: Cast) -> None:
    with database.writing() as session:
        session.get_one(User, people.users["clerk"]).password_hash = "$argon2id$new"
        session.commit()
    (entry,) = newest(database)
    assert lines(entry)[0]["fields"] == {"password_hash": ["（已隐藏）", "（已隐藏）"]}


def test_what_comes_back_to_itself_is_no_change(database: Database, people: Cast) -> None:
    with database.writing() as session:
        unit = session.get_one(Unit, people.units["a"])
        unit.sort_no = 50
        session.flush()  # twice changed, nothing gained
        unit.sort_no = 1
        session.commit()
        before = session.scalar(select(func.max(AuditEntry.seq)))
    with database.writing() as session:
        session.get_one(Unit, people.units["a"]).sort_no = 1
        session.commit()
        assert session.scalar(select(func.max(AuditEntry.seq))) == before


def test_a_rollback_leaves_nothing(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        session.get_one(Unit, people.units["a"]).sort_no = 50
        session.flush()  # noted, then undone
        record(session, "unit_edited", actor=Actor(name="甲"), now=clock.now())
        session.rollback()
        before = session.scalar(select(func.count(AuditEntry.id)))
        session.commit()
        assert session.scalar(select(func.count(AuditEntry.id))) == before


def test_no_business_text_stands_in_the_trail(
    database: Database, config: Config, clock: ManualClock
) -> None:
    """The whole demonstration, and then a change of every issue and report, one by one."""
    with database.writing() as session:
        load(session, Sealer(config.secret_keys), now=clock.now())
        session.commit()
        written: list[str] = []
        for column in (Issue.text, Issue.detail, Measure.text, ProgressReport.text, Task.goal):
            written += [text for text in session.scalars(select(column).distinct()) if text]
        for issue in session.scalars(select(Issue).limit(20)):
            issue.text = issue.text + "（补充）"
        session.commit()
        kept = "\n".join(
            f"{entry.detail} {entry.reason} {entry.changes}"
            for entry in session.scalars(select(AuditEntry))
        )
    texts = {text for text in written if len(text) >= 8}
    assert len(texts) > 50
    assert [text for text in texts if text[:8] in kept] == []


def test_many_rows_are_counted_not_listed(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    """2000 tasks at once: a handful of statements, one line a table."""

    def insert(count: int) -> int:
        with database.writing() as session, counted() as statements:
            stamps = born(actor=people.actor("clerk"), now=clock.now())
            session.add_all(
                Measure(task_id=1, seq=count * 10 + number, text=f"措施{number}", **stamps)
                for number in range(count)
            )
            record(session, "ledger_imported", actor=people.actor("clerk"), now=clock.now())
            session.commit()
        return len([each for each in statements if "audit" in each])

    few, many = insert(MAX_ROWS // 1000), insert(2000)
    (entry,) = newest(database)
    (line,) = lines(entry)
    assert (line["table"], line["verb"], line["count"]) == ("measures", "created", 2000)
    assert many == few
    assert len(entry.changes or "") < 200


def test_a_part_that_was_refused_leaves_neither_rows_nor_lines(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    """What was changed before, and in the parts that went well, is told; of the refused, nothing."""
    with database.writing() as session:
        first, second, third = (session.get_one(Unit, people.units[name]) for name in "abe")
        first.sort_no = 41
        with savepoint(session):
            second.sort_no = 42
            first.code = "A99"
        with suppress(DomainError), savepoint(session):
            third.sort_no = 43
            session.flush()  # written, then taken back
            raise DomainError("不可以。")
        record(session, "unit_edited", actor=people.actor("clerk"), now=clock.now())
        session.commit()
    (entry,) = newest(database)
    told = {line["id"]: line["fields"] for line in lines(entry)}
    assert told == {
        first.id: {"sort_no": [1, 41], "code": ["A01", "A99"]},
        second.id: {"sort_no": [2, 42]},
    }
