"""Reviews of a closing request that move nothing: 建议销号, 会签; and who has a hand in a task."""

from datetime import datetime

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.people.models import User
from tracker.rectification.models import (
    Evidence,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import COSIGNATURES, ReviewOutcome, TaskState
from tracker.rectification.service.steps import switches_of

SUBMITTING = (Verb.REQUEST_CLOSURE, Verb.SIGN_CLOSURE, Verb.SIGN_CLOSURE_SCAN)


def keep_review(
    session: Session,
    task: Task,
    outcome: ReviewOutcome,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    supplement: str | None = None,
) -> Review:
    """Write a review down, tied to the submission it answers."""
    submission = newest_submission(session, task)
    review = Review(
        task_id=task.id,
        outcome=outcome,
        reason=(reason or "").strip() or None,
        required_supplement=(supplement or "").strip() or None,
        reviewed_on=local_date(now),
        recorded_at=now,
        reviewer=actor.label,
        reviewer_user_id=actor.user_id,
        transition_id=submission.id if submission else None,
        organ_id=actor.supervisor_org_id if outcome in COSIGNATURES else None,
    )
    session.add(review)
    return review


def newest_submission(session: Session, task: Task) -> TaskTransition | None:
    """Return the step that last brought the task before the office for closing."""
    query = select(TaskTransition).where(
        TaskTransition.task_id == task.id, TaskTransition.to_state == TaskState.OFFICE_REVIEW
    )
    return session.scalar(query.order_by(TaskTransition.id.desc()).limit(1))


def recommend_closure(
    session: Session, task: Task, opinion: str, *, actor: Actor, now: datetime
) -> None:
    """建议销号 by the clerk: once per submission and person; who recommends does not close."""
    if not may(actor, Permission.TASK_RECOMMEND):
        raise DomainError("建议销号由巡察办经办人办理。")
    ensure_conducts(actor, task.region_id)
    _ensure_under_review(task, "建议销号")
    if ReviewOutcome.RECOMMENDED in {each.outcome for each in answers(session, task, actor=actor)}:
        raise DomainError("您已经对这次申请建议销号，请等待巡察办主任审核。")
    keep_review(session, task, ReviewOutcome.RECOMMENDED, actor=actor, now=now, reason=opinion)
    _audit(session, "closure_recommended", task, actor=actor, now=now)


def ensure_supervises(task: Task, *, actor: Actor) -> None:
    """Refuse a task whose unit the actor's organisation does not watch."""
    if actor.role is not None and actor.supervisor_org_id != task.lead_unit.supervisor_org_id:
        raise NotVisibleError


def cosign_closure(
    session: Session, task: Task, *, agrees: bool, opinion: str, actor: Actor, now: datetime
) -> None:
    """会签 by the supervisors of the task's unit; the newest word of an organisation counts."""
    if not may(actor, Permission.TASK_COSIGN):
        raise DomainError("会签由日常监督部门办理。")
    ensure_supervises(task, actor=actor)
    _ensure_under_review(task, "会签")
    if not agrees and not opinion.strip():
        raise DomainError("不同意销号必须写明意见。")
    outcome = ReviewOutcome.COSIGNED if agrees else ReviewOutcome.OBJECTED
    if (last := _last_cosignature(session, task)) is not None and last.outcome is outcome:
        raise DomainError(f"本部门已经“{outcome.label}”，不需要再次办理。")
    keep_review(session, task, outcome, actor=actor, now=now, reason=opinion)
    _audit(session, f"closure_{outcome.value}", task, actor=actor, now=now)


def check_cosigned(session: Session, task: Task) -> None:
    """Refuse a closing that the round makes wait for the unit's supervisors (会签)."""
    if not switches_of(task).cosign or task.lead_unit.supervisor_org_id is None:
        return
    last = _last_cosignature(session, task)
    organ = _organ_name(task)
    if last is None:
        raise DomainError(f"本轮销号须先会签：请等“{organ}”会签同意后再办理。")
    if last.outcome is ReviewOutcome.OBJECTED:
        raise DomainError(
            f"“{organ}”会签不同意：{last.reason}。请退回整改，或与其沟通后请其重新会签。"
        )


def answers(session: Session, task: Task, *, actor: Actor) -> list[Review]:
    """Return what the actor's person has already said about the newest submission."""
    submission = newest_submission(session, task)
    if submission is None or actor.person_id is None:
        return []
    query = (
        select(Review)
        .join(User, User.id == Review.reviewer_user_id)
        .where(Review.transition_id == submission.id, User.person_id == actor.person_id)
    )
    return list(session.scalars(query))


def persons_involved(session: Session, task: Task) -> set[int]:
    """Return the persons who submitted, entered, signed, uploaded or recommended a task.

    Persons, not sign-ins: somebody who changed post has two sign-ins and stays the same person.
    """
    of_task = (
        select(Evidence.uploader_user_id).where(Evidence.task_id == task.id),
        select(ProgressReport.reporter_user_id).where(ProgressReport.task_id == task.id),
        select(SignOff.signer_user_id).where(SignOff.task_id == task.id),
        select(TaskTransition.actor_user_id).where(
            TaskTransition.task_id == task.id,
            TaskTransition.verb.in_([verb.value for verb in SUBMITTING]),
        ),
        select(Review.reviewer_user_id).where(
            Review.task_id == task.id, Review.outcome == ReviewOutcome.RECOMMENDED
        ),
    )
    users = select(union(*of_task).subquery().c[0])
    return set(session.scalars(select(User.person_id).where(User.id.in_(users))))


def _last_cosignature(session: Session, task: Task) -> Review | None:
    submission = newest_submission(session, task)
    if submission is None:
        return None
    query = select(Review).where(
        Review.transition_id == submission.id,
        Review.organ_id == task.lead_unit.supervisor_org_id,
        Review.outcome.in_(sorted(COSIGNATURES)),
    )
    return session.scalar(query.order_by(Review.id.desc()).limit(1))


def _organ_name(task: Task) -> str:
    return task.lead_unit.supervisor_org.name if task.lead_unit.supervisor_org else ""


def _ensure_under_review(task: Task, what: str) -> None:
    if task.state is not TaskState.OFFICE_REVIEW:
        raise DomainError(f"任务现在是“{task.state.label}”，不能{what}。请刷新页面。")


def _audit(session: Session, action: str, task: Task, *, actor: Actor, now: datetime) -> None:
    record(session, action, actor=actor, now=now, object_type="task", object_id=task.id)
