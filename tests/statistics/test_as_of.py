"""Figures as of a day: facts by the day they happened, whatever was done since."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.handover.models import ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.rectification.models import DueChange, Review, Task, TaskTransition
from tracker.rectification.rules.words import DueChangeKind, ReviewOutcome, TaskState
from tracker.rounds.models import CoverageTarget, Inspection, Round
from tracker.rounds.rules import RoundKind, RoundStatus
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import EnteredMetric, Figure, Reading
from tracker.statistics.service import Entry, enter_figure, measure

CLOSED_ON = date(2026, 11, 10)
NOW = at_local(date(2026, 11, 16), 9)


def figure(session: Session, people: Cast, code: str, as_of: date) -> Figure:
    query = FigureQuery(actor=TESTER, region_id=people.regions["city"], as_of=as_of)
    return measure(session, query, code)


def reading(session: Session, people: Cast, code: str, as_of: date) -> Reading:
    return figure(session, people, code, as_of).reading


def move(session: Session, task: Task, state: TaskState, on: date, now: datetime = NOW) -> None:
    """Write one more step of a task down, as the service would."""
    session.add(
        TaskTransition(
            task=task,
            from_state=task.state,
            to_state=state,
            verb="made",
            occurred_on=on,
            recorded_at=now,
            actor="tests",
        )
    )
    task.state = state
    session.flush()  # figures look at the database


def test_a_closing_counts_from_its_day_on_and_a_reopening_leaves_the_past_alone(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        task = work.task(session, people, now=NOW)
        move(session, task, TaskState.CLOSED, CLOSED_ON)
        before = CLOSED_ON - timedelta(days=1)
        assert figure(session, people, "closure_rate", before).text == "0%"
        assert figure(session, people, "closure_rate", CLOSED_ON).text == "100%"
        move(session, task, TaskState.IN_PROGRESS, date(2026, 11, 14))
        assert figure(session, people, "closure_rate", CLOSED_ON).text == "100%"
        assert figure(session, people, "closure_rate", date(2026, 11, 14)).text == "0%"


def say(session: Session, task: Task, outcome: ReviewOutcome, on: date) -> None:
    """Write down what the office said about a task on a day."""
    session.add(
        Review(task_id=task.id, outcome=outcome, reviewed_on=on, recorded_at=NOW, reviewer="tests")
    )
    session.flush()  # figures look at the database


def test_a_confirmation_counts_between_its_day_and_the_day_it_is_taken_back(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        task = work.task(session, people, now=NOW)
        work.task(session, people, now=NOW)
        say(session, task, ReviewOutcome.CONFIRMED, date(2026, 11, 5))
        say(session, task, ReviewOutcome.UNCONFIRMED, date(2026, 11, 9))
        say(session, task, ReviewOutcome.CONFIRMED, date(2026, 11, 12))
        for day, share in ((4, "0%"), (5, "50%"), (8, "50%"), (9, "0%"), (12, "50%")):
            assert figure(session, people, "completion_rate", date(2026, 11, day)).text == share
            assert figure(session, people, "closure_rate", date(2026, 11, day)).text == "0%"
        move(session, task, TaskState.CLOSED, date(2026, 11, 13))
        say(session, task, ReviewOutcome.UNCONFIRMED, date(2026, 11, 15))
        move(session, task, TaskState.IN_PROGRESS, date(2026, 11, 15))
        assert figure(session, people, "completion_rate", date(2026, 11, 13)).text == "50%"
        assert figure(session, people, "completion_rate", date(2026, 11, 15)).text == "0%"


def test_overdue_follows_the_due_date_of_that_day(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        task = work.task(session, people, due_on=date(2026, 11, 1), now=NOW)
        _extend(session, task, date(2026, 12, 20), on=date(2026, 11, 12))
        assert reading(session, people, "tasks_overdue", date(2026, 11, 1)).numerator == 0
        late = reading(session, people, "tasks_overdue", date(2026, 11, 9))
        assert [(part.key, part.numerator) for part in late.parts] == [("d8_30", 1)]
        assert reading(session, people, "tasks_overdue", date(2026, 11, 12)).numerator == 0
        assert reading(session, people, "tasks_overdue", date(2026, 12, 21)).numerator == 1


def _extend(session: Session, task: Task, new_due: date, *, on: date) -> None:
    session.add(
        DueChange(
            task_id=task.id,
            kind=DueChangeKind.EXTENSION,
            old_due=task.due_on,
            new_due=new_due,
            occurred_on=on,
            recorded_at=NOW,
            actor="tests",
        )
    )
    task.due_on = new_due
    session.flush()  # figures look at the database


@pytest.mark.parametrize(
    "state", [TaskState.OFFICE_REVIEW, TaskState.PLAN_REVIEW, TaskState.LONG_TERM]
)
def test_what_does_not_wait_for_the_unit_is_not_overdue(
    database: Database, people: Cast, state: TaskState
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        work.task(session, people, state=state, due_on=date(2026, 11, 1), now=NOW)
        assert reading(session, people, "tasks_overdue", date(2026, 11, 16)).numerator == 0


def test_void_and_ended_tasks_leave_the_denominator(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        work.task(session, people, state=TaskState.CLOSED, now=NOW)
        gone = work.task(session, people, now=NOW)
        move(session, gone, TaskState.VOID, CLOSED_ON)
        assert figure(session, people, "closure_rate", CLOSED_ON).text == "100%"
        assert reading(session, people, "issues_fed_back", CLOSED_ON).numerator == 2


def test_coverage_counts_units_once_and_a_merged_one_as_its_successor(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        _owe(session, people, work)
        end = date(2026, 8, 12)
        assert figure(session, people, "coverage_rate", end - timedelta(days=1)).text == "0%"
        assert reading(session, people, "coverage_rate", end).denominator == 2
        assert figure(session, people, "coverage_rate", end).text == "100%"
        merged = session.get_one(Unit, people.units["b"])
        merged.merged_into_id, merged.valid_to = people.units["a"], date(2026, 10, 1)
        session.flush()  # figures look at the database
        assert reading(session, people, "coverage_rate", date(2026, 9, 30)).denominator == 2
        after = reading(session, people, "coverage_rate", date(2026, 10, 1))
        assert (after.numerator, after.denominator) == (1, 1)


def test_what_does_not_count_for_coverage_is_an_object_all_the_same(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        _owe(session, people, work)
        visit = session.get_one(Inspection, work.inspection_ids["b"])
        visit.counts_for_coverage = False
        session.flush()  # figures look at the database
        assert figure(session, people, "coverage_rate", CLOSED_ON).text == "50%"
        assert reading(session, people, "units_inspected", CLOSED_ON).numerator == 2


def _owe(session: Session, people: Cast, work: Work) -> None:
    session.add_all(
        CoverageTarget(
            term_id=work.term_id,
            unit_id=people.units[name],
            counted_in_region_id=people.regions["city"],
            added_on=date(2021, 9, 1),
            **born(actor=TESTER, now=NOW),
        )
        for name in ("a", "b")
    )
    session.flush()  # figures look at the database


def test_clues_found_never_mix_with_clues_transferred(database: Database, people: Cast) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        for measure_, amount in ((ClueMeasure.FOUND, 5), (ClueMeasure.TRANSFERRED, 3)):
            session.add(
                ClueCount(
                    region_id=work.region_id,
                    round_id=work.round_id,
                    measure=measure_,
                    kind=ClueKind.CLUE,
                    occurred_on=CLOSED_ON,
                    amount=amount,
                    **born(actor=TESTER, now=NOW),
                )
            )
        session.flush()  # figures look at the database
        assert reading(session, people, "clues_found", CLOSED_ON).numerator == 5
        assert reading(session, people, "clues_transferred", CLOSED_ON).numerator == 3
        assert reading(session, people, "clues_found", date(2026, 11, 9)).numerator == 0


def test_a_correction_of_an_entry_holds_from_the_day_it_was_entered(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    county = Actor(
        name="县", role=people.actor("east_clerk").role, region_id=people.regions["east"]
    )
    with database.writing() as session:
        for value, on in ((880, date(2026, 7, 3)), (882, date(2026, 8, 1))):
            entry = Entry(
                metric=EnteredMetric.CLUES_FOUND,
                period_start=date(2026, 1, 1),
                period_end=date(2026, 6, 30),
                value=Decimal(value),
                source_document="半年统计表",
            )
            enter_figure(
                session, people.regions["east"], entry, actor=county, now=at_local(on, 9), today=on
            )
        session.flush()  # figures look at the database
        told = [
            figure(session, people, "county_clues_found", day).value
            for day in (date(2026, 7, 2), date(2026, 7, 31), date(2026, 8, 1))
        ]
        assert told == [None, 880, 882]


def test_a_unit_looked_at_again_is_covered_and_counted_once(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=NOW)
        _owe(session, people, work)
        tour = Round(
            region_id=work.region_id,
            term_id=work.term_id,
            code="R7-4",
            seq=4,
            name="第四轮“回头看”",
            kind=RoundKind.REVISIT,
            status=RoundStatus.RECTIFYING,
            profile_id=work.profile_id,
            **born(actor=TESTER, now=NOW),
        )
        session.add(tour)
        session.flush()  # the inspection needs its id
        session.add(
            Inspection(
                round_id=tour.id,
                unit_id=people.units["a"],
                conducting_region_id=work.region_id,
                kind=RoundKind.REVISIT,
                onsite_start=date(2026, 10, 1),
                onsite_end=date(2026, 10, 20),
                **born(actor=TESTER, now=NOW),
            )
        )
        session.flush()  # figures look at the database
        covered = reading(session, people, "coverage_rate", CLOSED_ON)
        assert (covered.numerator, covered.denominator) == (2, 2)
        assert reading(session, people, "units_inspected", CLOSED_ON).numerator == 2
        assert reading(session, people, "rounds_done", CLOSED_ON).numerator == 2
