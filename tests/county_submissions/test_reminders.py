"""A county's office is reminded of what it owes, in its own group, until it has answered."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tracker.county_submissions.models import SubmissionCall
from tracker.county_submissions.rules import Answer
from tracker.county_submissions.service import CallDraft, close_call, open_call, send_back, submit
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.reminders.queries import SUBMISSION
from tracker.reminders.service import queue_due, switch_pushing
from tracker.reminders.voice import ReminderVoice
from tracker.statistics.rules import EnteredMetric
from tracker.workdays.rules import WorkCalendar

CALENDAR = WorkCalendar({})
FOUND = EnteredMetric.CLUES_FOUND
DUE = MONDAY + timedelta(days=3)  # Thursday
Said = list[tuple[str, str]]


@pytest.fixture
def call_id(database: Database, people: Cast, clock: ManualClock) -> int:
    """The city has asked; the eastern county pushes, the western does not."""
    draft = CallDraft(
        title="涉密问题线索专项统计",
        metrics=[FOUND],
        period_start=date(2026, 1, 1),
        period_end=date(2026, 10, 31),
        due_on=DUE,
    )
    with database.writing() as session:
        city = people.regions["city"]
        call = open_call(session, city, draft, actor=people.actor("clerk"), now=clock.now())
        east = people.regions["east"]
        switch_pushing(session, east, True, actor=people.actor("east_lead"), now=clock.now())
        session.commit()
        return call.id


def said_on(database: Database, people: Cast, day: date) -> Said:
    """Queue on a day and take it as sent; return the rule and the words of what is new."""
    with database.writing() as session:
        known = set(session.scalars(select(Notification.id)))
        queue_due(session, now=at_local(day, 9), calendar=CALENDAR)
        session.commit()
        rows = [row for row in session.scalars(select(Notification)) if row.id not in known]
        assert {row.region_id for row in rows} <= {people.regions["east"]}
        assert {(row.audience, row.unit_id) for row in rows} <= {(Audience.OFFICE, None)}
        voice = ReminderVoice(SUBMISSION)
        entries = voice.entries(session, rows, today=day, links=Links("https://t.example.cn"))
        said = [(row.rule, entries[row.id].line) for row in rows]
        for row in rows:
            row.state, row.settled_at = MessageState.SENT, at_local(day, 9)
        session.commit()
        return said


def test_it_is_said_before_on_and_after_the_day_without_the_call_s_title(
    database: Database, people: Cast, call_id: int
) -> None:
    (first,) = said_on(database, people, MONDAY)
    assert first[0] == "county_submission-3-office"
    assert first[1] == "县区报送（2026-01-01至2026-10-31） 东岭县 时限 2026-11-19（推算） 还有 3 天"
    assert said_on(database, people, MONDAY + timedelta(days=1)) == []
    assert [rule for rule, _ in said_on(database, people, DUE)] == ["county_submission+0-office"]
    late = [DUE + timedelta(days=days) for days in (1, 7, 11, 14)]
    rules = [[rule for rule, _ in said_on(database, people, day)] for day in late]
    week = ["county_submission+7-office"]
    assert rules == [["county_submission+1-office"], week, [], week]


def test_an_answer_ends_it_a_return_begins_anew_and_a_closed_call_is_silent(
    database: Database, people: Cast, clock: ManualClock, call_id: int
) -> None:
    def step(name: str) -> None:
        with database.writing() as session:
            call = session.get_one(SubmissionCall, call_id)
            east = next(it for it in call.submissions if it.region_id == people.regions["east"])
            city, county = people.actor("clerk"), people.actor("east_clerk")
            if name == "submit":
                answers = {FOUND: Answer(value=None, blank_reason="尚未汇总")}
                submit(session, east, answers, "台账", actor=county, now=clock.now())
            elif name == "return":
                send_back(session, east, "请补数字", actor=city, now=clock.now())
            else:
                close_call(session, call, actor=city, now=clock.now())
            session.commit()

    assert len(said_on(database, people, MONDAY)) == 1
    step("submit")
    assert said_on(database, people, DUE) == []
    step("return")
    assert len(said_on(database, people, DUE)) == 1  # a new key
    step("close")
    assert said_on(database, people, DUE + timedelta(days=1)) == []
