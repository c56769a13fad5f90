"""单位材料 as people see them: what each unit has handed in, is writing, and still owes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tracker.feedback.models import Feedback
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.scope import UNIT, conducts, sees
from tracker.rectification.models import DocumentVersion, Task, UnitDocument
from tracker.rectification.paging import FAR
from tracker.rectification.queries import visible_documents
from tracker.rectification.rules.documents import MILESTONES, REPORTS, days_late, state_after
from tracker.rectification.rules.words import DocumentKind, DocumentState, TaskState
from tracker.rounds.models import Inspection, Milestone, Round
from tracker.rounds.rules import MilestoneKind, RoundStatus

LIST_SIZE = 500
KIND_OF: dict[MilestoneKind, DocumentKind] = {
    milestone: kind for kind in REPORTS for milestone in MILESTONES[kind]
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One document of one unit, or one that it owes and has not begun."""

    feedback: Feedback
    unit: Unit
    kind: DocumentKind
    due_on: date | None
    document: UnitDocument | None = None

    @property
    def state(self) -> DocumentState:
        """Return where it stands."""
        if self.document is None:
            return DocumentState.OWED
        last = self.document.events[-1].kind if self.document.events else None
        return state_after(last, needs_sign_off=self.document.needs_sign_off)

    def days_late(self, today: date) -> int:
        """Return by how many days it was, or is, late."""
        submitted_on = self.document.submitted_on if self.document else None
        return days_late(self.due_on, submitted_on, today=today)


def answers_for(feedback_id: Any, unit_id: Any) -> ColumnElement[bool]:
    """Return the condition under which a unit answers for a feedback: it was given tasks of it."""
    return exists().where(
        Task.feedback_id == feedback_id,
        Task.lead_unit_id == unit_id,
        Task.state.not_in([TaskState.DRAFT, TaskState.VOID]),
    )


def is_written_for(document: type[UnitDocument]) -> ColumnElement[bool]:
    """Return the condition under which a document is of the kind that a milestone asks for."""
    return or_(
        *[and_(document.kind == kind, Milestone.kind.in_(MILESTONES[kind])) for kind in REPORTS]
    )


def get_document(session: Session, document_id: int, *, actor: Actor) -> UnitDocument:
    """Return a document, other than a plan, that the actor may see, with what its page needs."""
    query = (
        select(UnitDocument)
        .where(
            UnitDocument.id == document_id,
            UnitDocument.kind.in_(REPORTS),
            visible_documents(actor),
        )
        .options(*_parts(), selectinload(UnitDocument.versions).joinedload(DocumentVersion.file))
    )
    document = session.scalar(query)
    if document is None:
        raise NotVisibleError
    return document


def _parts() -> tuple[Any, ...]:
    feedback = joinedload(UnitDocument.feedback)
    return (
        joinedload(UnitDocument.unit),
        feedback.joinedload(Feedback.round).joinedload(Round.region),
        feedback.joinedload(Feedback.region),
        selectinload(UnitDocument.events),
    )


def get_version(session: Session, version_id: int, *, actor: Actor) -> DocumentVersion:
    """Return a version of a document that the actor may see."""
    query = (
        select(DocumentVersion)
        .join(DocumentVersion.document)
        .where(DocumentVersion.id == version_id, visible_documents(actor))
        .options(joinedload(DocumentVersion.file))
    )
    version = session.scalar(query)
    if version is None:
        raise NotVisibleError
    return version


def list_documents(
    session: Session, *, actor: Actor, unit_id: int | None = None, with_accepted: bool = False
) -> list[Line]:
    """Return what is written and what is owed, by due date; what was accepted last, if wanted."""
    query = (
        select(UnitDocument)
        .where(UnitDocument.kind.in_(REPORTS), visible_documents(actor))
        .options(*_parts())
        .order_by(UnitDocument.passed_on.is_not(None), UnitDocument.id.desc())
        .limit(LIST_SIZE)
    )
    if unit_id is not None:
        query = query.where(UnitDocument.unit_id == unit_id)
    if not with_accepted:
        query = query.where(UnitDocument.passed_on.is_(None))
    found = list(session.scalars(query))
    due = dues(session, found)
    lines = [
        Line(feedback=d.feedback, unit=d.unit, kind=d.kind, due_on=due[d.id], document=d)
        for d in found
    ]
    return sorted([*lines, *_owed(session, actor, unit_id)], key=_order)


def _order(line: Line) -> tuple[Any, ...]:
    is_over = line.state is DocumentState.ACCEPTED
    return (is_over, line.due_on or FAR, line.unit.sort_no, line.unit.id, line.kind)


def _owed(session: Session, actor: Actor, unit_id: int | None) -> list[Line]:
    """Return what open milestones of running rounds ask for and nobody has begun."""
    begun = aliased(UnitDocument)
    query = (
        select(Feedback, Unit, Milestone.kind, Milestone.due_on)
        .join(Inspection, Inspection.round_id == Feedback.round_id)
        .join(Round, Round.id == Feedback.round_id)
        .join(Unit, Unit.id == Inspection.unit_id)
        .join(Milestone, Milestone.inspection_id == Inspection.id)
        .where(
            sees(actor, region=Feedback.region_id, unit=Inspection.unit_id),
            Round.status != RoundStatus.ARCHIVED,
            Milestone.kind.in_(list(KIND_OF)),
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
            answers_for(Feedback.id, Inspection.unit_id),
            ~exists().where(
                begun.feedback_id == Feedback.id,
                begun.unit_id == Inspection.unit_id,
                is_written_for(begun),
            ),
        )
        .order_by(Milestone.due_on, Milestone.id)
        .limit(LIST_SIZE)
    )
    if unit_id is not None:
        query = query.where(Inspection.unit_id == unit_id)
    lines: dict[tuple[int, int, DocumentKind], Line] = {}
    for feedback, unit, milestone, due_on in session.execute(query):
        kind = KIND_OF[milestone]
        line = Line(feedback=feedback, unit=unit, kind=kind, due_on=due_on)
        earlier = lines.setdefault((feedback.id, unit.id, kind), line)
        if (due_on or FAR) < (earlier.due_on or FAR):
            lines[feedback.id, unit.id, kind] = line
    return list(lines.values())


def dues(session: Session, documents: Iterable[UnitDocument]) -> dict[int, date | None]:
    """Return by when each document is due: as its milestone says where there is one, else as its
    feedback's profile said. One statement."""
    rows = list(documents)
    query = (
        select(Inspection.round_id, Inspection.unit_id, Milestone.kind, Milestone.due_on)
        .join(Inspection, Inspection.id == Milestone.inspection_id)
        .where(
            Inspection.round_id.in_({row.feedback.round_id for row in rows} - {None}),
            Inspection.unit_id.in_({row.unit_id for row in rows}),
            Milestone.kind.in_(list(KIND_OF)),
            Milestone.due_on.is_not(None),
        )
    )
    found: dict[tuple[int | None, int, DocumentKind], date] = {}
    for round_id, unit_id, kind, due_on in session.execute(query):
        key = (round_id, unit_id, KIND_OF[kind])
        found[key] = min(due_on or FAR, found.get(key, FAR))
    return {
        row.id: found.get((row.feedback.round_id, row.unit_id, row.kind), row.due_on)
        for row in rows
    }


def pairs_to_write_for(session: Session, *, actor: Actor) -> list[tuple[Feedback, Unit]]:
    """Return the feedbacks and units for which the actor may begin a document, the newest first."""
    ours = (
        Unit.id == actor.unit_id
        if actor.role in UNIT
        else conducts(actor, region=Feedback.region_id)
    )
    tasks = (
        select(Task.feedback_id, Task.lead_unit_id)
        .where(Task.state.not_in([TaskState.DRAFT, TaskState.VOID]))
        .distinct()
        .subquery()
    )
    query = (
        select(Feedback, Unit)
        .join(tasks, tasks.c.feedback_id == Feedback.id)
        .join(Unit, Unit.id == tasks.c.lead_unit_id)
        .where(ours)
        .order_by(Feedback.fed_back_on.desc(), Feedback.id.desc(), Unit.sort_no, Unit.id)
        .limit(LIST_SIZE)
    )
    return [(feedback, unit) for feedback, unit in session.execute(query)]
