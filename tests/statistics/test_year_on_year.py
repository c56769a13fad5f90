"""A figure beside the same span a year earlier: what is compared, and what is unknown."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tracker.feedback.models import Feedback
from tracker.handover.models import ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Term
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Figure
from tracker.statistics.service import measure, measure_all
from tracker.statistics.spans import year_begun, year_earlier

DAY = date(2026, 11, 16)
NOW = at_local(DAY, 9)
days = st.dates(date(1952, 1, 1), date(2198, 12, 31))


@given(since=days, length=st.integers(0, 800))
def test_the_year_before_has_the_same_days_but_for_a_leap_day(since: date, length: int) -> None:
    as_of = since + timedelta(days=length)
    query = FigureQuery(actor=TESTER, region_id=1, as_of=as_of, since=since, tag="民生")
    before = year_earlier(query, since)
    assert before.since is not None
    assert before.tag == "民生"
    assert before.since <= before.as_of
    for now, then in ((since, before.since), (as_of, before.as_of)):
        assert then.year == now.year - 1
        leap = (now.month, now.day) == (2, 29)
        assert (then.month, then.day) == ((2, 28) if leap else (now.month, now.day))
    assert abs((before.as_of - before.since).days - length) <= 1


@given(day=days)
def test_a_span_begins_with_the_year_unless_somebody_says(day: date) -> None:
    assert year_begun(day) == date(day.year, 1, 1)


def clue(session: Session, work: Work, on: date, amount: int) -> None:
    session.add(
        ClueCount(
            region_id=work.region_id,
            round_id=work.round_id,
            measure=ClueMeasure.FOUND,
            kind=ClueKind.CLUE,
            occurred_on=on,
            amount=amount,
            **born(actor=TESTER, now=NOW),
        )
    )
    session.flush()  # figures look at the database


def compared(session: Session, people: Cast, code: str, since: date, as_of: date = DAY) -> Figure:
    query = FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=as_of, since=since)
    return measure(session, query, code, with_year_before=True)


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        (113, 80, "同比增长41.3%"),
        (8, 10, "同比下降20%"),
        (7, 7, "同比持平"),
        (7, 0, "无同期可比数"),
        (0, 7, "同比下降100%"),
    ],
)
def test_a_count_is_worded_against_the_same_span_of_the_year_before(
    database: Database, people: Cast, now: int, then: int, words: str
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        clue(session, work, date(2026, 1, 1), now)
        clue(session, work, date(2025, 1, 1), then)
        clue(session, work, date(2025, 11, 17), 1000)  # after the same day a year ago
        clue(session, work, date(2024, 12, 31), 1000)
        figure = compared(session, people, "clues_found", date(2026, 1, 1))
        assert (figure.text, figure.before_text) == (f"{now}件", f"{then}件")
        assert figure.change_text == words
        assert figure.before is not None
        assert (figure.before.since, figure.before.as_of) == (date(2025, 1, 1), date(2025, 11, 16))


def test_a_leap_day_is_compared_with_the_twenty_eighth(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        for on, amount in ((date(2024, 2, 29), 3), (date(2023, 2, 28), 2), (date(2023, 3, 1), 50)):
            clue(session, work, on, amount)
        leap = date(2024, 2, 29)
        figure = compared(session, people, "clues_found", leap, leap)
        assert (figure.text, figure.before_text) == ("3件", "2件")
        assert figure.change_text == "同比增长50%"


def test_a_year_before_the_first_term_is_unknown_and_not_nought(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        session.get_one(Term, work.term_id).starts_on = date(2025, 6, 1)
        clue(session, work, date(2026, 10, 1), 5)
        figure = compared(session, people, "clues_found", date(2026, 1, 1))
        assert figure.before is not None
        assert figure.before.reading.numerator is None
        assert (figure.before_text, figure.change_text) == ("—", "无同期可比数")
        later = compared(session, people, "clues_found", date(2026, 6, 1))
        assert later.before is not None
        assert later.before.reading.numerator == 0
        assert later.change_text == "无同期可比数"


def test_a_share_is_compared_in_points(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW, fed_back_on=date(2026, 3, 2))
        work.task(session, people, state=TaskState.CLOSED, now=NOW)
        work.task(session, people, unit="b", now=NOW)
        past = make_work(
            session,
            people,
            now=NOW,
            region="east",
            units=("e",),
            fed_back_on=date(2025, 3, 2),
        )
        east = people.regions["east"]
        past.task(session, people, unit="e", state=TaskState.CLOSED, now=NOW)
        query = FigureQuery(actor=TESTER, region_id=east, as_of=DAY, since=date(2026, 1, 1))
        unknown = measure(session, query, "closure_rate", with_year_before=True)
        assert (unknown.text, unknown.before_text) == ("—", "100%")
        assert unknown.change_text == "无同期可比数"
        half = compared(session, people, "closure_rate", date(2026, 1, 1))
        assert (half.text, half.change_text) == ("50%", "无同期可比数")


def test_points_are_told(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW, fed_back_on=date(2026, 3, 2))
        work.task(session, people, state=TaskState.CLOSED, now=NOW)
        work.task(session, people, now=NOW)
        _feed_back_a_year_earlier(session, people, work)
        figure = compared(session, people, "closure_rate", date(2026, 1, 1))
        assert (figure.text, figure.before_text) == ("50%", "100%")
        assert figure.change_text == "同比下降50个百分点"


def _feed_back_a_year_earlier(session: Session, people: Cast, work: Work) -> None:
    work.fed_back_on = date(2025, 3, 2)
    task = work.task(session, people, unit="b", state=TaskState.CLOSED, now=NOW)
    session.get_one(Feedback, task.feedback_id).fed_back_on = work.fed_back_on
    session.flush()  # figures look at the database


def test_a_span_across_two_terms_counts_what_happened_in_both(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        old = session.get_one(Term, work.term_id)
        clue(session, work, date(2026, 2, 1), 3)
        old.ends_on = date(2026, 8, 31)
        session.add(
            Term(
                region_id=work.region_id,
                number=8,
                starts_on=date(2026, 9, 1),
                **born(actor=TESTER, now=NOW),
            )
        )
        session.flush()  # figures look at the database
        assert compared(session, people, "clues_found", date(2026, 1, 1)).reading.numerator == 3
        assert compared(session, people, "clues_found", date(2026, 9, 1)).reading.numerator == 0


def test_what_takes_no_span_is_not_compared(database: Database, people: Cast) -> None:
    with database.writing() as session:
        make_work(session, people, now=NOW)
        query = FigureQuery(
            actor=TESTER, region_id=people.regions["city"], as_of=DAY, since=date(2026, 1, 1)
        )
        figures = measure_all(session, query, with_year_before=True)
        for figure in figures:
            assert (figure.before is not None) == bool(figure.definition.spans_by)
        with pytest.raises(ValueError, match="span"):
            measure(
                session,
                FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=DAY),
                "clues_found",
                with_year_before=True,
            )
