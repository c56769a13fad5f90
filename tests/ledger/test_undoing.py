"""撤销导入: all that an import made goes, nothing else does, and the same file lands the same again."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger, preview, template_ledger
from tracker.audit.models import AuditEntry
from tracker.audit.service import first_broken_link
from tracker.feedback.models import Issue, IssueUnit
from tracker.feedback.rules import IssueNature
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.migrate import downgrade, upgrade
from tracker.ledger.built_on import MADE, SHARED
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch, ImportRow, UndoneRow
from tracker.ledger.rules import BatchState
from tracker.ledger.undoing import leaving, undo_import
from tracker.models import metadata
from tracker.people.models import Person
from tracker.rectification.models import DueChange, Task, TaskComment, TaskDuty, TaskTransition
from tracker.rectification.rules.words import CommentSide, DutyRole
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure_all

# What is not counted, or is the record of what was done.
TRAIL = frozenset(
    {
        "audit_entries",
        "audit_heads",
        "import_batches",
        "import_rows",
        "import_traces",
        "stored_files",
        "undone_rows",
    }
)
STAMPS = frozenset({"version", "updated_at", "updated_by"})
# What tells two imports of one file apart: ids, and when it was.
TIMES = STAMPS | {"id", "created_at", "recorded_at"}
WHY = "导错了轮次"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round that has only unit a in it so far."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return made


def everything(session: Session, left_out: frozenset[str] = STAMPS) -> dict[str, list[Any]]:
    """Return all rows of all tables but the trail; pointers as they are."""
    return {
        table.name: sorted(
            (tuple(row) for row in session.execute(select(*_columns(table, left_out)))), key=repr
        )
        for table in metadata.sorted_tables
        if table.name not in TRAIL and _columns(table, left_out)
    }


def _columns(table: Table, left_out: frozenset[str]) -> list[Any]:
    return [column for column in table.columns if column.name not in left_out]


def told(session: Session) -> dict[str, list[Any]]:
    """Return what rows say, without ids and pointers, for these are others the second time."""
    pointers = {
        key.parent.name
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in {*MADE, *SHARED}
    }
    return everything(session, TIMES | pointers)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as made:
        yield made


def test_an_import_taken_back_leaves_the_database_as_it_was(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    before = everything(session)
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    first = told(session)
    assert len(first["tasks"]) == 6
    cells = list(session.scalars(select(ImportRow.cells).order_by(ImportRow.id)))
    gone = undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    assert everything(session) == before
    assert (gone.going["任务"], gone.going["问题"], gone.going["巡察对象"]) == (6, 5, 1)
    assert (batch.state, batch.undone_at, batch.undone_by, batch.undo_reason) == (
        BatchState.UNDONE,
        now,
        clerk.label,
        WHY,
    )
    assert list(session.scalars(select(ImportRow.cells).order_by(ImportRow.id))) == cells
    again = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    assert told(session) == first
    assert (again.issues_made, again.tasks_made) == (5, 6)
    undo_import(session, again, WHY, actor=clerk, now=now)
    session.commit()
    assert everything(session) == before


def figures(session: Session, people: Cast, day: date) -> list[str]:
    query = FigureQuery(actor=people.actor("lead"), region_id=people.regions["city"], as_of=day)
    return [repr(figure) for figure in measure_all(session, query)]


def test_no_figure_of_any_day_counts_what_was_taken_back(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    days = (date(2026, 9, 1), date(2026, 10, 20), date(2026, 11, 16), date(2027, 3, 1))
    before = [figures(session, people, day) for day in days]
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    assert all(figures(session, people, day) != was for day, was in zip(days, before, strict=True))
    undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    assert [figures(session, people, day) for day in days] == before


def test_what_went_is_kept_whole_with_who_and_why(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    rows = {
        (name, row.id): dict(row._mapping)
        for name in MADE
        for row in session.execute(select(metadata.tables[name]))
    }
    links = {row[0]: row[1] for row in session.execute(select(ImportRow.id, ImportRow.task_id))}
    undo_import(session, batch, f"  {WHY} ", actor=clerk, now=now)
    session.commit()
    kept = {(row.table_name, row.row_id): row for row in session.scalars(select(UndoneRow))}
    went = {key for key in kept if key[0] in MADE}
    assert len(went) > 40
    for key in went:
        content = json.loads(kept[key].content)
        assert content.keys() == rows[key].keys()
        assert content["id"] == key[1]
    task = json.loads(next(row.content for key, row in kept.items() if key[0] == "tasks"))
    assert (task["task_no"], task["due_on"]) == ("7-3-3-01-01", "2026-12-31")
    became = {
        k[1]: json.loads(r.content)["task_id"] for k, r in kept.items() if k[0] == "import_rows"
    }
    assert became == {row: task_id for row, task_id in links.items() if task_id is not None}
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor, entry.object_id) == ("ledger_undone", clerk.label, batch.id)
    assert entry.reason is not None
    assert first_broken_link(session) is None


def test_what_was_there_before_keeps_its_place_and_gets_back_what_it_said(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    """An issue that gets one more unit, and a person whose mobile the ledger knew."""
    clerk, now = people.actor("clerk"), clock.now()
    stamps = born(actor=TESTER, now=now)
    common = Issue(
        feedback_id=work.feedback_ids["a"],
        region_id=work.region_id,
        issue_no="G1",
        nature=IssueNature.COMMON,
        text="会风不实",
        units=[IssueUnit(unit_id=people.units["a"])],
        **stamps,
    )
    session.add_all([common, Person(region_id=work.region_id, name="李乙", **stamps)])
    session.commit()
    before = everything(session)
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    mobile = select(Person.mobile).where(Person.name == "李乙")
    assert session.scalar(mobile) == "13900000001"
    assert (
        session.scalar(select(func.count(IssueUnit.id)).where(IssueUnit.issue_id == common.id)) == 2
    )
    undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    assert session.scalar(mobile) is None
    assert everything(session) == before


def test_a_person_whom_others_name_by_now_stays(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    person = session.scalars(select(Person).where(Person.name == "张甲")).one()
    other = work.task(session, people, now=now)
    session.add(
        TaskDuty(
            task_id=other.id,
            role=DutyRole.OWNER,
            person_id=person.id,
            from_on=FED_BACK,
            **born(actor=TESTER, now=now),
        )
    )
    session.commit()
    planned = leaving(session, batch)
    assert (planned.going["人员"], planned.staying) == (2, {"人员": 1})
    undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    names = set(session.scalars(select(Person.name)))
    assert names & {"张甲", "李乙", "王丙"} == {"张甲"}
    assert session.scalar(select(func.count(Task.id))) == 1


def test_the_second_of_two_imports_goes_first(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    before = everything(session)
    first = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    more = template_ledger(
        {"被巡察单位": "市甲局", "问题编号": "3-09", "反馈问题": "又一问题", "整改措施": "又一措施"}
    )
    second = bring_in(session, more, work.round_id, tmp_path, actor=clerk, now=now)
    same = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    with pytest.raises(DomainError, match="其后的台账导入"):
        undo_import(session, first, WHY, actor=clerk, now=now)
    session.rollback()
    for batch in (same, second, first):  # `same` made nothing: only its state changes
        undo_import(session, batch, WHY, actor=clerk, now=now)
        session.commit()
    assert everything(session) == before


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_asked_for(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path, reason: str
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    with pytest.raises(DomainError, match="理由"):
        undo_import(session, batch, reason, actor=clerk, now=now)


def test_only_a_finished_import_of_the_own_office_is_taken_back(
    session: Session, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    batch = preview(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    with pytest.raises(DomainError, match="待确认，没有可以撤销的内容"):
        undo_import(session, batch, WHY, actor=clerk, now=now)
    apply_import(session, batch, actor=clerk, now=now)
    session.commit()
    with pytest.raises(NotVisibleError):
        undo_import(session, batch, WHY, actor=people.actor("east_clerk"), now=now)
    session.rollback()
    undo_import(session, batch, WHY, actor=clerk, now=now)
    session.commit()
    with pytest.raises(DomainError, match="已撤销，没有可以撤销的内容"):
        undo_import(session, batch, WHY, actor=clerk, now=now)


def test_an_import_of_an_older_version_cannot_be_taken_back(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    with database.writing() as session:
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
    downgrade(database, "0043")
    upgrade(database)
    with database.writing() as session:
        batch = session.scalars(select(ImportBatch)).one()
        with pytest.raises(DomainError, match="之前导入的"):
            undo_import(session, batch, WHY, actor=clerk, now=now)
        session.rollback()
        assert session.scalar(select(func.count(Task.id))) == 6
        again = bring_in(session, template_ledger(
            {"被巡察单位": "市甲局", "问题编号": "3-09", "反馈问题": "又一问题", "整改措施": "又一措施"}
        ), work.round_id, tmp_path, actor=clerk, now=now)  # fmt: skip
        undo_import(session, again, WHY, actor=clerk, now=now)
        session.commit()
        assert session.scalar(select(func.count(Task.id))) == 6


@pytest.mark.parametrize("history", [TaskTransition, DueChange])
def test_history_leaves_with_its_import_and_in_no_other_way(
    database: Database,
    people: Cast,
    work: Work,
    clock: ManualClock,
    tmp_path: Path,
    history: type[TaskTransition | DueChange],
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    with database.writing() as session:
        batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
        undo_import(session, batch, WHY, actor=clerk, now=now)
        session.commit()
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
        assert session.scalar(select(func.count(history.id)))  # on SQLite with the ids of before
        with pytest.raises(DatabaseError, match="append-only"):
            session.execute(delete(history))
        session.rollback()
        for statement in ("UPDATE undone_rows SET content = ''", "DELETE FROM undone_rows",
                          "UPDATE import_traces SET row_id = 0", "DELETE FROM import_traces"):  # fmt: skip
            with pytest.raises(DatabaseError, match="append-only"):
                session.execute(text(statement))
            session.rollback()


def attempt(database: Database, batch_id: int, people: Cast, clock: ManualClock) -> str:
    """Take an import back as a page does that was opened a moment ago; return the refusal, or ""."""
    with database.reading() as session:
        seen = session.get_one(ImportBatch, batch_id)
        _ = seen.round, seen.file
    with database.writing() as session:
        batch = session.merge(seen, load=False)
        try:
            undo_import(session, batch, WHY, actor=people.actor("clerk"), now=clock.now())
        except DomainError as error:
            return str(error)
        session.commit()
    return ""


def test_of_two_who_press_at_once_one_wins(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    with database.writing() as session:
        batch = bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now)
        batch_id = batch.id
    barrier = Barrier(2)

    def press() -> str:
        barrier.wait(30)
        return attempt(database, batch_id, people, clock)

    with ThreadPoolExecutor(2) as pool:
        told = sorted(each.result(60) for each in [pool.submit(press), pool.submit(press)])
    assert told[0] == ""
    assert "刚被别人办理过" in told[1] or "已撤销" in told[1]
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 0


def test_what_is_being_built_at_that_moment_is_waited_for_and_stands_in_the_way(
    database: Database, people: Cast, work: Work, clock: ManualClock, tmp_path: Path
) -> None:
    clerk, now = people.actor("clerk"), clock.now()
    with database.writing() as session:
        batch_id = bring_in(
            session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=now
        ).id
    with ThreadPoolExecutor(1) as pool, database.writing() as session:
        said = {"side": CommentSide.OFFICE, "text": "请抓紧", "is_internal": True, "author": "甲"}
        task_id = session.scalar(select(func.max(Task.id)))
        session.execute(insert(TaskComment).values(task_id=task_id, written_at=now, **said))
        pressed = pool.submit(attempt, database, batch_id, people, clock)
        wait_for(lambda: pressed.running() and is_held_up(database))
        session.commit()
        assert "任务意见" in pressed.result(60)
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 6


def is_held_up(database: Database) -> bool:
    """Whether somebody waits for a lock; SQLite tells nobody, there a moment has to do."""
    if database.is_sqlite:
        time.sleep(0.2)
        return True
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with database.reading() as session:
        return bool(session.scalar(text(query)))


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
