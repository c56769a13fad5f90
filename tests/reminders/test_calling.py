"""今天该催谁: who was told when and where, calls that were made, dates that are 推算, paper."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.reminders.conftest import TaskMaker
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.notifications.models import Channel, Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.reminders.models import CallNote
from tracker.reminders.service import queue_due
from tracker.workdays.models import CalendarDay
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import DayKind, DaySource

MONDAY = date(2026, 11, 16)
LATE = MONDAY - timedelta(days=2)


def calls_on(visitor: Visitor, path: str = "/reminders") -> str:
    visitor.get(path)
    text = visitor.text
    return text[text.index("今天该催谁") : (text + "下一个工作日").index("下一个工作日")]


def notes(database: Database) -> list[CallNote]:
    with database.reading() as session:
        return list(session.scalars(select(CallNote).order_by(CallNote.id)))


@pytest.mark.usefixtures("pushing")
def test_the_list_says_in_which_group_a_unit_was_told_last(
    visitor: Visitor, database: Database, clock: ManualClock, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    with database.writing() as session:
        queue_due(session, now=clock.now(), calendar=load_calendar(session))
        groups = [
            Channel(
                region_id=people.regions["city"],
                kind=ChannelKind.SHARED,
                name=name,
                sealed_url="sealed",
                key_mark=name,
                key_tail="tail",
                **born(actor=TESTER, now=clock.now()),
            )
            for name in ("早群", "晚群")
        ]
        session.add_all(groups)
        session.flush()  # they get their ids
        first = session.scalars(select(Notification)).one()
        first.state, first.settled_at = MessageState.SENT, at_local(MONDAY, 9, 8)
        first.channel_id = groups[1].id
        values = {each.name: getattr(first, each.name) for each in Notification.__table__.columns}
        earlier = {"id": 99, "occurrence": 7, "settled_at": at_local(LATE, 9, 8)}
        session.add(Notification(**{**values, **earlier, "channel_id": groups[0].id}))
        session.commit()
    visitor.sign_in("clerk")
    said = calls_on(visitor)
    assert "2026-11-16 09:08 已发送到群“晚群”" in said
    assert "早群" not in said
    with database.writing() as session:
        session.execute(update(Channel).where(Channel.name == "晚群").values(kind=ChannelKind.APP))
        session.commit()
    assert "2026-11-16 09:08 已发给本人（晚群）" in calls_on(visitor)


def test_a_call_is_noted_with_who_and_when_and_then_shows(
    visitor: Visitor, database: Database, clock: ManualClock, make_task: TaskMaker
) -> None:
    task_id = make_task(due_on=LATE)
    visitor.sign_in("clerk")
    assert "还没有提醒过" in calls_on(visitor)
    visitor.post("/reminders/calls", {"objects": f"task-{task_id}"}, via="/reminders")
    (note,) = notes(database)
    assert (note.object_type, note.object_id, note.called_at) == ("task", task_id, clock.now())
    said = calls_on(visitor)
    assert f"2026-11-16 09:00 {note.called_by} 已电话催办" in said
    assert "还没有提醒过" not in said
    with database.reading() as session:
        count = select(func.count()).where(AuditEntry.action == "reminders.call_noted")
        assert session.scalar(count) == 1


def test_one_call_about_everything_of_a_unit(
    visitor: Visitor, database: Database, make_task: TaskMaker
) -> None:
    ids = [make_task(due_on=LATE) for _ in range(3)]
    visitor.sign_in("lead")
    assert "以上 3 项都已电话催办" in calls_on(visitor)
    objects = " ".join(f"task-{each}" for each in ids)
    visitor.post("/reminders/calls", {"objects": objects}, via="/reminders")
    assert [note.object_id for note in notes(database)] == ids
    assert calls_on(visitor).count("已电话催办</div>") == 3


@pytest.mark.parametrize(
    ("who", "objects"),
    [
        ("east_clerk", "task-{task}"),
        ("clerk", "task-999"),
        ("clerk", "letter-{task}"),
        ("clerk", "task-{far}"),
        ("clerk", "task-{task} task-999"),
        ("clerk", ""),
        ("clerk", "task-x; drop"),
    ],
)
def test_nobody_notes_a_call_about_what_is_not_on_the_own_list(
    visitor: Visitor, database: Database, make_task: TaskMaker, who: str, objects: str
) -> None:
    ids = {"task": make_task(due_on=LATE), "far": make_task(due_on=MONDAY + timedelta(days=40))}
    visitor.sign_in(who)
    visitor.post("/reminders/calls", {"objects": objects.format(**ids)}, via="/reminders")
    assert notes(database) == []
    visitor.get("/reminders")
    assert "名单已变化" in visitor.text or "请用页面上的按钮操作" in visitor.text


def test_a_unit_cannot_note_calls(visitor: Visitor, make_task: TaskMaker) -> None:
    task_id = make_task(due_on=LATE)
    visitor.sign_in("liaison_a")
    answer = visitor.post("/reminders/calls", {"objects": f"task-{task_id}"}, via="/")
    assert answer.status_code == 403


@pytest.mark.parametrize("is_known", [True, False])
def test_a_date_in_a_year_without_a_notice_is_marked_on_the_list_and_in_the_text(
    visitor: Visitor, database: Database, make_task: TaskMaker, is_known: bool
) -> None:
    make_task(due_on=LATE)
    with database.writing() as session:
        session.execute(delete(CalendarDay).where(CalendarDay.on >= date(2026, 1, 1)))
        if is_known:
            session.add_all(_year(2026))
        session.commit()
    visitor.sign_in("clerk")
    said = calls_on(visitor)
    assert ("时限 2026-11-14（推算） 已逾期 2 天" in said) is not is_known
    assert ("（推算）" in said) is not is_known


def _year(year: int) -> list[CalendarDay]:

    return [
        CalendarDay(
            on=date(year, 1, 1),
            kind=DayKind.DAY_OFF,
            name="元旦",
            source=DaySource.NOTICE,
            **born(actor=TESTER, now=at_local(MONDAY, 9)),
        )
    ]


def test_on_paper_the_texts_stand_in_full_and_there_are_no_buttons(
    visitor: Visitor, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    visitor.sign_in("clerk")
    visitor.get("/reminders")
    assert "/reminders/call-list" in visitor.text
    said = calls_on(visitor, "/reminders/call-list")
    for words in (
        "7-3-001-01",
        "13800000000",
        "1. 7-3-001-01 市甲局 时限 2026-11-14",
        "还没有提醒过",
    ):
        assert words in said
    assert "<textarea" not in said
    assert "/reminders/calls" not in said


def test_the_list_works_without_pushing_and_for_the_own_office_alone(
    visitor: Visitor, make_task: TaskMaker, database: Database
) -> None:
    make_task(due_on=LATE)
    with database.writing() as session:
        session.execute(update(Notification).values(state=MessageState.SENT))
        session.commit()
    visitor.sign_in("east_clerk")
    assert "7-3-001-01" not in calls_on(visitor, "/reminders/call-list")
