"""单位材料 as people see them: what each unit has handed in, is writing, and still owes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

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

PAGE_SIZE = 50
MAX_PAGE = 10_000
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


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One page of the list (the first is 1), and how many lines there are on all pages."""

    lines: list[Line]
    total: int
    page: int

    @property
    def has_more(self) -> bool:
        """Return whether another page follows."""
        return self.page * PAGE_SIZE < self.total


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
    session: Session,
    *,
    actor: Actor,
    unit_id: int | None = None,
    with_accepted: bool = False,
    page: int = 1,
) -> Listing:
    """Return a page of what is written and what is owed, by due date; what was accepted last, if
    wanted. The order is made of a few columns of everything; only the page is read whole."""
    found = _written(session, actor, unit_id, with_accepted=with_accepted)
    due = _dues(session, found)
    entries: list[tuple[Any, Line | int]] = [
        (_place(due[row.id], row.sort_no, row, is_over=row.passed_on is not None), row.id)
        for row in found
    ]
    for line in _owed(session, actor, unit_id):
        subject = _Subject(line.unit.id, line.kind)
        entries.append((_place(line.due_on, line.unit.sort_no, subject, is_over=False), line))
    entries.sort(key=lambda entry: entry[0])
    here = [entry for _, entry in entries[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    documents = _whole(session, [entry for entry in here if isinstance(entry, int)])
    lines = [
        _line(documents[entry], due[entry]) if isinstance(entry, int) else entry for entry in here
    ]
    return Listing(lines=lines, total=len(entries), page=page)


def _written(
    session: Session, actor: Actor, unit_id: int | None, *, with_accepted: bool
) -> Sequence[Any]:
    feedback, unit = aliased(Feedback), aliased(Unit)
    query = (
        select(
            UnitDocument.id,
            UnitDocument.unit_id,
            UnitDocument.kind,
            UnitDocument.due_on,
            UnitDocument.passed_on,
            feedback.round_id,
            unit.sort_no,
        )
        .join(feedback, feedback.id == UnitDocument.feedback_id)
        .join(unit, unit.id == UnitDocument.unit_id)
        .where(UnitDocument.kind.in_(REPORTS), visible_documents(actor))
        .order_by(UnitDocument.id.desc())
    )
    if unit_id is not None:
        query = query.where(UnitDocument.unit_id == unit_id)
    if not with_accepted:
        query = query.where(UnitDocument.passed_on.is_(None))
    return session.execute(query).all()


class _Subject(NamedTuple):
    unit_id: int
    kind: DocumentKind


def _place(due_on: date | None, sort_no: int, subject: Any, *, is_over: bool) -> tuple[Any, ...]:
    return (is_over, due_on or FAR, sort_no, subject.unit_id, subject.kind)


def _whole(session: Session, ids: list[int]) -> dict[int, UnitDocument]:
    query = select(UnitDocument).where(UnitDocument.id.in_(ids)).options(*_parts())
    return {document.id: document for document in session.scalars(query)}


def _line(document: UnitDocument, due_on: date | None) -> Line:
    return Line(
        feedback=document.feedback,
        unit=document.unit,
        kind=document.kind,
        due_on=due_on,
        document=document,
    )


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


def due_of(session: Session, document: UnitDocument) -> date | None:
    """Return by when a document is due: as its milestone says where there is one, else as its
    feedback's profile said. One statement."""
    key = _Dated(
        document.id, document.unit_id, document.kind, document.due_on, document.feedback.round_id
    )
    return _dues(session, [key])[document.id]


class _Dated(NamedTuple):
    id: int
    unit_id: int
    kind: DocumentKind
    due_on: date | None
    round_id: int | None


def _dues(session: Session, rows: Sequence[Any]) -> dict[int, date | None]:
    query = (
        select(Inspection.round_id, Inspection.unit_id, Milestone.kind, Milestone.due_on)
        .join(Inspection, Inspection.id == Milestone.inspection_id)
        .where(
            Inspection.round_id.in_({row.round_id for row in rows} - {None}),
            Inspection.unit_id.in_({row.unit_id for row in rows}),
            Milestone.kind.in_(list(KIND_OF)),
            Milestone.due_on.is_not(None),
        )
    )
    found: dict[tuple[int | None, int, DocumentKind], date] = {}
    for round_id, unit_id, kind, due_on in session.execute(query):
        key = (round_id, unit_id, KIND_OF[kind])
        found[key] = min(due_on or FAR, found.get(key, FAR))
    return {row.id: found.get((row.round_id, row.unit_id, row.kind), row.due_on) for row in rows}


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
