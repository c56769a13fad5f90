"""What waits for the office reminds the office: plans under review, extensions not decided."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from tests.conftest import MONDAY
from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import CALENDAR, entries, notifications, queue
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.notifications.rules import Audience
from tracker.rectification.models import Extension, Task, TaskTransition, UnitDocument
from tracker.rectification.rules.words import DocumentKind, ExtensionState, TaskState
from tracker.reminders.looking import may_be_due
from tracker.reminders.models import UnitPause
from tracker.reminders.overview import reaching
from tracker.reminders.service import office_todos

SINCE = date(2026, 11, 11)  # a Wednesday: three working days before the Monday


@pytest.fixture
def waiting(
    database: Database, clock: ManualClock, people: Cast, work: Work, make_task: TaskMaker
) -> int:
    """A plan of two tasks under review, and an extension that its head has signed; its id."""
    parts = [make_task(state=TaskState.PLAN_REVIEW, due_on=None) for _ in range(2)]
    late = make_task(state=TaskState.IN_PROGRESS, due_on=MONDAY + timedelta(days=60))
    stamps = born(actor=TESTER, now=clock.now())
    with database.writing() as session:
        for task_id, on in zip(parts, (SINCE - timedelta(days=1), SINCE), strict=True):
            session.add(
                TaskTransition(
                    task_id=task_id,
                    from_state=TaskState.PLANNING,
                    to_state=TaskState.PLAN_REVIEW,
                    verb="submit_plan",
                    occurred_on=on,
                    recorded_at=clock.now(),
                    actor="tests",
                )
            )
        session.add(
            UnitDocument(
                feedback_id=work.feedback_ids["a"],
                unit_id=people.units["a"],
                kind=DocumentKind.PLAN,
                due_on=SINCE,
                submitted_on=SINCE,
                signed_on=SINCE,
                **stamps,
            )
        )
        extension = Extension(
            task_id=late,
            state=ExtensionState.SIGNED,
            old_due=MONDAY + timedelta(days=60),
            new_due=MONDAY + timedelta(days=90),
            reason="材料未齐",
            asked_on=SINCE - timedelta(days=3),
            asked_by="tests",
            signed_on=SINCE,
            signed_by="tests",
            **stamps,
        )
        session.add(extension)
        session.commit()
        return extension.id


@pytest.mark.usefixtures("pushing", "waiting")
def test_the_office_s_group_hears_of_each_after_three_working_days_and_then_weekly(
    database: Database, clock: ManualClock
) -> None:
    clock.set_local(MONDAY - timedelta(days=3), 9)
    assert queue(database, clock) == 0
    clock.set_local(MONDAY, 9)
    assert queue(database, clock) == 2
    told = {(row.rule, row.audience, row.unit_id) for row in notifications(database)}
    assert told == {
        ("plan_review+3", Audience.OFFICE, None),
        ("extension_review+3", Audience.LEAD, None),
    }
    said = {
        (entry.heading, entry.line, entry.mentions)
        for kind in ("unit_document", "extension")
        for entry in entries(database, clock, kind).values()
    }
    assert said == {
        ("待审核", "整改方案 市甲局 待审核已 5 天", ()),
        ("待审核", "7-3-003-01 延期申请 市甲局 待审核已 5 天", ()),
    }


@pytest.mark.usefixtures("pushing", "waiting")
def test_a_pause_of_the_unit_pauses_nothing_of_it(
    database: Database, clock: ManualClock, people: Cast
) -> None:
    with database.writing() as session:
        session.add(
            UnitPause(
                region_id=people.regions["city"],
                unit_id=people.units["a"],
                from_on=SINCE,
                to_on=MONDAY + timedelta(days=30),
                reason="机构改革",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    assert queue(database, clock) == 2


@pytest.mark.usefixtures("pushing")
@pytest.mark.parametrize(
    "state", [state for state in ExtensionState if state is not ExtensionState.SIGNED]
)
def test_it_ends_with_the_decision(
    database: Database, clock: ManualClock, people: Cast, waiting: int, state: ExtensionState
) -> None:
    queue(database, clock)
    with database.writing() as session:
        session.execute(update(Extension).where(Extension.id == waiting).values(state=state))
        session.execute(
            update(Task)
            .where(Task.state == TaskState.PLAN_REVIEW)
            .values(state=TaskState.IN_PROGRESS, due_on=MONDAY + timedelta(days=90))
        )
        session.commit()
        assert not may_be_due(session, [people.regions["city"]], today=MONDAY)
    for kind in ("unit_document", "extension"):
        assert entries(database, clock, kind) == {}


@pytest.mark.usefixtures("waiting")
def test_they_are_to_dos_and_what_the_lead_grants_is_the_lead_s(
    database: Database, people: Cast
) -> None:
    names = {}
    for username in ("clerk", "lead", "east_lead"):
        with database.reading() as session:
            actor = people.actor(username)
            regions = [people.regions["city"], people.regions["east"]]
            selection = reaching(session, regions, on=MONDAY)
            todos = office_todos(session, selection, actor, today=MONDAY, calendar=CALENDAR)
            names[username] = [it.candidate.name for it in todos]
            assert may_be_due(session, regions, today=MONDAY)
    assert names == {
        "clerk": ["整改方案"],
        "lead": ["7-3-003-01 延期申请", "整改方案"],
        "east_lead": [],
    }


@pytest.mark.usefixtures("pushing", "waiting")
def test_the_page_names_unit_and_what_is_to_be_done_and_leads_there(visitor: Visitor) -> None:
    visitor.sign_in("lead")
    visitor.get("/reminders")
    todos = " ".join(visitor.text[visitor.text.index('id="todos"') :].split())
    for said in (
        "请审核整改方案",
        "请审批延期申请",
        "起等待审核",
        '<td class="fit" data-label="单位">市甲局</td>',
        '<a href="/reviews?kind=extension">7-3-003-01 延期申请</a>',
    ):
        assert said in todos
    assert "巡察办待办（2 项）" in visitor.text
