"""挂牌督办: who sets and lifts it, what is kept, when the lead is told, and who is never told."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.source_files import ROOT
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.links import Links
from tracker.kernel.settings import DictionaryEntry
from tracker.notifications.models import Notification
from tracker.rectification.models import Task, TaskTransition, WatchChange
from tracker.rectification.rules.watching import (
    DEFAULT_LEVELS,
    clean_levels,
    days_without_news,
)
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.watching import (
    WatchOrder,
    keep_watch_rules,
    levels_of,
    lift_watch,
    set_watch,
    watch_changes_of,
    watched_tasks,
)
from tracker.reminders.service import queue_due, switch_pushing
from tracker.reminders.voice import VOICES
from tracker.workdays.rules import WorkCalendar

MONDAY = date(2026, 11, 16)
CALENDAR = WorkCalendar({}, {2026})
ORDER = WatchOrder(level=DEFAULT_LEVELS[0], leader="方一鸣", reason="群众反映强烈")
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


def test_the_lead_sets_changes_and_lifts_it_and_every_word_is_kept(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        task = work.task(session, people, now=clock.now())
        set_watch(session, task, ORDER, actor=lead, now=clock.now())
        with pytest.raises(DomainError, match="没有变化"):
            set_watch(session, task, ORDER, actor=lead, now=clock.now())
        clock.advance(timedelta(days=2))
        other = WatchOrder(level=DEFAULT_LEVELS[1], leader="柳青", reason="分工调整")
        set_watch(session, task, other, actor=lead, now=clock.now())
        assert (task.watch_level, task.watched_from) == (DEFAULT_LEVELS[1], MONDAY)
        with pytest.raises(DomainError, match="必须写明理由"):
            lift_watch(session, task, " ", actor=lead, now=clock.now())
        lift_watch(session, task, "已见成效", actor=lead, now=clock.now())
        assert (task.watch_level, task.watch_leader_id, task.watched_from) == (None, None, None)
        assert task.state is TaskState.IN_PROGRESS
        session.commit()
        kept = [
            (each.kind.value, each.level, each.leader and each.leader.name, each.reason)
            for each in reversed(watch_changes_of(session, task))
        ]
        assert kept == [
            ("set", DEFAULT_LEVELS[0], "方一鸣", "群众反映强烈"),
            ("changed", DEFAULT_LEVELS[1], "柳青", "分工调整"),
            ("lifted", DEFAULT_LEVELS[1], "柳青", "已见成效"),
        ]
    for statement in (update(WatchChange).values(reason="改"), delete(WatchChange)):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)


def test_nobody_else_sets_it_and_nothing_closed_is_watched(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = work.task(session, people, now=clock.now())
        for who in ("clerk", "leader", "liaison_a", "supervisor"):
            with pytest.raises(DomainError, match="巡察办主任"):
                set_watch(session, task, ORDER, actor=people.actor(who), now=clock.now())
        with pytest.raises(NotVisibleError):
            set_watch(session, task, ORDER, actor=people.actor("east_lead"), now=clock.now())
        lead = people.actor("lead")
        for state in (TaskState.DRAFT, TaskState.CLOSED):
            still = work.task(session, people, state=state, now=clock.now())
            with pytest.raises(DomainError, match="不能挂牌督办"):
                set_watch(session, still, ORDER, actor=lead, now=clock.now())
        strange = WatchOrder(level="没有的级别", leader="甲", reason="乙")
        with pytest.raises(DomainError, match="从列表中选择"):
            set_watch(session, task, strange, actor=lead, now=clock.now())
        assert task.watch_level is None
        assert session.scalars(select(WatchChange)).all() == []


def test_an_office_keeps_its_own_levels_and_what_is_dropped_stays_in_history(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    lead, region_id = people.actor("lead"), people.regions["city"]
    with database.writing() as session:
        task = work.task(session, people, now=clock.now())

        def keep(levels: str, interval: int | None = 3) -> None:
            keep_watch_rules(
                session, region_id, interval=interval, levels=levels, actor=lead, now=clock.now()
            )
            session.flush()  # the levels are read back

        keep("一级\n二级\n一级")
        assert levels_of(session, region_id) == ["一级", "二级"]
        assert levels_of(session, people.regions["east"]) == list(DEFAULT_LEVELS)
        first = WatchOrder(level="一级", leader="甲", reason="乙")
        set_watch(session, task, first, actor=lead, now=clock.now())
        keep("二级\n三级")
        assert levels_of(session, region_id) == ["二级", "三级"]
        assert task.watch_level == "一级"
        assert len(session.scalars(select(DictionaryEntry)).all()) == 3
        for bad in ("", "\n".join(str(n) for n in range(21)), "长" * 41):
            with pytest.raises(DomainError, match="督办级别"):
                keep(bad)
        for days in (None, 0, 61):
            with pytest.raises(DomainError, match="1 至 60"):
                keep("一级", days)
        with pytest.raises(NotVisibleError):
            keep_watch_rules(
                session,
                people.regions["east"],
                interval=3,
                levels="一级",
                actor=lead,
                now=clock.now(),
            )


def test_silence_is_counted_in_working_days_from_the_newest_news(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        quiet = work.task(session, people, now=clock.now())
        busy = work.task(session, people, now=clock.now())
        stepped = work.task(session, people, now=clock.now())
        for task in (quiet, busy, stepped):
            set_watch(session, task, ORDER, actor=lead, now=clock.now())
        busy.last_progress_on = date(2026, 11, 20)
        session.add(
            TaskTransition(
                task=stepped,
                from_state=TaskState.IN_PROGRESS,
                to_state=TaskState.UNIT_CHECK,
                verb="made",
                occurred_on=date(2026, 11, 23),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        session.flush()  # the list reads the database

        def silent(on: date) -> dict[str, int | None]:
            found = watched_tasks(session, actor=lead, today=on, calendar=CALENDAR)
            return {each.task.task_no: each.silent_days for each in found}

        assert set(silent(date(2026, 11, 23)).values()) == {None}  # five working days: not yet
        tuesday = silent(date(2026, 11, 24))
        assert tuesday == {quiet.task_no: 8, busy.task_no: None, stepped.task_no: None}
        assert next(iter(silent(date(2026, 12, 4)))) == quiet.task_no
        quiet.state = TaskState.CLOSED
        assert silent(date(2026, 11, 24))[quiet.task_no] is None
        other = watched_tasks(
            session, actor=people.actor("east_lead"), today=MONDAY, calendar=CALENDAR
        )
        assert other == []


@given(DAYS, st.integers(0, 90), st.integers(1, 30))
def test_silence_begins_after_the_interval_and_never_ends_by_itself(
    last: date, later: int, interval: int
) -> None:
    today = last + timedelta(days=later)

    def silent(on: date) -> int | None:
        return days_without_news(last, today=on, interval=interval, calendar=CALENDAR)

    days = silent(today)
    assert (days is None) == (CALENDAR.workdays_between(last, today) <= interval)
    if days is not None:
        assert days == later > interval
        assert silent(today + timedelta(days=1)) == later + 1


@given(st.lists(st.text(min_size=1, max_size=9), max_size=9))
def test_levels_are_each_kept_once(lines: list[str]) -> None:
    wanted = {line.strip() for text in lines for line in text.splitlines() if line.strip()}
    if 1 <= len(wanted) <= 20:
        assert set(clean_levels("\n".join(lines))) == wanted


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_the_pages_show_it_and_the_lead_is_told_of_silence(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = work.task(session, people, now=clock.now())
        session.commit()
        page = f"/tasks/{task.id}"
    lead = enter(app, "lead")
    data = {"level": DEFAULT_LEVELS[0], "leader": "方一鸣", "reason": "群众反映强烈"}
    assert lead.post(f"{page}/watch", {**data, "level": "编的"}).status_code == 422
    assert lead.post(f"{page}/watch", data).status_code == 302
    clock.advance(timedelta(days=10))
    lead = enter(app, "lead")
    for path in ("/", "/watches"):
        lead.get(path)
        assert "督办事项 10 天未更新" in lead.text
    assert lead.post("/watches/rules", {"interval": "20", "levels": "一级"}).status_code == 302
    lead.get("/")
    assert "未更新" not in lead.text
    for name, status in (
        ("clerk", 200),
        ("leader", 200),
        ("liaison_a", 403),
        ("supervisor", 403),
        ("admin", 403),
    ):
        assert enter(app, name).get("/watches").status_code == status
    liaison = enter(app, "liaison_a")
    liaison.get(page)
    assert "挂牌督办：" in liaison.text
    assert "群众反映强烈" not in liaison.text
    assert lead.post(f"{page}/lift-watch", {"reason": "已见成效"}).status_code == 302
    lead.get("/watches")
    assert "没有挂牌督办的任务" in lead.text
    assert enter(app, "clerk").get(f"{page}/watch").status_code == 403


def test_no_message_to_a_group_tells_of_a_watch(
    database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        task = work.task(session, people, due_on=date(2026, 11, 9), now=clock.now())
        set_watch(session, task, ORDER, actor=lead, now=clock.now())
        switch_pushing(session, people.regions["city"], True, actor=lead, now=clock.now())
        session.flush()  # the pass reads the switch
        assert queue_due(session, now=clock.now(), calendar=CALENDAR) > 0
        session.flush()  # the voice reads what was queued
        told = list(session.scalars(select(Notification).where(Notification.object_type == "task")))
        voice = next(each for each in VOICES if each.object_type == "task")
        links = Links("http://localhost")
        said = str(voice.entries(session, told, today=MONDAY, links=links))
        assert session.get_one(Task, task.id).task_no in said
    texts = said + "".join(
        path.read_text("utf-8") for path in Path(ROOT, "templates/messages").rglob("*.*")
    )
    for word in ("督办", "挂牌", "包案", ORDER.reason):
        assert word not in texts
