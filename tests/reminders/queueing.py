"""Queueing as a test asks for it: run, and look at what was queued."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from tests.fakes.clock import ManualClock
from tracker.kernel.clock import local_date
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.notifications.models import Notification
from tracker.notifications.rules import MessageState
from tracker.notifications.voices import Entry
from tracker.rectification.models import Task
from tracker.reminders.service import (
    queue_due,
)
from tracker.reminders.voice import VOICES
from tracker.workdays.rules import WorkCalendar

MONDAY = date(2026, 11, 16)
CALENDAR = WorkCalendar({}, {2026})
LATE = MONDAY - timedelta(days=1)


def queue(database: Database, clock: ManualClock) -> int:
    with database.writing() as session:
        queued = queue_due(session, now=clock.now(), calendar=CALENDAR)
        session.commit()
    return queued


def notifications(database: Database) -> list[Notification]:
    with database.reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.id)))


def entries(database: Database, clock: ManualClock, kind: str = "task") -> dict[int, Entry]:
    voice = next(voice for voice in VOICES if voice.object_type == kind)
    with database.reading() as session:
        query = select(Notification).where(
            Notification.object_type == kind, Notification.state == MessageState.QUEUED
        )
        waiting = list(session.scalars(query))
        return voice.entries(session, waiting, today=local_date(clock.now()), links=Links(None))


def change(database: Database, task_id: int, **values: Any) -> None:
    with database.writing() as session:
        session.execute(update(Task).where(Task.id == task_id).values(**values))
        session.commit()


def settle(database: Database, state: MessageState) -> None:
    """Answer as the outbox does after sending or dropping."""
    with database.writing() as session:
        session.execute(
            update(Notification)
            .where(Notification.state == MessageState.QUEUED)
            .values(state=state)
        )
        session.commit()
