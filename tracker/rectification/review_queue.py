"""审核: what waits for the office, and for the supervisors' 会签; the oldest first.

One statement for a page whatever kinds it holds, one for the numbers by kind.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.feedback.models import Feedback, Issue
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import OfficeMode
from tracker.organizations.scope import conducts
from tracker.rectification.models import (
    DocumentVersion,
    Extension,
    LongTermRequest,
    Review,
    Task,
    TaskTransition,
    UnitDocument,
)
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.documents import REPORTS
from tracker.rectification.rules.words import (
    COSIGNATURES,
    DocumentKind,
    ExtensionState,
    RequestState,
    ReviewOutcome,
    TaskState,
)
from tracker.rounds.models import Round

PAGE_SIZE = 50


class Waiting(LabelledEnum):
    """What waits."""

    CLOSURE = "closure", "销号申请"
    EXTENSION = "extension", "延期申请"
    LONG_TERM = "long_term", "长期整改申请"
    PLAN = "plan", "整改方案"
    DOCUMENT = "document", "单位材料"


@dataclass(frozen=True, kw_only=True)
class QueueFilter:
    """What a queue is narrowed to; `after` is the last row of the page before."""

    kind: Waiting | None = None
    unit_id: int | None = None
    round_id: int | None = None
    only_mine: bool = False
    after: tuple[date, str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line: what waits since when; `mark` is the newest recommendation or co-signature."""

    kind: Waiting
    object_id: int
    since: date
    unit: str
    number: str
    text: str
    mark: ReviewOutcome | None
    needs_cosign: bool


def office_queue(session: Session, wanted: QueueFilter, *, actor: Actor) -> list[Row]:
    """Return one page of what waits for the actor's office, and one row more if there is more."""
    return _page(session, _office(actor), wanted)


def office_counts(session: Session, wanted: QueueFilter, *, actor: Actor) -> dict[Waiting, int]:
    """Return how many of each kind wait, whatever kind the page shows."""
    rows = _office(actor).subquery()
    query = _narrowed(select(rows.c.kind, func.count()), rows, wanted).group_by(rows.c.kind)
    found = {row[0]: row[1] for row in session.execute(query)}
    return {kind: found.get(kind.value, 0) for kind in Waiting}


def cosign_queue(session: Session, wanted: QueueFilter, *, actor: Actor) -> list[Row]:
    """Return one page of the closing requests of the units that the actor's organisation watches.

    `only_mine`: those that wait for its word before they may be closed.
    """
    mark = _newest_answer(COSIGNATURES, organ_id=actor.supervisor_org_id)
    query = _closures(mark).where(visible_tasks(actor))
    if wanted.only_mine:
        query = query.where(_needs_cosign(), mark.is_(None))
    return _page(session, query, wanted)


def _page(
    session: Session, query: Select[Any] | CompoundSelect[Any], wanted: QueueFilter
) -> list[Row]:
    rows = query.subquery()
    key = (rows.c.since, rows.c.kind, rows.c.object_id)
    page = _narrowed(select(rows), rows, wanted).order_by(*key).limit(PAGE_SIZE + 1)
    if wanted.kind is not None:
        page = page.where(rows.c.kind == wanted.kind.value)
    if wanted.after is not None:
        page = page.where(tuple_(*key) > tuple_(*map(literal, wanted.after)))
    return [
        Row(
            kind=Waiting(row.kind),
            object_id=row.object_id,
            since=row.since,
            unit=row.unit,
            number=row.number,
            text=row.text,
            mark=row.mark and ReviewOutcome(row.mark),
            needs_cosign=bool(row.needs_cosign),
        )
        for row in session.execute(page)
    ]


def _narrowed(query: Select[Any], rows: Any, wanted: QueueFilter) -> Select[*tuple[Any, ...]]:
    if wanted.unit_id is not None:
        query = query.where(rows.c.unit_id == wanted.unit_id)
    if wanted.round_id is not None:
        query = query.where(rows.c.round_id == wanted.round_id)
    return query


def _office(actor: Actor) -> CompoundSelect[Any]:
    own = conducts(actor, region=Task.region_id)
    recommended = _newest_answer({ReviewOutcome.RECOMMENDED})
    return union_all(
        _closures(recommended).where(own),
        _of_tasks(Waiting.EXTENSION, func.coalesce(Extension.signed_on, Extension.asked_on))
        .join(Extension, Extension.task_id == Task.id)
        .where(own, Extension.state == ExtensionState.SIGNED),
        _of_tasks(Waiting.LONG_TERM, LongTermRequest.asked_on)
        .join(LongTermRequest, LongTermRequest.task_id == Task.id)
        .where(own, LongTermRequest.state == RequestState.ASKED),
        _plans(actor),
        _documents(actor),
    )


def _of_tasks(
    kind: Waiting, since: Any, *, mark: Any = None, cosign: Any = None
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(kind.value).label("kind"),
            Task.id.label("object_id"),
            since.label("since"),
            Unit.short_name.label("unit"),
            Task.lead_unit_id.label("unit_id"),
            Task.round_id.label("round_id"),
            Task.task_no.label("number"),
            Issue.text.label("text"),
            (null() if mark is None else mark).label("mark"),
            (null() if cosign is None else cosign).label("needs_cosign"),
        )
        .select_from(Task)
        .join(Unit, Unit.id == Task.lead_unit_id)
        .join(Issue, Issue.id == Task.issue_id)
    )


def _closures(mark: Any) -> Select[*tuple[Any, ...]]:
    since = _last_entry(TaskState.OFFICE_REVIEW, Task.id, func.max(TaskTransition.occurred_on))
    asked = _of_tasks(Waiting.CLOSURE, since, mark=mark, cosign=_needs_cosign())
    return asked.where(Task.state == TaskState.OFFICE_REVIEW)


def _last_entry(state: TaskState, task_id: Any, what: Any) -> Any:
    query = select(what).where(TaskTransition.task_id == task_id, TaskTransition.to_state == state)
    return query.correlate(Task).scalar_subquery()


def _newest_answer(outcomes: Any, *, organ_id: int | None = None) -> Any:
    """Return the newest of these outcomes about the newest submission, as a column of a task."""
    submission = _last_entry(TaskState.OFFICE_REVIEW, Task.id, func.max(TaskTransition.id))
    query = select(Review.outcome).where(
        Review.transition_id == submission,
        Review.outcome.in_(sorted(outcomes)),
        Review.organ_id == organ_id if organ_id is not None else true(),
    )
    return query.order_by(Review.id.desc()).limit(1).correlate(Task).scalar_subquery()


def _needs_cosign() -> ColumnElement[bool]:
    """Return whether the round makes closing wait for the unit's supervisors."""
    waits = (
        exists()
        .where(Round.id == Task.round_id, Round.needs_cosign, Region.id == Round.region_id)
        .where(Region.mode == OfficeMode.STANDARD)
        .correlate(Task)
    )
    return and_(waits, Unit.supervisor_org_id.is_not(None))


def _plans(actor: Actor) -> Select[*tuple[Any, ...]]:
    part = aliased(Task)
    of_plan = and_(
        part.feedback_id == UnitDocument.feedback_id, part.lead_unit_id == UnitDocument.unit_id
    )
    under_review = exists().where(of_plan, part.state == TaskState.PLAN_REVIEW)
    since = (
        select(func.max(TaskTransition.occurred_on))
        .join(part, part.id == TaskTransition.task_id)
        .where(of_plan, TaskTransition.to_state == TaskState.PLAN_REVIEW)
        .correlate(UnitDocument)
        .scalar_subquery()
    )
    return _of_documents(Waiting.PLAN, since, Feedback.title).where(
        UnitDocument.kind == DocumentKind.PLAN,
        under_review,
        conducts(actor, region=Feedback.region_id),
    )


def _documents(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Select the documents, other than plans, that wait for the office."""
    title = (
        select(DocumentVersion.title)
        .where(DocumentVersion.document_id == UnitDocument.id)
        .order_by(DocumentVersion.seq.desc())
        .limit(1)
        .correlate(UnitDocument)
        .scalar_subquery()
    )
    since = func.coalesce(UnitDocument.signed_on, UnitDocument.submitted_on)
    return _of_documents(Waiting.DOCUMENT, since, title).where(
        UnitDocument.kind.in_(REPORTS),
        UnitDocument.submitted_on.is_not(None),
        UnitDocument.passed_on.is_(None),
        or_(UnitDocument.signed_on.is_not(None), UnitDocument.needs_sign_off.is_(False)),
        conducts(actor, region=Feedback.region_id),
    )


def _of_documents(kind: Waiting, since: Any, text: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            literal(kind.value).label("kind"),
            UnitDocument.id.label("object_id"),
            since.label("since"),
            Unit.short_name.label("unit"),
            UnitDocument.unit_id.label("unit_id"),
            Feedback.round_id.label("round_id"),
            Feedback.code.label("number"),
            text.label("text"),
            null().label("mark"),
            null().label("needs_cosign"),
        )
        .select_from(UnitDocument)
        .join(Unit, Unit.id == UnitDocument.unit_id)
        .join(Feedback, Feedback.id == UnitDocument.feedback_id)
    )
