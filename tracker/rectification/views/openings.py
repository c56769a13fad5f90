"""Remember that the next person has opened what was submitted: tasks, or a unit's document."""

from collections.abc import Callable, Iterable
from contextlib import suppress

from flask import request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.rectification.models import DocumentEvent, Task, UnitDocument
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.opening import (
    is_event_opened,
    note_event_opening,
    note_openings,
    opened_document_event,
    opened_event,
    opens,
    unopened,
)
from tracker.rectification.service.plan_rows import find_plan
from tracker.web.access import actor
from tracker.web.database import database, db, now

IN_A_PLAN = (TaskState.PLANNING, TaskState.PLAN_REVIEW)


def keep_opening(task: Task) -> None:
    """Keep a first look at a task: at its closing request, or at the plan it is part of."""
    if opens(task, actor=actor()) and unopened(db(), [task.id], actor=actor()):
        _write(lambda session: note_openings(session, [task.id], actor=actor(), now=now()))
    if task.state in IN_A_PLAN:
        plan = find_plan(db(), task.feedback_id, task.lead_unit_id)
        if plan is not None:
            keep_plan_opening(plan, [task])


def keep_plan_opening(plan: UnitDocument, tasks: Iterable[Task]) -> None:
    """Keep a first look at a plan that was handed over."""
    _keep(opened_event(plan, {task.state for task in tasks}, actor=actor()))


def keep_document_opening(document: UnitDocument) -> None:
    """Keep a first look at a document, on its page or in its file."""
    _keep(opened_document_event(document, actor=actor()))


def _keep(event: DocumentEvent | None) -> None:
    if event is not None and not is_event_opened(db(), event):
        event_id = event.id
        _write(lambda session: note_event_opening(session, event_id, actor=actor(), now=now()))


def _write(note: Callable[[Session], None]) -> None:
    """Write in a transaction of its own. What is sent was looked at before: only a GET counts,
    and a POST holds the lock itself."""
    if request.method != "GET":
        return
    with database().writing() as session, suppress(IntegrityError):
        note(session)
        session.commit()
