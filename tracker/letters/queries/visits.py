"""Supervision visits: the office's own in whole; of others what concerns one's own units."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.letters.models.visits import SupervisionVisit, VisitFinding, VisitUnit
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts, sees
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState

LIST_SIZE = 200
PARTS = (
    joinedload(SupervisionVisit.leader),
    selectinload(SupervisionVisit.units).joinedload(VisitUnit.unit),
    selectinload(SupervisionVisit.findings).joinedload(VisitFinding.task),
    selectinload(SupervisionVisit.findings).joinedload(VisitFinding.result_task),
    selectinload(SupervisionVisit.findings).joinedload(VisitFinding.unit),
)


def visible_visits(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a visit: it went to a unit of theirs."""
    went = (
        select(VisitUnit.id)
        .where(VisitUnit.visit_id == SupervisionVisit.id)
        .where(sees(actor, region=SupervisionVisit.region_id, unit=VisitUnit.unit_id))
        .correlate(SupervisionVisit)
    )
    return went.exists()


@dataclass(frozen=True, kw_only=True)
class ShownVisit:
    """What of a visit a person may read; `is_whole`: it went to no unit beyond theirs."""

    visit: SupervisionVisit
    units: tuple[Unit, ...]
    findings: tuple[VisitFinding, ...]
    is_whole: bool


def list_visits(session: Session, *, actor: Actor) -> list[ShownVisit]:
    """Return the visits the actor may read, the newest first, each cut to their units."""
    query = (
        select(SupervisionVisit)
        .where(visible_visits(actor))
        .options(*PARTS)
        .order_by(SupervisionVisit.visited_on.desc(), SupervisionVisit.id.desc())
        .limit(LIST_SIZE)
    )
    visits = list(session.scalars(query))
    links = _links_seen(session, [visit.id for visit in visits], actor=actor)
    return [_cut(visit, links) for visit in visits]


def show_visit(session: Session, visit_id: int, *, actor: Actor) -> ShownVisit:
    """Return one visit, cut to the units that the actor may know of."""
    query = select(SupervisionVisit).where(SupervisionVisit.id == visit_id, visible_visits(actor))
    visit = session.scalar(query.options(*PARTS))
    if visit is None:
        raise NotVisibleError
    return _cut(visit, _links_seen(session, [visit.id], actor=actor))


def _links_seen(session: Session, visit_ids: list[int], *, actor: Actor) -> set[int]:
    query = (
        select(VisitUnit.id)
        .join(VisitUnit.visit)
        .where(VisitUnit.visit_id.in_(visit_ids))
        .where(sees(actor, region=SupervisionVisit.region_id, unit=VisitUnit.unit_id))
    )
    return set(session.scalars(query))


def _cut(visit: SupervisionVisit, links: set[int]) -> ShownVisit:
    units = sorted(
        (link.unit for link in visit.units if link.id in links),
        key=lambda unit: (unit.sort_no, unit.id),
    )
    known = {unit.id for unit in units}
    return ShownVisit(
        visit=visit,
        units=tuple(units),
        findings=tuple(finding for finding in visit.findings if finding.unit_id in known),
        is_whole=len(units) == len(visit.units),
    )


def get_visit(session: Session, visit_id: int, *, actor: Actor) -> SupervisionVisit:
    """Return a visit that is the actor's office's own, to change it."""
    query = select(SupervisionVisit).where(
        SupervisionVisit.id == visit_id, conducts(actor, region=SupervisionVisit.region_id)
    )
    found = session.scalar(query.options(selectinload(SupervisionVisit.units)))
    if found is None:
        raise NotVisibleError
    return found


def get_finding(session: Session, finding_id: int, *, actor: Actor) -> VisitFinding:
    """Return a finding of a visit that is the actor's office's own."""
    query = (
        select(VisitFinding)
        .join(VisitFinding.visit)
        .where(VisitFinding.id == finding_id)
        .where(conducts(actor, region=SupervisionVisit.region_id))
        .options(joinedload(VisitFinding.visit).joinedload(SupervisionVisit.leader))
        .options(joinedload(VisitFinding.unit), joinedload(VisitFinding.task))
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def tasks_seen(session: Session, shown: ShownVisit, *, actor: Actor) -> frozenset[int]:
    """Return which of the tasks that findings name the actor may open."""
    named = {
        task_id
        for finding in shown.findings
        for task_id in (finding.task_id, finding.result_task_id)
        if task_id is not None
    }
    return frozenset(
        session.scalars(select(Task.id).where(Task.id.in_(named), visible_tasks(actor)))
    )


def task_numbered(session: Session, region_id: int, unit_id: int, task_no: str) -> Task | None:
    """Return a unit's issued task of the region by its number."""
    query = select(Task).where(
        Task.region_id == region_id,
        Task.lead_unit_id == unit_id,
        Task.task_no == task_no,
        Task.state != TaskState.DRAFT,
    )
    return session.scalar(query)


def issues_of_unit(session: Session, unit_id: int, *, actor: Actor) -> list[Issue]:
    """Return the issues of the actor's office that a unit answers for, the newest feedback first."""
    query = (
        select(Issue)
        .join(Issue.feedback)
        .join(IssueUnit, IssueUnit.issue_id == Issue.id)
        .where(IssueUnit.unit_id == unit_id, conducts(actor, region=Issue.region_id))
        .options(joinedload(Issue.feedback), selectinload(Issue.units))
        .order_by(Feedback.fed_back_on.desc(), Feedback.id.desc(), Issue.issue_no)
        .limit(500)
    )
    return list(session.scalars(query))


def count_visits(
    session: Session, region_id: int, *, as_of: date, actor: Actor, since: date | None = None
) -> int:
    """Return how many visits of a region a person may count by a day: 督查…次."""
    query = select(func.count(SupervisionVisit.id)).where(
        SupervisionVisit.region_id == region_id,
        SupervisionVisit.visited_on <= as_of,
        visible_visits(actor),
    )
    if since is not None:
        query = query.where(SupervisionVisit.visited_on >= since)
    return session.scalar(query) or 0
