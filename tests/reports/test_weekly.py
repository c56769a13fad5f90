"""The figures of an edition, against histories made by hand."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event

from tests.reports.histories import EARLY, LAST_WEEK, MONDAY, Histories, T, moment
from tracker.kernel.db import Database
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.reports.rules import Balance
from tracker.reports.weekly import WeeklyReport, dumped, loaded
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Ageing
from tracker.statistics.service import measure

S = TaskState
ONE = timedelta(days=1)


def numbers(report: WeeklyReport, name: str) -> list[str]:
    return [line.task_no for line in getattr(report, f"{name}_lines")]


def test_a_task_closed_after_the_sunday_still_counts_open(made: Histories) -> None:
    task = made.task(T - 5 * ONE)
    made.move(task, S.CLOSED, MONDAY)
    report = made.weekly()
    assert (report.in_scope, report.opened.now, report.closed.now) == (1, 1, 0)
    assert numbers(report, "overdue") == [task.task_no]
    assert made.weekly(MONDAY).closed.now == 1


def test_a_task_extended_after_the_sunday_is_overdue_by_its_old_date(made: Histories) -> None:
    task = made.task(T - 5 * ONE)
    made.extend(task, date(2026, 12, 31), MONDAY)
    (line,) = made.weekly().overdue_lines
    assert (line.due_on, line.original_due, line.days) == (T - 5 * ONE, T - 5 * ONE, 5)


def test_a_task_extended_by_the_sunday_shows_both_dates(made: Histories) -> None:
    task = made.task(date(2026, 10, 1))
    made.extend(task, T - 3 * ONE, date(2026, 9, 20))
    (line,) = made.weekly().overdue_lines
    assert (line.original_due, line.due_on, line.days) == (date(2026, 10, 1), T - 3 * ONE, 3)


def test_what_waits_for_the_office_is_never_a_row(made: Histories) -> None:
    for state in (S.OFFICE_REVIEW, S.PLAN_REVIEW):
        made.task(T - 40 * ONE, state=state)
    report = made.weekly()
    assert report.opened.now == 2
    assert report.overdue_lines == report.cleared_lines == report.coming_lines == ()


def test_drafts_and_what_was_taken_back_are_out_of_scope(made: Histories) -> None:
    made.task(T - 5 * ONE, state=S.DRAFT)
    made.task(T - 5 * ONE, state=S.VOID)
    made.task(T - 5 * ONE, state=S.ENDED)
    made.task(None)
    report = made.weekly()
    assert (report.in_scope, report.opened.now, report.overdue.now) == (1, 1, 0)


def test_a_date_that_waits_to_be_confirmed_is_never_overdue(made: Histories) -> None:
    made.task(T - 5 * ONE).is_due_doubtful = True
    assert made.weekly().overdue.now == 0


def test_last_plus_new_minus_cleared_is_now(made: Histories) -> None:
    stays = made.task(LAST_WEEK - 40 * ONE)
    closed = made.task(LAST_WEEK - 3 * ONE)
    made.move(closed, S.OFFICE_REVIEW, LAST_WEEK + ONE)
    made.move(closed, S.CLOSED, LAST_WEEK + 2 * ONE)
    extended = made.task(LAST_WEEK - 3 * ONE)
    made.extend(extended, T + 30 * ONE, LAST_WEEK + ONE)
    handed_in = made.task(LAST_WEEK - ONE)
    made.move(handed_in, S.OFFICE_REVIEW, T)
    fresh = made.task(LAST_WEEK)  # due on last Sunday: not yet late then
    report = made.weekly()
    assert report.overdue == Balance(last=4, new=1, gone=3)
    assert numbers(report, "overdue") == [stays.task_no, fresh.task_no]
    assert numbers(report, "new") == [fresh.task_no]
    assert numbers(report, "long") == [stays.task_no]
    assert {line.task_no: line.outcome for line in report.cleared_lines} == {
        closed.task_no: "已销号",
        extended.task_no: "批准延期",
        handed_in.task_no: "待审核销号",
    }
    assert report.closed == Balance(last=0, new=1, gone=0)
    assert report.closure_rate == "20%"
    assert (report.longest_days, report.overdue_units) == (47, 1)


def test_a_task_reopened_this_week_is_open_again(made: Histories) -> None:
    task = made.task(T - 60 * ONE)
    made.move(task, S.CLOSED, LAST_WEEK - ONE)
    made.move(task, S.IN_PROGRESS, T)
    report = made.weekly()
    assert report.closed == Balance(last=1, new=0, gone=1)
    assert numbers(report, "new") == [task.task_no]


def test_ageing_and_what_falls_due_within_seven_and_fourteen_days(made: Histories) -> None:
    for days in (1, 7, 8, 30, 31, 90, 91):
        made.task(T - days * ONE)
    coming = [made.task(T + days * ONE) for days in (0, 7, 8, 14)]
    made.task(T + 15 * ONE)
    report = made.weekly()
    assert report.ageing == {
        Ageing.WEEK: 2,
        Ageing.MONTH: 2,
        Ageing.QUARTER: 2,
        Ageing.LONGER: 1,
    }
    assert [line.days for line in report.long_lines] == [31, 90, 91]
    assert numbers(report, "coming") == [task.task_no for task in coming]
    assert numbers(report, "week") == [task.task_no for task in coming[:2]]


def test_rows_stand_in_the_order_of_the_party_list_whatever_is_worst(made: Histories) -> None:
    second = made.task(T - 300 * ONE, unit="b")
    first = made.task(T - ONE, unit="a")
    assert numbers(made.weekly(), "overdue") == [first.task_no, second.task_no]


def test_a_row_tells_leader_reason_update_and_reminders_as_of_the_sunday(made: Histories) -> None:
    task = made.task(T - 5 * ONE)
    made.lead_by(task, "旧领导", date(2026, 9, 1), T - ONE)
    made.lead_by(task, "甲副局长", T)
    made.report(task, T - 9 * ONE, "等待审批")
    made.report(task, T - 2 * ONE, None)
    made.report(task, MONDAY, "后来的原因")
    told(made, task, 1, MessageState.SENT)
    told(made, task, 2, MessageState.SENT)
    told(made, task, 3, MessageState.UNCERTAIN)
    told(made, task, 4, MessageState.SENT, on=MONDAY)
    told(made, task, 5, MessageState.SENT, audience=Audience.OFFICE)
    (line,) = made.weekly().overdue_lines
    assert line.leader == "甲副局长"
    assert line.updated_on == T - 2 * ONE
    assert line.reason == "等待审批"
    assert line.reminders == 2
    assert line.court == "单位联络员"
    assert (line.unit, line.issue_no, line.task) == ("市甲局", "001", "完善制度并执行到位")


def told(
    made: Histories,
    task: Task,
    occurrence: int,
    state: MessageState,
    *,
    on: date = T,
    audience: Audience = Audience.UNIT,
) -> None:
    made.session.add(
        Notification(
            rule="overdue",
            object_type="task",
            object_id=task.id,
            anchor_on=T - 5 * ONE,
            occurrence=occurrence,
            audience=audience,
            region_id=made.work.region_id,
            state=state,
            not_before=EARLY,
            queued_at=EARLY,
            settled_at=moment(on, 23),
        )
    )


def test_another_round_and_another_region_are_not_counted(made: Histories) -> None:
    made.task(T - 5 * ONE)
    made.task(T - 5 * ONE).round_id = None
    made.task(T - 5 * ONE).region_id = made.cast.regions["east"]
    assert made.weekly().in_scope == 1


@pytest.mark.parametrize("count", [1, 12])
def test_it_reads_a_fixed_number_of_statements(
    made: Histories, database: Database, count: int
) -> None:
    for _ in range(count):
        made.task(T - 5 * ONE)
        made.task(T + 5 * ONE, unit="b", state=S.PLANNING)
    made.session.commit()
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    made.weekly()
    selects = [each for each in statements if each.startswith("SELECT")]
    assert len(selects) <= 20


def test_what_is_kept_comes_back_as_it_was(made: Histories) -> None:
    task = made.task(T - 5 * ONE)
    made.extend(task, T - 2 * ONE, LAST_WEEK)
    made.report(task, T - 2 * ONE, "等待审批")
    made.task(None)
    made.task(T + 3 * ONE)
    report = made.weekly()
    assert loaded(dumped(report)) == report


def test_it_counts_what_the_statistics_count(made: Histories) -> None:
    for days, state in ((3, S.IN_PROGRESS), (40, S.UNIT_CHECK), (9, S.OFFICE_REVIEW)):
        made.task(T - days * ONE, state=state)
    made.task(T - 9 * ONE, state=S.LONG_TERM)
    closed_later = made.task(T - 20 * ONE)
    made.move(closed_later, S.CLOSED, MONDAY)
    cleared = made.task(T - 20 * ONE)
    made.move(cleared, S.OFFICE_REVIEW, T - ONE)
    made.fix(made.task(T - 30 * ONE), T - 3 * ONE)  # a ledger taken over this week
    extended_later = made.task(T - 2 * ONE)
    made.extend(extended_later, date(2026, 12, 31), MONDAY)
    made.task(T - 5 * ONE, state=S.CLOSED)
    report = made.weekly()
    query = FigureQuery(
        actor=made.cast.actor("lead"),
        region_id=made.work.region_id,
        as_of=T,
        round_id=made.work.round_id,
    )
    share = measure(made.session, query, "overdue_share").reading
    assert (share.numerator, share.denominator) == (report.overdue.now, report.opened.now)
    overdue = measure(made.session, query, "tasks_overdue").reading
    assert report.overdue.now == 5
    week = measure(made.session, query, "overdue_week").reading
    assert [part.numerator for part in week.parts] == [
        report.overdue.last,
        report.overdue.new,
        report.overdue.gone,
        report.overdue.now,
    ]
    assert (report.overdue.new, report.overdue.gone) == (3, 1)
    longest = measure(made.session, query, "overdue_longest").reading
    assert longest.numerator == report.longest_days
    parts = {part.key: part.numerator for part in overdue.parts}
    assert {band.value: count for band, count in report.ageing.items() if count} == {
        key: count for key, count in parts.items() if count
    }


def test_a_line_tells_the_ledger_of_its_due_date_as_of_the_sunday(made: Histories) -> None:
    task = made.task(T - 30 * ONE)
    made.extend(task, T - 3 * ONE, T - 31 * ONE)
    made.extend(task, T + 60 * ONE, MONDAY)
    (line,) = made.weekly().overdue_lines
    assert line.ledger == (
        "原定时限 2026-10-16；2026-10-15 批准延期：2026-10-16 → 2026-11-12（tests批准）；"
        "现时限 2026-11-12；截至 2026-11-15 逾期 3 天（按原定时限 2026-10-16 计 30 天）。"
    )
