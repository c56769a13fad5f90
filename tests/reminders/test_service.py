"""Queueing: each key once, nothing before the switch, closing removes it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, update

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import (
    CALENDAR,
    LATE,
    MONDAY,
    change,
    entries,
    notifications,
    queue,
    settle,
)
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.notifications.models import Notification
from tracker.notifications.rules import MessageState
from tracker.notifications.voices import Mention
from tracker.people.models import Person
from tracker.rectification.models import TaskDuty
from tracker.rectification.rules.words import DutyRole, TaskState
from tracker.reminders import queries
from tracker.reminders.ladders import DEFAULT_RULES
from tracker.reminders.models import ReminderRule
from tracker.reminders.overview import reaching
from tracker.reminders.pausing import Pause, pause_unit
from tracker.reminders.rules import RuleStatus
from tracker.reminders.service import (
    ensure_default_rules,
    office_todos,
    switch_pushing,
)


def test_nothing_is_queued_before_the_lead_switches_pushing_on(
    database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    assert queue(database, clock) == 0
    lead, city = people.actor("lead"), people.regions["city"]
    with database.writing() as session:
        switch_pushing(session, city, True, actor=lead, now=clock.now())
        session.commit()
    assert queue(database, clock) == 1
    with database.writing() as session:
        switch_pushing(session, city, False, actor=lead, now=clock.now())
        session.commit()
        switched = select(func.count(AuditEntry.id)).where(
            AuditEntry.action == "reminders.switch_pushing"
        )
        assert session.scalar(switched) == 2
    assert entries(database, clock) == {}


def test_only_the_lead_of_the_region_may_switch(
    database: Database, clock: ManualClock, people: Cast
) -> None:
    with database.writing() as session:
        for name, error in (("clerk", DomainError), ("east_lead", NotVisibleError)):
            with pytest.raises(error):
                switch_pushing(
                    session,
                    people.regions["city"],
                    True,
                    actor=people.actor(name),
                    now=clock.now(),
                )


@pytest.mark.usefixtures("pushing")
def test_a_second_run_queues_nothing_and_a_moved_date_or_reopening_queues_again(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    task = make_task(due_on=LATE)
    assert queue(database, clock) == 1
    assert queue(database, clock) == 0
    clock.advance(timedelta(minutes=1))
    assert queue(database, clock) == 0
    change(database, task, due_on=MONDAY)
    assert queue(database, clock) == 1
    change(database, task, reopen_count=1)
    assert queue(database, clock) == 1
    assert {row.anchor_on for row in notifications(database)} == {LATE, MONDAY}


@pytest.mark.usefixtures("pushing")
def test_what_is_not_with_the_unit_or_doubtful_or_elsewhere_is_left_alone(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    for state in (TaskState.DRAFT, TaskState.PLAN_REVIEW, TaskState.CLOSED, TaskState.VOID):
        make_task(due_on=LATE, state=state)
    make_task(due_on=None)
    make_task(due_on=LATE, is_due_doubtful=True)
    make_task(due_on=MONDAY + timedelta(days=60))
    make_task(due_on=LATE, state=TaskState.LONG_TERM)
    assert queue(database, clock) == 0
    clock.set_local(MONDAY + timedelta(days=5))
    make_task(due_on=LATE)
    assert queue(database, clock) == 0  # a Saturday


@pytest.mark.usefixtures("pushing")
def test_messages_wait_for_the_slot_of_a_working_day(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    expected = []
    for day, hour, slot in (
        (MONDAY, 8, at_local(MONDAY, 9, 7)),
        (MONDAY, 14, at_local(MONDAY, 14)),
        (MONDAY + timedelta(days=4), 20, at_local(MONDAY + timedelta(days=7), 9, 7)),
    ):
        clock.set_local(day, hour)
        make_task(due_on=day - timedelta(days=1))
        queue(database, clock)
        expected.append(slot)
    assert sorted({row.not_before for row in notifications(database)}) == sorted(expected)


@pytest.mark.usefixtures("pushing")
def test_the_line_says_number_unit_date_and_days_and_never_the_issue(
    database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    late, today, soon = (make_task(due_on=MONDAY + timedelta(days=n)) for n in (-2, 0, 3))
    with database.writing() as session:
        person = Person(
            region_id=people.regions["city"],
            name="联络员丙",
            wecom_userid="bing",
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(
            TaskDuty(
                task_id=late,
                role=DutyRole.LIAISON,
                person=person,
                from_on=MONDAY,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    queue(database, clock)
    said = sorted(entries(database, clock).values(), key=lambda entry: entry.urgency)
    assert [(entry.heading, entry.line) for entry in said] == [
        ("已逾期", "7-3-001-01 市甲局 时限 2026-11-14（推算） 已逾期 2 天"),
        ("今天到期", "7-3-002-01 市甲局 时限 2026-11-16（推算） 今天到期"),
        ("即将到期", "7-3-003-01 市甲局 时限 2026-11-19（推算） 还有 3 天"),
    ]
    assert said[0].mentions == (Mention(userid="bing"), Mention(mobile="13800000000"))
    assert {today, soon} < {row.object_id for row in notifications(database)}


@pytest.mark.usefixtures("pushing")
@pytest.mark.parametrize(
    "values",
    [
        {"state": TaskState.CLOSED},
        {"state": TaskState.OFFICE_REVIEW},
        {"due_on": MONDAY + timedelta(days=9)},
        {"is_due_doubtful": True},
        {"reopen_count": 1},
    ],
    ids=["closed", "with the office", "due date moved", "doubtful", "reopened"],
)
def test_a_queued_reminder_is_no_longer_wanted_once_the_task_changed(
    database: Database, clock: ManualClock, make_task: TaskMaker, values: dict[str, Any]
) -> None:
    task, sibling = make_task(due_on=LATE), make_task(due_on=LATE)
    queue(database, clock)
    assert len(entries(database, clock)) == 2
    change(database, task, **values)
    left = entries(database, clock)
    (only,) = [row for row in notifications(database) if row.id in left]
    assert only.object_id == sibling


@pytest.mark.usefixtures("pushing")
def test_an_unsent_lower_step_gives_way_to_a_higher_one(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    queue(database, clock)
    clock.set_local(MONDAY + timedelta(days=7))
    assert queue(database, clock) == 1
    said = entries(database, clock)
    assert [row.rule for row in notifications(database) if row.id in said] == ["task_due+7"]


@pytest.mark.usefixtures("pushing")
def test_a_paused_unit_hears_nothing_and_catches_up_after_the_pause(
    database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    make_task(due_on=LATE, unit="b")
    queue(database, clock)
    with database.writing() as session:
        days = {"from_on": MONDAY, "to_on": MONDAY + timedelta(days=1)}
        wanted = Pause(unit_id=people.units["a"], reason="机构合并", **days)
        city, lead = people.regions["city"], people.actor("lead")
        pause_unit(session, city, wanted, actor=lead, now=clock.now())
        session.commit()
    said = entries(database, clock)
    units = {row.unit_id for row in notifications(database) if row.id in said}
    assert units == {people.units["b"]}
    settle(database, MessageState.CANCELLED)
    assert queue(database, clock) == 0
    clock.set_local(MONDAY + timedelta(days=2))
    assert queue(database, clock) == 2  # both were dropped unsent on an earlier day
    assert queue(database, clock) == 0
    assert len(notifications(database)) == 2


@pytest.mark.usefixtures("pushing")
def test_closing_ends_it_while_a_sibling_gets_its_own_over_ten_working_days(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    closing, sibling = make_task(due_on=LATE), make_task(due_on=LATE)
    told: list[tuple[date, int]] = []
    for n in range(15):
        day = MONDAY + timedelta(days=n)
        clock.set_local(day, 9, 7)
        queue(database, clock)
        said = entries(database, clock)
        told += [(day, row.object_id) for row in notifications(database) if row.id in said]
        settle(database, MessageState.SENT)
        if n == 1:
            change(database, closing, state=TaskState.CLOSED)
    assert [day for day, task in told if task == closing] == [MONDAY]
    assert [day for day, task in told if task == sibling] == [
        MONDAY,
        date(2026, 11, 23),
        date(2026, 11, 30),
    ]


@pytest.mark.usefixtures("pushing")
def test_a_rule_on_trial_or_off_sends_nothing(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    with database.writing() as session:
        session.execute(update(ReminderRule).values(status=RuleStatus.DRY_RUN))
        session.commit()
    assert queue(database, clock) == 0


def test_default_rules_are_made_once(database: Database, clock: ManualClock, people: Cast) -> None:
    with database.writing() as session:
        lead, city = people.actor("lead"), people.regions["city"]
        made = [ensure_default_rules(session, city, actor=lead, now=clock.now()) for _ in range(2)]
    assert made == [len(DEFAULT_RULES), 0]


def test_to_dos_of_the_office_stand_in_the_product_and_the_leads_own_are_the_leads(
    database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=MONDAY - timedelta(days=40))
    saturday = MONDAY - timedelta(days=2)
    with database.reading() as session:
        selection = reaching(session, list(people.regions.values()), on=saturday)
        labels = {
            name: [
                it.step.rule.label
                for it in office_todos(
                    session, selection, people.actor(name), today=saturday, calendar=CALENDAR
                )
            ]
            for name in ("clerk", "lead", "east_lead", "liaison_a")
        }
    assert labels == {
        "clerk": ["请研究是否发督办函"],
        "lead": ["请研究是否发督办函", "请研究督促措施"],
        "east_lead": [],
        "liaison_a": [],
    }


@pytest.mark.usefixtures("pushing")
def test_the_number_of_statements_does_not_grow_with_the_number_of_tasks(
    database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    counts = []
    for made in (3, 30):
        with database.writing() as session:
            session.execute(delete(Notification))
            session.commit()
        for n in range(made):
            make_task(due_on=LATE - timedelta(days=n))
        statements: list[str] = []

        def note(*arguments: Any, seen: list[str] = statements) -> None:
            seen.append(arguments[2])

        event.listen(database.engine, "before_cursor_execute", note)
        assert queue(database, clock) >= made
        event.remove(database.engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 19


def test_the_search_for_what_is_due_walks_the_partial_index(
    database: Database, people: Cast
) -> None:
    statements: list[tuple[str, Any]] = []
    event.listen(
        database.read_engine,
        "before_cursor_execute",
        lambda *arguments: statements.append((arguments[2], arguments[3])),
    )
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.reading() as session:
        wanted = queries.Wanted(MONDAY, region_ids=[people.regions["city"]])
        queries.candidates(session, wanted)
        asked, values = next(each for each in statements if "tasks.due_on <=" in each[0])
        connection = session.connection()
        if not database.is_sqlite:  # PostgreSQL would read a tiny table whole
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"{explain} {asked}", values)
        assert "ix_tasks_open_due" in str(plan.fetchall())
