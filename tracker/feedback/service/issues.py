"""反馈问题: add and edit."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback, Issue, IssueTag, IssueUnit
from tracker.feedback.revisits import get_former_issue
from tracker.feedback.rules import (
    Importance,
    IssueNature,
    Sensitivity,
    check_issued_edit,
    check_units,
)
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.organizations.scope import ensure_conducts

TAG_LENGTH = 40
PLAIN = (
    "issue_no",
    "text",
    "cat_l1",
    "cat_l2",
    "nature",
    "importance",
    "sensitivity",
    "detail",
    "cause",
    "is_immediate",
    "raised_on",
    "repeats_issue_id",
)


@dataclass(frozen=True, kw_only=True)
class IssueDraft:
    """An issue as typed. `unit_ids`: who answers for it, several for a common one."""

    issue_no: str
    text: str
    unit_ids: tuple[int, ...]
    nature: IssueNature = IssueNature.INDIVIDUAL
    importance: Importance = Importance.NORMAL
    sensitivity: Sensitivity = Sensitivity.INTERNAL
    cat_l1: str | None = None
    cat_l2: str | None = None
    detail: str | None = None
    cause: str | None = None
    is_immediate: bool = False
    raised_on: date | None = None
    repeats_issue_id: int | None = None
    tags: tuple[str, ...] = ()


def add_issue(
    session: Session, feedback: Feedback, draft: IssueDraft, *, actor: Actor, now: datetime
) -> Issue:
    """Take in an issue of a feedback. DomainError when its number is taken."""
    ensure_conducts(actor, feedback.region_id)
    _check(session, feedback.id, draft, issue_id=None)
    _check_repeated(session, feedback, draft.repeats_issue_id, actor=actor)
    _check_pickable(session, feedback, set(draft.unit_ids), now=now)
    issue = Issue(
        feedback_id=feedback.id,
        inspection_id=feedback.inspection_id,
        region_id=feedback.region_id,
        **born(actor=actor, now=now),
    )
    _write(issue, draft)
    session.add(issue)
    session.flush()  # the audit entry names the id
    _audit(session, "issue_added", issue, {"no": issue.issue_no}, actor=actor, now=now)
    return issue


def edit_issue(
    session: Session,
    issue: Issue,
    draft: IssueDraft,
    *,
    actor: Actor,
    now: datetime,
    issued_unit_ids: frozenset[int] = frozenset(),
) -> Issue:
    """Change an issue; the audit trail keeps which fields changed.

    Units whose task was issued (`issued_unit_ids`) stay, as do number and 立行立改; others may be
    added any time.
    """
    ensure_conducts(actor, issue.region_id)
    _check(session, issue.feedback_id, draft, issue_id=issue.id)
    if draft.repeats_issue_id != issue.repeats_issue_id:
        _check_repeated(session, issue.feedback, draft.repeats_issue_id, actor=actor)
    have = {link.unit_id for link in issue.units}
    _check_pickable(session, issue.feedback, set(draft.unit_ids) - have, now=now)
    if issued_unit_ids:
        check_issued_edit(
            removed=_names(session, issued_unit_ids - set(draft.unit_ids)),
            was_immediate=issue.is_immediate,
            is_immediate=draft.is_immediate,
            renumbered=issue.issue_no != draft.issue_no,
        )
    changed = _changes(issue, draft)
    _write(issue, draft)
    touch(issue, actor=actor, now=now)
    _audit(
        session,
        "issue_edited",
        issue,
        {"no": issue.issue_no, "changed": changed},
        actor=actor,
        now=now,
    )
    return issue


def _write(issue: Issue, draft: IssueDraft) -> None:
    for name in PLAIN:
        setattr(issue, name, getattr(draft, name))
    units = {link.unit_id: link for link in issue.units}
    wanted = dict.fromkeys(draft.unit_ids)
    issue.units = [units.get(unit_id) or IssueUnit(unit_id=unit_id) for unit_id in wanted]
    tags = {row.tag: row for row in issue.tags}
    issue.tags = [tags.get(tag) or IssueTag(tag=tag) for tag in dict.fromkeys(draft.tags)]


def _changes(issue: Issue, draft: IssueDraft) -> list[str]:
    """Return which fields the draft changes. No contents: the audit's reader sees no business."""
    changed = [name for name in PLAIN if getattr(issue, name) != getattr(draft, name)]
    units = {link.unit_id for link in issue.units}
    return changed + (["units"] if units != set(draft.unit_ids) else [])


def _check(session: Session, feedback_id: int, draft: IssueDraft, *, issue_id: int | None) -> None:
    check_units(draft.nature, len(set(draft.unit_ids)))
    same = select(Issue.id).where(
        Issue.feedback_id == feedback_id, Issue.issue_no == draft.issue_no
    )
    if session.scalar(same) not in (None, issue_id):
        raise DomainError(f"问题编号“{draft.issue_no}”已被使用，请换一个。")
    if any(len(tag) > TAG_LENGTH for tag in draft.tags):
        raise DomainError("每个标签最多 40 个字，多个标签请用顿号分开。")


def _check_repeated(
    session: Session, feedback: Feedback, issue_id: int | None, *, actor: Actor
) -> None:
    """Only an issue of a revisit repeats a former one, and only one of the same unit."""
    if issue_id is None:
        return
    if feedback.inspection is None:
        raise NotVisibleError
    get_former_issue(session, feedback.inspection, issue_id, actor=actor)


def _check_pickable(
    session: Session, feedback: Feedback, unit_ids: set[int], *, now: datetime
) -> None:
    if not unit_ids:
        return
    units = pickable_units(session, feedback.region_id, today=local_date(now))
    allowed = {unit.id for unit in units}
    if feedback.inspection is not None:
        allowed.add(feedback.inspection.unit_id)
    if not unit_ids <= allowed:
        raise NotVisibleError


def _names(session: Session, unit_ids: frozenset[int]) -> str:
    query = select(Unit.name).where(Unit.id.in_(unit_ids)).order_by(Unit.sort_no)
    return "、".join(session.scalars(query)) if unit_ids else ""


def _audit(
    session: Session,
    action: str,
    issue: Issue,
    detail: dict[str, object],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="issue",
        object_id=issue.id,
        detail=detail,
    )
