"""上月重演: the states and due dates of the day, under the rules of today and others."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.reminders.conftest import TaskMaker
from tests.reminders.queueing import CALENDAR
from tracker.kernel.db import Database, born
from tracker.rectification.models import DueChange, TaskTransition
from tracker.rectification.rules.words import DueChangeKind, TaskState
from tracker.reminders.ladders import SIMPLE_RULES
from tracker.reminders.models import UnitPause
from tracker.reminders.rehearsal import last_month, load_past, own_rules, rehearse

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
DAYS = [
    FIRST + timedelta(days=at)
    for at in range(31)
    if CALENDAR.is_workday(FIRST + timedelta(days=at))
]


def told(database: Database, people: Cast, *, simple: bool = False) -> list[tuple[int, str]]:
    with database.reading() as session:
        past = load_past(session, people.regions["city"], FIRST, LAST)
        rules_of = (lambda _it: SIMPLE_RULES) if simple else own_rules(past)
        found = rehearse(past, rules_of, DAYS, CALENDAR)
    return [(day.day, it.step.rule.code) for day, said in found.items() for it in said]


def test_the_month_before_is_found_at_any_day() -> None:
    assert last_month(date(2026, 11, 16)) == (FIRST, LAST)
    assert last_month(date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert last_month(date(2026, 1, 1)) == (date(2025, 12, 1), date(2025, 12, 31))


@pytest.mark.usefixtures("pushing")
def test_a_month_is_replayed_under_two_sets(
    app: Flask, database: Database, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=date(2026, 10, 13))  # a Tuesday
    standard = [(9, "task_due-3"), (13, "task_due+0"), (14, "task_due+1")]
    late = [(20, "task_due+7"), (27, "task_due+7")]
    assert told(database, people) == [(2, "task_due-10"), *standard, *late]
    weekly = [(14, "task_due+1"), (21, "task_due+1"), (28, "task_due+1")]
    assert told(database, people, simple=True) == [(2, "task_due-10"), *weekly]
    clerk = enter(app, "clerk")
    clerk.get("/reminders/rehearsal?rules=simple")
    assert "全月：现行规则 5 条，简易模式的规则 3 条" in clerk.text  # 1–3 October are off


@pytest.mark.usefixtures("pushing")
def test_what_was_closed_with_the_office_paused_or_due_elsewhere_is_replayed_as_it_was(
    database: Database, people: Cast, clock: ManualClock, make_task: TaskMaker
) -> None:
    task_id = make_task(due_on=date(2026, 12, 31))
    with database.writing() as session:
        session.add(
            DueChange(
                task_id=task_id,
                kind=DueChangeKind.EXTENSION,
                old_due=date(2026, 10, 13),
                new_due=date(2026, 12, 31),
                occurred_on=date(2026, 10, 20),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        for state, before, on in (
            (TaskState.OFFICE_REVIEW, TaskState.IN_PROGRESS, date(2026, 10, 8)),
            (TaskState.IN_PROGRESS, TaskState.OFFICE_REVIEW, date(2026, 10, 12)),
        ):
            session.add(
                TaskTransition(
                    task_id=task_id,
                    from_state=before,
                    to_state=state,
                    verb="made",
                    occurred_on=on,
                    recorded_at=clock.now(),
                    actor="tests",
                )
            )
        session.add(
            UnitPause(
                region_id=people.regions["city"],
                unit_id=people.units["a"],
                from_on=date(2026, 10, 13),
                to_on=date(2026, 10, 13),
                reason="测试",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    # On the 9th it was with the office; on the 13th its unit was paused; from the 20th on the new
    # date counts.
    assert told(database, people) == [(2, "task_due-10"), (12, "task_due-3"), (14, "task_due+1")]


@pytest.mark.usefixtures("pushing")
def test_ten_times_the_tasks_cost_not_one_statement_more(
    database: Database, people: Cast, make_task: TaskMaker
) -> None:
    counts = []
    for many in (1, 10):
        for _ in range(many):
            make_task(due_on=date(2026, 10, 13))
        statements: list[str] = []
        listen = lambda *args: statements.append(args[2])  # noqa: E731, B023
        event.listen(database.read_engine, "before_cursor_execute", listen)
        told(database, people)
        event.remove(database.read_engine, "before_cursor_execute", listen)
        counts.append(len([each for each in statements if each.startswith("SELECT")]))
    assert counts[0] == counts[1] <= 6
