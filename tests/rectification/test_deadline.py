"""“为什么逾期 7 天？”: the page for the unit and for the office, and who never sees what."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.organizations.models import Unit
from tracker.rectification.models import (
    DocumentEvent,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.queries import TaskFilter, list_tasks
from tracker.rectification.rules.court import court_of
from tracker.rectification.rules.words import (
    Court,
    DocumentEventKind,
    DocumentKind,
    TaskState,
)
from tracker.reminders.models import UnitPause

S, E = TaskState, DocumentEventKind
DUE = date(2026, 11, 9)
TODAY = date(2026, 11, 16)
OFFICE_SAYS = ("巡察办办理", "巡察办 ", "内部", ">巡察办<", "合计")


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        session.commit()
    return work


@pytest.fixture
def task_id(database: Database, people: Cast, clock: ManualClock, work: Work) -> int:
    """Late by seven days; four of them lay with the office, which returned it."""
    with database.writing() as session:
        task = work.task(session, people, due_on=DUE, now=clock.now())
        for state, on in (
            (S.OFFICE_REVIEW, date(2026, 11, 8)),
            (S.IN_PROGRESS, date(2026, 11, 13)),
        ):
            step(session, task, state, on)
        tell = partial(note, session, task, work.region_id)
        tell(1, MessageState.SENT, date(2026, 11, 10))
        tell(2, MessageState.UNCERTAIN, date(2026, 11, 16))
        tell(3, MessageState.QUEUED, date(2026, 11, 16))
        tell(4, MessageState.SENT, date(2026, 11, 16), audience=Audience.OFFICE)
        unit_id = people.units["a"]
        first, last = date(2026, 11, 11), date(2026, 11, 12)
        stamps = born(actor=TESTER, now=clock.now())
        days = {"from_on": first, "to_on": last, "reason": "换届", **stamps}
        session.add(UnitPause(region_id=work.region_id, unit_id=unit_id, **days))
        session.commit()
        return task.id


def step(session: Session, task: Task, state: TaskState, on: date) -> None:
    session.add(
        TaskTransition(
            task_id=task.id,
            from_state=task.state,
            to_state=state,
            verb="made",
            occurred_on=on,
            recorded_at=at_local(on, 10),
            actor="tests",
        )
    )
    task.state = state
    session.flush()  # ids follow the order of the steps


def note(
    session: Session,
    task: Task,
    region_id: int,
    occurrence: int,
    state: MessageState,
    on: date,
    *,
    audience: Audience = Audience.UNIT,
) -> None:
    session.add(
        Notification(
            rule="task_due+7",
            object_type="task",
            object_id=task.id,
            anchor_on=DUE,
            occurrence=occurrence,
            audience=audience,
            region_id=region_id,
            state=state,
            not_before=at_local(on, 9),
            queued_at=at_local(on, 9),
            settled_at=at_local(on, 9, 7),
        )
    )


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_a_late_task_leads_to_the_days_behind_it(app: Flask, people: Cast, task_id: int) -> None:
    liaison = enter(app, "liaison_a")
    liaison.get(f"/tasks/{task_id}")
    assert f'href="/tasks/{task_id}/deadline">为什么逾期 7 天？' in liaison.text
    assert "原定时限 2026-11-09；截至 2026-11-16 逾期 7 天。" in liaison.text
    assert liaison.get(f"/tasks/{task_id}/deadline").status_code == 200
    assert "<h1>为什么逾期 7 天？</h1>" in liaison.text
    assert (
        "逾期 7 天 = 日历天 7 天（2026-11-10 至 2026-11-16）"
        "；其中工作日 5 天、休息日 2 天（推算）；其中暂停提醒 2 天（不扣除）"
    ) in liaison.text
    for number in range(1, 8):
        assert f"逾{number}</span>" in liaison.text
    assert "逾8" not in liaison.text
    assert "2026年11月" in liaison.text


def test_the_office_sees_its_own_days_and_the_unit_never_does(
    app: Flask, people: Cast, task_id: int
) -> None:
    for name in ("clerk", "lead"):
        visitor = enter(app, name)
        visitor.get(f"/tasks/{task_id}/deadline")
        assert "其中在巡察办办理 4 天（不扣除）" in visitor.text
        assert "巡察办 5 天，其中审核 5 天" in visitor.text
        assert "合计 76 天" in visitor.text
        assert visitor.text.count('<span class="day-word internal">巡察办</span>') == 5
    for name in ("liaison_a", "head_a", "supervisor", "leader"):
        visitor = enter(app, name)
        for path in (f"/tasks/{task_id}", f"/tasks/{task_id}/deadline"):
            assert visitor.get(path).status_code == 200
            assert "联络员累计 71 天，主要负责人累计 0 天" in visitor.text
            found = [words for words in OFFICE_SAYS if words in visitor.text.split("<main")[1]]
            assert found == [], (name, path)


def test_whoever_conducts_nothing_of_it_sees_no_office_share(
    app: Flask, database: Database, people: Cast, task_id: int
) -> None:
    """A unit of the county inspected by the city: the county reads, but not the city's own days."""
    with database.writing() as session:
        unit = session.get_one(Unit, people.units["a"])
        unit.region_id = people.regions["east"]
        session.commit()
    county = enter(app, "east_clerk")
    assert county.get(f"/tasks/{task_id}/deadline").status_code == 200
    assert [words for words in OFFICE_SAYS if words in county.text.split("<main")[1]] == []


def test_paper_never_shows_the_offices_own_share(app: Flask, people: Cast, task_id: int) -> None:
    lead = enter(app, "lead")
    lead.get(f"/tasks/{task_id}/deadline")
    for words in ("其中在巡察办办理", "巡察办 5 天"):
        before = lead.text.split(words)[0]
        assert before.rindex('class="internal"') > max(
            before.rfind("</p>"), before.rfind("</span>")
        )
    sheet = lead.get("/static/css/print.css").get_data(as_text=True)
    assert ".internal { display: none !important; }" in sheet


def test_every_reminder_sent_is_listed_and_the_offices_own_only_for_the_office(
    app: Flask, people: Cast, task_id: int
) -> None:
    clerk, liaison = enter(app, "clerk"), enter(app, "liaison_a")
    clerk.get(f"/tasks/{task_id}/deadline")
    assert "已发提醒 3 次" in clerk.text
    assert "提醒×2" in clerk.text.split("months")[1]
    liaison.get(f"/tasks/{task_id}/deadline")
    assert "已发提醒 2 次" in liaison.text
    assert "2026-11-10 09:07" in liaison.text
    assert "送达结果不明" in liaison.text
    assert "逾期第 7 天" in liaison.text
    assert "提醒×2" not in liaison.text.split("months")[1]
    liaison.get(f"/tasks/{task_id}")
    assert liaison.text.count("<li>2026-11-16 09:00") == 2  # uncertain and queued, not the office's


def test_another_unit_another_region_and_the_administrators_do_not_find_it(
    app: Flask, people: Cast, task_id: int
) -> None:
    for name in ("liaison_b", "east_clerk", "east_liaison"):
        visitor = enter(app, name)
        assert visitor.get(f"/tasks/{task_id}/deadline").status_code == 404
        there = visitor.text
        assert visitor.get("/tasks/999999/deadline").status_code == 404
        assert visitor.text.replace("999999", str(task_id)) == there
    assert enter(app, "admin").get(f"/tasks/{task_id}/deadline").status_code == 403


def test_a_month_asked_for_is_shown_and_nonsense_is_not_minded(
    app: Flask, people: Cast, task_id: int
) -> None:
    clerk = enter(app, "clerk")
    clerk.get(f"/tasks/{task_id}/deadline?to=2026-09")
    assert "2026年9月" in clerk.text
    assert "2026年11月" not in clerk.text
    for bent in ("2026-13", "9999-12", "0001-01", "x", "%00"):
        assert clerk.get(f"/tasks/{task_id}/deadline?to={bent}").status_code == 200


def plan_with(
    session: Session,
    work: Work,
    people: Cast,
    unit: str,
    *kinds: DocumentEventKind,
    clock: ManualClock,
) -> None:
    plan = UnitDocument(
        feedback_id=work.feedback_ids[unit],
        unit_id=people.units[unit],
        kind=DocumentKind.PLAN,
        **born(actor=TESTER, now=clock.now()),
    )
    for kind in kinds:
        event = DocumentEvent(kind=kind, occurred_on=TODAY, recorded_at=clock.now(), actor="tests")
        plan.events.append(event)
    session.add(plan)
    session.flush()  # the caller reads


LAST_EVENTS: list[tuple[DocumentEventKind, ...]] = [
    (),
    (E.SUBMITTED,),
    (E.SUBMITTED, E.RETURNED_BY_HEAD),
    (E.SUBMITTED, E.SIGNED, E.RETURNED, E.SUBMITTED),
]


@pytest.mark.parametrize("kinds", LAST_EVENTS, ids=len)
def test_the_list_filters_by_whose_turn_it_is_as_the_rule_says(
    database: Database,
    people: Cast,
    clock: ManualClock,
    work: Work,
    kinds: tuple[DocumentEventKind, ...],
) -> None:
    with database.writing() as session:
        if kinds:
            plan_with(session, work, people, "a", *kinds, clock=clock)
        tasks = [
            work.task(session, people, unit=unit, state=state, now=clock.now())
            for unit in ("a", "b")
            for state in TaskState
        ]
        last = {"a": kinds[-1] if kinds else None, "b": None}
        units = {people.units[name]: name for name in last}
        wanted = {task.id: court_of(task.state, last[units[task.lead_unit_id]]) for task in tasks}
        clerk = people.actor("clerk")
        for court in Court:
            found = list_tasks(session, TaskFilter(court=court), actor=clerk, today=TODAY)
            assert {task.id for task in found} == {id_ for id_, of in wanted.items() if of is court}


def test_the_list_shows_whose_turn_it_is_and_counts_as_the_filter_does(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    with database.writing() as session:
        plan_with(session, work, people, "a", E.SUBMITTED, clock=clock)
        make: Callable[..., Task] = partial(work.task, session, people, due_on=DUE, now=clock.now())
        make(state=S.PLANNING)
        make(state=S.LONG_TERM)
        make(is_due_doubtful=True)
        make(state=S.OFFICE_REVIEW)
        session.commit()
    head = enter(app, "head_a")
    head.get("/tasks?court=head")
    assert "共 1 项" in head.text
    assert '<td class="fit" data-label="当前办理环节">单位主要负责人</td>' in head.text
    head.get("/tasks?only=all")
    assert "共 4 项" in head.text
    assert head.text.count('<span class="overdue">') == 1  # only the plan that waits is late
    head.get("/tasks?only=overdue")
    assert "共 1 项" in head.text
