"""The reminder pass against reading and inserting the same rows by hand."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from tests.bench.office import BigOffice
from tests.bench.timing import Measured, compare, statements_of
from tracker.kernel.clock import local_date
from tracker.notifications import claims
from tracker.notifications.models import Notification
from tracker.notifications.rules import MessageState
from tracker.rectification.models import Task
from tracker.reminders.ladders import LONGEST_NOTICE_DAYS
from tracker.reminders.queries import OPEN
from tracker.reminders.rules import HOLIDAY_MARGIN_DAYS
from tracker.reminders.service import queue_due
from tracker.workdays.queries import load_calendar

MOST_STATEMENTS = 50
LONG_AGO = timedelta(days=182)  # a Monday too, when nothing of the office's tasks was due yet

LOOK_AHEAD = timedelta(days=LONGEST_NOTICE_DAYS + HOLIDAY_MARGIN_DAYS)


def measure_reminders(office: BigOffice) -> Iterator[Measured]:
    """Yield the idle pass, the idle delivery and a full pass; whatever they write is rolled back."""
    now = office.clock.now()
    idle, idle_floor = _pass(office, now - LONG_AGO), _counting(office, now - LONG_AGO)
    ours, floor = compare(idle, idle_floor)
    yield Measured(
        name="G1 idle reminder pass / SQL count",
        ours=ours,
        floor=floor,
        goal=3,
        statements=statements_of(idle),
        most_statements=MOST_STATEMENTS,
    )
    yield _idle_delivery(office, now)
    full = _pass(office, now)
    due = cast("int", full())
    ours, floor = compare(full, _by_hand(office, now, due), turns=3)
    yield Measured(
        name="G2 reminder pass / bare SELECT + INSERT",
        ours=ours,
        floor=floor,
        statements=statements_of(full),
        most_statements=MOST_STATEMENTS,
        note=f"{due} reminders, {ours * 1000 / max(due, 1):.0f} µs each",
    )


def _pass(office: BigOffice, now: datetime) -> Callable[[], object]:
    with office.database.reading() as session:
        calendar = load_calendar(session)

    def run() -> int:
        with office.database.writing() as session:
            queued = queue_due(session, now=now, calendar=calendar)
            session.rollback()
            return queued

    return run


def _counting(office: BigOffice, now: datetime) -> Callable[[], object]:
    query = select(func.count()).select_from(Task).where(OPEN)
    query = query.where(Task.due_on <= local_date(now) + LOOK_AHEAD)
    return lambda: _one(office, query)


def _one(office: BigOffice, query: Any) -> object:
    with office.database.reading() as session:
        return session.scalar(query)


def _idle_delivery(office: BigOffice, now: datetime) -> Measured:
    def look() -> object:
        with office.database.reading() as session:
            return claims.channels_with_work(session, object_types=["task"], now=now)

    waiting = select(func.count()).select_from(Notification)
    waiting = waiting.where(
        Notification.state == MessageState.QUEUED, Notification.not_before <= now
    )
    ours, floor = compare(look, lambda: _one(office, waiting))
    return Measured(
        name="idle delivery look-up / SQL count",
        ours=ours,
        floor=floor,
        statements=statements_of(look),
        most_statements=6,
    )


def _by_hand(office: BigOffice, now: datetime, count: int) -> Callable[[], object]:
    query = select(Task.id, Task.due_on, Task.lead_unit_id, Task.region_id).where(OPEN)
    query = query.where(Task.due_on <= local_date(now) + LOOK_AHEAD).limit(count)

    def run() -> None:
        with office.database.writing() as session:
            _insert(session, [row._asdict() for row in session.execute(query)], now)
            session.rollback()

    return run


def _insert(session: Session, found: list[dict[str, Any]], now: datetime) -> None:
    rows = [
        {
            "rule": "floor",
            "object_type": "task",
            "object_id": row["id"],
            "reopen_count": 0,
            "anchor_on": row["due_on"],
            "occurrence": 1,
            "audience": "unit",
            "region_id": row["region_id"],
            "unit_id": row["lead_unit_id"],
            "state": "queued",
            "queued_at": now,
            "not_before": now,
        }
        for row in found
    ]
    session.execute(insert(cast("Table", Notification.__table__)), rows)
