"""Load whose turn it is and was (当前办理环节): transitions and the plans' dated events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import conducts_row
from tracker.rectification.models import DocumentEvent, Task, TaskTransition, UnitDocument
from tracker.rectification.rules.court import (
    COURT_OF_STATE,
    Move,
    PlanEvent,
    Spell,
    court_of,
    spells,
)
from tracker.rectification.rules.words import Court, DocumentEventKind, DocumentKind, TaskState

PlanEvents = dict[tuple[int, int], list[PlanEvent]]


def sees_office_share(actor: Actor, task: Task) -> bool:
    """Return whether somebody may see how long the office itself took: its own people only."""
    return may(actor, Permission.COURT_READ) and conducts_row(actor, task.region_id)


def plan_events(session: Session, feedback_ids: Sequence[int] | Select[int]) -> PlanEvents:
    """Return the dated events of plans in order of entry, by feedback and unit: one statement."""
    query = (
        select(
            UnitDocument.feedback_id,
            UnitDocument.unit_id,
            DocumentEvent.occurred_on,
            DocumentEvent.kind,
        )
        .join(UnitDocument, UnitDocument.id == DocumentEvent.document_id)
        .where(UnitDocument.kind == DocumentKind.PLAN, UnitDocument.feedback_id.in_(feedback_ids))
        .order_by(DocumentEvent.id)
    )
    found: PlanEvents = defaultdict(list)
    for feedback_id, unit_id, on, kind in session.execute(query):
        found[feedback_id, unit_id].append((on, kind))
    return dict(found)


def courts_now(session: Session, tasks: Sequence[Task]) -> dict[int, Court]:
    """Return whose turn each task is, by task id; plans are looked at in one statement."""
    planning = {task.feedback_id for task in tasks if task.state is TaskState.PLANNING}
    events = plan_events(session, sorted(planning))
    return {task.id: court_of(task.state, _last(events, task)) for task in tasks}


def _last(events: PlanEvents, task: Task) -> DocumentEventKind | None:
    found = events.get((task.feedback_id, task.lead_unit_id))
    return found[-1][1] if found else None


def is_in_court(court: Court) -> ColumnElement[bool]:
    """Return the condition of a task whose turn is with a side; says what `court_of` says."""
    states = [state for state, side in COURT_OF_STATE.items() if side is court]
    return or_(
        and_(Task.state.in_(states), Task.state != TaskState.PLANNING),
        and_(Task.state == TaskState.PLANNING, _plan_is_with(court)),
    )


def _plan_is_with(court: Court) -> ColumnElement[bool]:
    last = (
        select(DocumentEvent.kind)
        .join(UnitDocument, UnitDocument.id == DocumentEvent.document_id)
        .where(
            UnitDocument.kind == DocumentKind.PLAN,
            UnitDocument.feedback_id == Task.feedback_id,
            UnitDocument.unit_id == Task.lead_unit_id,
        )
        .order_by(DocumentEvent.id.desc())
        .limit(1)
        .correlate(Task)
        .scalar_subquery()
    )
    kinds = [kind for kind in DocumentEventKind if court_of(TaskState.PLANNING, kind) is court]
    found = last.in_(kinds)
    return or_(found, last.is_(None)) if court_of(TaskState.PLANNING) is court else found


@dataclass(frozen=True)
class Turn:
    """Whose turn a task is today, and who had it until now."""

    court: Court
    spells: tuple[Spell, ...]


def turn_of(
    session: Session, task: Task, history: Iterable[TaskTransition], *, as_of: date
) -> Turn:
    """Return the turn of one task; its history is given, the plan is read in one statement."""
    steps = sorted(history, key=lambda step: (step.occurred_on, step.id))
    moves = [Move(step.occurred_on, step.to_state) for step in steps]
    events = plan_events(session, [task.feedback_id])
    mine = events.get((task.feedback_id, task.lead_unit_id), [])
    court = court_of(task.state, _last(events, task))
    return Turn(court, spells(moves, mine, as_of=as_of))
