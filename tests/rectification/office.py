"""Short ways for tests of pages: who enters, what stands where."""

import io
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import Task, TaskTransition
from tracker.rectification.rules.words import TaskState

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def enter(app: Flask, username: str) -> Visitor:
    """Return a browser somebody has signed in with."""
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def make_task(
    database: Database, people: Cast, clock: ManualClock, work: Work, state: TaskState, **more: Any
) -> int:
    """Make a task of unit a in a state."""
    with database.writing() as session:
        task = work.task(session, people, state=state, now=clock.now(), **more)
        session.commit()
        return task.id


def state_of(database: Database, task_id: int) -> TaskState:
    """Return where a task stands now."""
    with database.reading() as session:
        return session.get_one(Task, task_id).state


def last_step(database: Database, task_id: int) -> TaskTransition:
    """Return the newest line of a task's history."""
    with database.reading() as session:
        query = select(TaskTransition).where(TaskTransition.task_id == task_id)
        return session.scalars(query.order_by(TaskTransition.id.desc())).first()  # type: ignore[return-value]


def scan() -> dict[str, Any]:
    """Return the fields of the form for a signed scan."""
    return {"file": (io.BytesIO(PDF), "签字页.pdf"), "is_confirmed_signed": "y"}
