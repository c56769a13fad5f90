"""Assemble the weekly report from histories: today's columns never decide a figure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from tracker.rectification.rules.court import CAN_BE_OVERDUE, court_on, state_on
from tracker.rectification.rules.deadline import (
    Deadline,
    DueMove,
    days_late,
    deadline_line,
    due_on,
    original_on,
)
from tracker.rectification.rules.words import TaskState
from tracker.reports.rules import FORTNIGHT, UNDER_WAY, WEEK, is_due_within
from tracker.reports.weekly import Line, WeeklyReport
from tracker.reports.weekly_facts import Details, History, load_details, load_history
from tracker.reports.weekly_totals import balance, totals_of, weekly_query
from tracker.rounds.models import Round


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How one task stood at the end of T and a week before."""

    row: Row[Any]
    changes: list[DueMove]
    state: TaskState
    state_before: TaskState | None
    due: date | None
    late: int
    late_before: int


def assemble(
    session: Session, round_: Round, *, region_id: int, edition: int, issue_on: date, as_of: date
) -> WeeklyReport | None:
    """Read one edition; None when the round has no task in scope on the day. Keeps nothing.

    Totals are the registry's figures; rows are read here, and a test holds that they agree.
    """
    now, before = totals_of(session, weekly_query(region_id, round_.id, as_of))
    if not now.opened and not now.closed:
        return None
    standings = list(_standings(load_history(session, region_id, round_.id, as_of=as_of), as_of))
    overdue = [each for each in standings if each.late]
    cleared = [each for each in standings if each.late_before and not each.late]
    coming = [
        each for each in standings if is_due_within(each.state, each.due, as_of, span=FORTNIGHT)
    ]
    wanted = {each.row.id for each in (*overdue, *cleared, *coming)}
    details = load_details(session, wanted, as_of=as_of)
    return WeeklyReport(
        region_id=region_id,
        region_name=round_.region.name,
        round_id=round_.id,
        round_name=round_.name,
        edition=edition,
        issue_on=issue_on,
        as_of=as_of,
        opened=balance(
            before.opened, now.opened, *_both(standings, lambda state: state in UNDER_WAY)
        ),
        closed=balance(
            before.closed, now.closed, *_both(standings, lambda state: state is TaskState.CLOSED)
        ),
        overdue=balance(
            before.overdue,
            now.overdue,
            (each.row.id for each in standings if each.late_before),
            (each.row.id for each in overdue),
        ),
        overdue_lines=_lines(overdue, details, as_of),
        cleared_lines=_lines(cleared, details, as_of),
        coming_lines=_lines(coming, details, as_of),
    )


def _standings(history: History, as_of: date) -> Iterable[Standing]:
    week_ago = as_of - WEEK
    for row in history.tasks:
        moves = history.moves.get(row.id, [])
        changes = history.due_changes.get(row.id, [])
        state, before = state_on(moves, as_of), state_on(moves, week_ago)
        if state is None:
            continue
        # A date that waits to be confirmed (待确认) is never overdue.
        today_due = None if row.is_due_doubtful else row.due_on
        due = due_on(changes, today_due, as_of)
        due_before = due_on(changes, today_due, week_ago)
        yield Standing(
            row=row,
            changes=changes,
            state=state,
            state_before=before,
            due=due,
            late=days_late(state, due, as_of),
            late_before=days_late(before, due_before, week_ago),
        )


def _both(
    standings: list[Standing], counts: Callable[[TaskState | None], bool]
) -> tuple[list[int], list[int]]:
    """Return the tasks that stood so a week before, and those that do on the day."""
    then = [each.row.id for each in standings if counts(each.state_before)]
    return then, [each.row.id for each in standings if counts(each.state)]


def _lines(standings: list[Standing], details: Details, as_of: date) -> tuple[Line, ...]:
    return tuple(_line(each, details, as_of) for each in standings)


def _line(each: Standing, details: Details, as_of: date) -> Line:
    row = each.row
    events = details.plan_events.get((row.feedback_id, row.lead_unit_id), [])
    return Line(
        task_id=row.id,
        unit_id=row.lead_unit_id,
        unit=row.unit,
        issue_no=row.issue_no,
        task_no=row.task_no,
        task=row.text,
        original_due=original_on(each.changes, row.original_due, as_of),
        due_on=each.due,
        days=(as_of - each.due).days if each.due else 0,
        is_new=bool(each.late) and not each.late_before,
        outcome=_outcome(each, as_of) if each.late_before and not each.late else "",
        leader="、".join(details.leaders.get(row.id, [])),
        court=court_on(each.state, events, as_of).label,
        updated_on=details.updated.get(row.id),
        reminders=details.reminders.get(row.id, 0),
        reason=details.reasons.get(row.id, ""),
        ledger=deadline_line(_deadline(each, as_of)),
    )


def _deadline(each: Standing, as_of: date) -> Deadline:
    """Return the ledger by T. What the unit stated later than T is not yet known then."""
    done_on, closed_on = each.row.done_on, each.row.closed_on
    return Deadline(
        as_of=as_of,
        state=each.state,
        original_due=original_on(each.changes, each.row.original_due, as_of),
        due_on=each.due,
        moves=tuple(move for move in each.changes if move.occurred_on <= as_of),
        is_doubtful=each.row.is_due_doubtful,
        done_on=done_on if done_on and done_on <= as_of else None,
        closed_on=closed_on if closed_on and closed_on <= as_of else None,
        next_review_on=each.row.next_review_on,
    )


def _outcome(each: Standing, as_of: date) -> str:
    """Return how a task left the list: where it went, or what became of its date."""
    if each.state not in CAN_BE_OVERDUE:
        return each.state.label
    known = [change for change in each.changes if change.occurred_on <= as_of]
    return known[-1].kind.label if known else each.state.label
