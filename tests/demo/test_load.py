"""What is loaded, besides figures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_config
from tests.databases import SqliteTemplate
from tests.fakes.clock import ManualClock
from tracker import create_app
from tracker.county_submissions.models import CountySubmission
from tracker.demo.load import load, loaded_at
from tracker.files.storage import FileStorage
from tracker.kernel.clock import at_local, local_date
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Base, Database
from tracker.kernel.permissions import Role
from tracker.notifications.models import Channel, Notification
from tracker.people.models import Person, User
from tracker.rectification.models import (
    DocumentSignature,
    MonthlyReport,
    PlanSubmission,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.rules.certificate import code_of
from tracker.rectification.rules.documents import REPORTS
from tracker.rectification.rules.plan_text import canonical
from tracker.rectification.rules.words import DocumentState, MonthlyState, TaskState
from tracker.rectification.service.documents import state_of
from tracker.rectification.service.plan_texts import text_of
from tracker.rectification.service.planning import tasks_of_plan
from tracker.rounds.models import Milestone

NOW = at_local(MONDAY, 9, 30)
SEALER = Sealer(("test-secret-key-of-at-least-32-bytes!",))


@pytest.fixture(scope="module")
def demo(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with sqlite_template.copy(tmp_path_factory.mktemp("demo")) as url:
        database = Database(url)
        with database.writing() as session:
            load(session, SEALER, now=NOW)
            session.commit()
        yield database
        database.dispose()


def test_a_call_waits_for_one_county_and_no_figure_of_it_is_accepted(demo: Database) -> None:
    with demo.reading() as session:
        states = sorted(row.state for row in session.scalars(select(CountySubmission)))
    assert states == ["pending", "returned", "submitted"]


def test_every_role_can_be_picked_and_no_password_is_known(demo: Database) -> None:
    with demo.reading() as session:
        roles = {user.role for user in session.scalars(select(User))}
    assert roles == set(Role)


def test_no_history_lies_in_the_future_and_each_ends_in_the_present_state(demo: Database) -> None:
    with demo.reading() as session:
        last: dict[int, TaskTransition] = {}
        for step in session.scalars(select(TaskTransition).order_by(TaskTransition.id)):
            before = last.get(step.task_id)
            assert step.from_state is (before.to_state if before else None)
            assert before is None or before.occurred_on <= step.occurred_on <= MONDAY
            last[step.task_id] = step
        for task in session.scalars(select(Task)):
            assert last[task.id].to_state is task.state


def test_a_months_report_waits_for_its_head_and_others_are_signed(demo: Database) -> None:
    with demo.reading() as session:
        reports = list(session.scalars(select(MonthlyReport)))
        assert {report.state for report in reports} == {
            MonthlyState.SUBMITTED,
            MonthlyState.SIGNED,
        }
        assert all(report.lines and report.submitted_on <= MONDAY for report in reports)


def test_with_a_storage_units_documents_stand_in_every_state(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    storage = FileStorage(tmp_path / "files")
    with sqlite_template.copy(tmp_path) as url:
        database = Database(url)
        with database.writing() as session:
            load(session, SEALER, now=NOW, storage=storage)
            session.commit()
            documents = list(
                session.scalars(select(UnitDocument).where(UnitDocument.kind.in_(REPORTS)))
            )
            assert {state_of(document) for document in documents} == {*DocumentState} - {
                DocumentState.OWED
            }
            assert {document.kind for document in documents} == set(REPORTS)
            for document in documents:
                days = [event.occurred_on for event in document.events]
                assert days == sorted(days)
                assert all(storage.fault_of(v.file) is None for v in document.versions)
            accepted = next(d for d in documents if state_of(d) is DocumentState.ACCEPTED)
            files = set(session.scalars(select(Milestone.file_id)))
            assert accepted.file_id in files
            assert len(files - {None}) == 2
        database.dispose()


def test_every_state_of_the_path_is_to_be_seen(demo: Database) -> None:
    with demo.reading() as session:
        states = set(session.scalars(select(Task.state)))
    assert states >= set(TaskState) - {TaskState.DRAFT, TaskState.VOID, TaskState.ENDED}


def test_one_reminder_pass_is_queued_for_a_channel_of_the_simulator(demo: Database) -> None:
    with demo.reading() as session:
        assert session.scalar(select(func.count(Notification.id))) or 0 > 0
        for channel in session.scalars(select(Channel)):
            assert SEALER.open(channel.sealed_url).startswith("http://127.0.0.1:8001/")
        days = {local_date(at) for at in session.scalars(select(Notification.queued_at))}
    assert days == {MONDAY}


def test_names_and_numbers_are_plainly_invented(demo: Database) -> None:
    with demo.reading() as session:
        people = session.scalars(select(Person)).all()
    assert all(person.name[1] in "示例" for person in people)
    assert all((person.mobile or "").startswith("1380000") for person in people)
    assert len({person.mobile for person in people}) == len(people)


@pytest.mark.parametrize("day", ["2027-01-01", "2028-02-29", "2026-10-04"])
def test_it_loads_on_any_day(sqlite_template: SqliteTemplate, tmp_path: Path, day: str) -> None:
    loading = at_local(MONDAY.fromisoformat(day), 8)
    with sqlite_template.copy(tmp_path) as url:
        database = Database(url)
        with database.writing() as session:
            load(session, SEALER, now=loading)
            later = select(func.max(TaskTransition.occurred_on))
            assert (session.scalar(later) or MONDAY) <= MONDAY.fromisoformat(day)
            assert loaded_at(session, simulator="http://127.0.0.1:8001") == loading
        database.dispose()


def test_demo_load_refuses_a_database_that_holds_anything(
    sqlite_template: SqliteTemplate, tmp_path: Path
) -> None:
    with sqlite_template.copy(tmp_path) as url:
        database = Database(url)
        config = make_config(url, tmp_path / "data")
        runner = create_app(config, clock=ManualClock(NOW), store=database).test_cli_runner()
        first = runner.invoke(args=["demo", "load"])
        assert "登录页" in first.stdout
        second = runner.invoke(args=["demo", "load"])
        assert second.exit_code == 1
        assert "已经有数据" in second.stderr
        database.dispose()


def test_every_table_is_looked_at_before_loading() -> None:
    from tracker.demo.load import MACHINERY

    assert {table.name for table in Base.metadata.sorted_tables} >= MACHINERY


def test_a_plan_that_waits_for_its_head_reads_as_it_was_handed_in(demo: Database) -> None:
    waiting = 0
    with demo.reading() as session:
        for kept in session.scalars(select(PlanSubmission)):
            plan = kept.document
            if plan.signed_on is None:
                waiting += 1
                now = code_of(canonical(text_of(plan, tasks_of_plan(session, plan))))
                assert now == kept.sha256, plan.unit.name
        assert waiting
        assert None not in session.scalars(select(DocumentSignature.sha256)).all()
