"""Record a visit and its findings; let a finding return, reopen or make a task."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Issue
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.letters.models.visits import SupervisionVisit, VisitFinding, VisitUnit
from tracker.letters.queries.visits import task_numbered
from tracker.letters.rules.visits import FindingOutcome, check_undecided, check_visit
from tracker.organizations.queries import pickable_units
from tracker.organizations.scope import ensure_conducts
from tracker.people.directory import person_named
from tracker.rectification.models import Task
from tracker.rectification.service.closing import reopen_task, return_closure
from tracker.rectification.service.issuing import draft_task


@dataclass(frozen=True, kw_only=True)
class VisitDraft:
    """A visit as typed; the leader by name, taken in when unknown."""

    visited_on: date
    leader: str
    unit_ids: tuple[int, ...]
    text: str
    members: str = ""


def record_visit(
    session: Session, region_id: int, draft: VisitDraft, *, actor: Actor, now: datetime
) -> SupervisionVisit:
    """登记督查."""
    ensure_conducts(actor, region_id)
    visit = SupervisionVisit(region_id=region_id, **born(actor=actor, now=now))
    _write(session, visit, draft, actor=actor, now=now)
    session.add(visit)
    session.flush()  # the audit entry names the id
    _audit(session, "visit_recorded", visit, actor=actor, now=now)
    return visit


def edit_visit(
    session: Session, visit: SupervisionVisit, draft: VisitDraft, *, actor: Actor, now: datetime
) -> SupervisionVisit:
    """Change a visit; a unit with a finding stays."""
    ensure_conducts(actor, visit.region_id)
    kept = {finding.unit_id for finding in visit.findings}
    if not kept <= set(draft.unit_ids):
        raise DomainError("已有督查意见的单位不能去掉。请先核对督查意见。")
    _write(session, visit, draft, actor=actor, now=now)
    touch(visit, actor=actor, now=now)
    _audit(session, "visit_edited", visit, actor=actor, now=now)
    return visit


def _write(
    session: Session, visit: SupervisionVisit, draft: VisitDraft, *, actor: Actor, now: datetime
) -> None:
    check_visit(draft.visited_on, today=local_date(now))
    present = {link.unit_id: link for link in visit.units}
    _check_units(session, visit.region_id, set(draft.unit_ids) - set(present), draft.visited_on)
    leader = person_named(session, visit.region_id, draft.leader, actor=actor, now=now)
    visit.visited_on, visit.leader = draft.visited_on, leader
    visit.members, visit.text = draft.members or None, draft.text
    visit.units = [
        present.get(unit_id) or VisitUnit(unit_id=unit_id)
        for unit_id in dict.fromkeys(draft.unit_ids)
    ]


def _check_units(session: Session, region_id: int, added: set[int], on: date) -> None:
    if not added <= {unit.id for unit in pickable_units(session, region_id, today=on)}:
        raise NotVisibleError


def add_finding(
    session: Session,
    visit: SupervisionVisit,
    unit_id: int,
    text: str,
    *,
    task_no: str = "",
    actor: Actor,
    now: datetime,
) -> VisitFinding:
    """登记督查意见 about a visited unit, and about one of its tasks where a number is given."""
    ensure_conducts(actor, visit.region_id)
    finding = VisitFinding(visit=visit, **born(actor=actor, now=now))
    _write_finding(session, finding, unit_id, text, task_no)
    session.add(finding)
    session.flush()  # the audit entry names the id
    _audit(session, "visit_finding_added", finding, actor=actor, now=now)
    return finding


def edit_finding(
    session: Session,
    finding: VisitFinding,
    unit_id: int,
    text: str,
    *,
    task_no: str = "",
    actor: Actor,
    now: datetime,
) -> VisitFinding:
    """Change a finding that has led to nothing yet."""
    ensure_conducts(actor, finding.visit.region_id)
    check_undecided(finding.outcome)
    _write_finding(session, finding, unit_id, text, task_no)
    touch(finding, actor=actor, now=now)
    _audit(session, "visit_finding_edited", finding, actor=actor, now=now)
    return finding


def _write_finding(
    session: Session, finding: VisitFinding, unit_id: int, text: str, task_no: str
) -> None:
    visit = finding.visit
    with session.no_autoflush:
        if unit_id not in {link.unit_id for link in visit.units}:
            raise NotVisibleError
        task = task_numbered(session, visit.region_id, unit_id, task_no) if task_no else None
    if task_no and task is None:
        raise DomainError(f"这个单位没有编号为“{task_no[:60]}”的整改任务，请核对。")
    finding.unit_id, finding.text, finding.task = unit_id, text, task


def return_for(
    session: Session,
    finding: VisitFinding,
    reason: str,
    supplement: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """退回整改 the closing request under review that the finding is about."""
    task = _task_to_act_on(finding, actor=actor)
    return_closure(session, task, _because(finding, reason), supplement, actor=actor, now=now)
    _decide(session, finding, FindingOutcome.RETURNED, actor=actor, now=now)


def reopen_for(
    session: Session,
    finding: VisitFinding,
    reason: str,
    new_due: date | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """重新整改 the closed task that the finding is about."""
    task = _task_to_act_on(finding, actor=actor)
    reopen_task(session, task, _because(finding, reason), new_due, actor=actor, now=now)
    _decide(session, finding, FindingOutcome.REOPENED, actor=actor, now=now)


def make_task_for(
    session: Session, finding: VisitFinding, issue: Issue, goal: str, *, actor: Actor, now: datetime
) -> Task:
    """Make a draft task of the unit's issue; it is issued with the feedback's others (下发)."""
    ensure_conducts(actor, finding.visit.region_id)
    ensure_conducts(actor, issue.region_id)
    check_undecided(finding.outcome)
    if not may(actor, Permission.TASK_ISSUE):
        raise DomainError("新任务由经办人起草并下发，请交经办人办理。")
    if finding.unit_id not in {link.unit_id for link in issue.units}:
        raise NotVisibleError
    task = draft_task(session, issue, finding.unit_id, actor=actor, now=now, goal=goal or None)
    finding.result_task = task
    _decide(session, finding, FindingOutcome.TASK_MADE, actor=actor, now=now)
    return task


def _task_to_act_on(finding: VisitFinding, *, actor: Actor) -> Task:
    ensure_conducts(actor, finding.visit.region_id)
    check_undecided(finding.outcome)
    if finding.task is None:
        raise DomainError("这条督查意见没有写明任务编号，请先补充。")
    return finding.task


def _because(finding: VisitFinding, reason: str) -> str:
    visit = finding.visit
    why = reason.strip() or finding.text.strip()
    return f"{visit.visited_on.isoformat()} {visit.leader.name}带队督查：{why}"


def _decide(
    session: Session,
    finding: VisitFinding,
    outcome: FindingOutcome,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    finding.outcome = outcome
    finding.decided_on, finding.decided_by = local_date(now), actor.label
    touch(finding, actor=actor, now=now)
    _audit(session, f"visit_finding_{outcome.value}", finding, actor=actor, now=now)


def _audit(
    session: Session,
    action: str,
    row: SupervisionVisit | VisitFinding,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    kind, detail = (
        ("supervision_visit", {"visited_on": row.visited_on.isoformat()})
        if isinstance(row, SupervisionVisit)
        else ("visit_finding", {"visit": str(row.visit_id), "outcome": row.outcome.value})
    )
    record(session, action, actor=actor, now=now, object_type=kind, object_id=row.id, detail=detail)
