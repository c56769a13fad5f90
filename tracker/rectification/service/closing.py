"""From 申请销号 to 销号: request, signature, review, return, closing, reopening."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission
from tracker.rectification.evidence_queries import evidence_that_counts
from tracker.rectification.models import SignOff, Task
from tracker.rectification.rules.guards import (
    ClosingRequest,
    check_closing_request,
    check_done_on,
    check_next_review,
    check_not_own,
)
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    ReviewOutcome,
)
from tracker.rectification.service.certifying import certify
from tracker.rectification.service.confirming import end_confirmation
from tracker.rectification.service.opening import is_opened, last_transition
from tracker.rectification.service.reviewing import (
    check_cosigned,
    keep_review,
    persons_involved,
)
from tracker.rectification.service.signing import Signature, signature_by, signature_by_scan
from tracker.rectification.service.steps import (
    change_due,
    ensure_may,
    ensure_possible,
    on_behalf_of,
    switches_of,
    take_step,
)
from tracker.rectification.service.working import Progress, report_progress

PLEDGE = "本人已审核整改情况及佐证材料，对其真实性负责。"


def request_closure(
    session: Session, task: Task, progress: Progress, *, actor: Actor, now: datetime
) -> None:
    """申请销号: the unit states when it was done and what proves it."""
    ensure_possible(task, Verb.REQUEST_CLOSURE, actor=actor)
    done, undone = progress.done_measures, progress.undone_measures
    check_closing_request(
        ClosingRequest(
            today=local_date(now),
            done_on=progress.done_on,
            text=progress.text,
            evidence_days=tuple(item.document_on for item in evidence_that_counts(session, task)),
            no_evidence_reason=progress.no_evidence_reason,
            open_measures=sum(
                1
                for m in task.measures
                if m.id in undone or (m.done_on is None and m.id not in done)
            ),
        )
    )
    if progress.completion is not CompletionClass.DONE:
        raise DomainError("申请销号时，完成情况应为“已完成”。")
    report_progress(session, task, progress, actor=actor, now=now)
    task.done_on = progress.done_on
    take_step(session, task, Verb.REQUEST_CLOSURE, actor=actor, now=now)


def sign_closure(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """签字背书 with a pledge, by the head or a deputy; from here the office's own clock runs."""
    ensure_possible(task, Verb.SIGN_CLOSURE, actor=actor)
    signature = signature_by(
        session,
        actor,
        Permission.TASK_SIGN,
        switches_of(task),
        submitter_user_id=last_transition(session, task).actor_user_id,
    )
    _sign(session, task, Verb.SIGN_CLOSURE, signature, actor=actor, now=now)


def sign_closure_by_scan(
    session: Session, task: Task, file: StoredFile, *, actor: Actor, now: datetime
) -> None:
    """上传签字扫描件: the head has signed on paper, and the liaison brings the scan."""
    signature = signature_by_scan(file, switches_of(task))
    _sign(session, task, Verb.SIGN_CLOSURE_SCAN, signature, actor=actor, now=now)


def _sign(
    session: Session,
    task: Task,
    verb: Verb,
    signature: Signature,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    take_step(session, task, verb, actor=actor, now=now, reason=signature.way.label)
    session.add(
        SignOff(
            task_id=task.id,
            way=signature.way,
            pledge=PLEDGE,
            signed_at=now,
            signed_by=actor.label,
            signer_user_id=actor.user_id,
            lent_by=signature.lent_by,
            file=signature.file,
        )
    )


def return_by_head(
    session: Session, task: Task, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The head sends the request back to the liaison."""
    take_step(session, task, Verb.RETURN_BY_HEAD, actor=actor, now=now, reason=reason)
    task.done_on = None


def withdraw_closure(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """撤回, until the next person has opened it."""
    if is_opened(session, task):
        raise DomainError("对方已经打开查看，不能撤回。如需补充，请联系对方退回。")
    ensure_may(task, Verb.WITHDRAW_CLOSURE, actor=actor)
    if on_behalf_of(task, actor) and last_transition(session, task).actor_user_id != actor.user_id:
        raise DomainError("只能撤回本人代录的申请。需要单位补充时，请“退回整改”并写明理由。")
    take_step(session, task, Verb.WITHDRAW_CLOSURE, actor=actor, now=now)
    task.done_on = None


def return_closure(
    session: Session, task: Task, reason: str, supplement: str, *, actor: Actor, now: datetime
) -> None:
    """退回: reason and required supplement compulsory; the due date is not reset."""
    if not supplement.strip():
        raise DomainError("请写明需要补充什么，单位才知道怎么改。")
    take_step(session, task, Verb.RETURN_CLOSURE, actor=actor, now=now, reason=reason)
    keep_review(
        session,
        task,
        ReviewOutcome.RETURNED,
        actor=actor,
        now=now,
        reason=reason,
        supplement=supplement,
    )
    task.done_on = None


def close_task(
    session: Session,
    task: Task,
    *,
    actor: Actor,
    now: datetime,
    is_sustained: bool = False,
    next_review_on: date | None = None,
    opinion: str = "",
) -> None:
    """销号 by the lead or delegate: never by whoever submitted, entered, uploaded or recommended.

    A sustained closing (长期坚持) has a date on which the office looks at it again.
    """
    ensure_possible(task, Verb.CLOSE, actor=actor)
    check_not_own(actor.person_id, persons_involved(session, task))
    check_cosigned(session, task)
    check_done_on(
        task.done_on,
        today=local_date(now),
        evidence_days=[item.document_on for item in evidence_that_counts(session, task)],
    )
    _check_review(is_sustained, next_review_on, today=local_date(now))
    take_step(session, task, Verb.CLOSE, actor=actor, now=now, reason=opinion or None)
    task.closed_on, task.is_sustained = local_date(now), is_sustained
    task.next_review_on = next_review_on
    task.confirmed_completion, task.confirmed_on = CompletionClass.DONE, task.closed_on
    keep_review(session, task, ReviewOutcome.CLOSED, actor=actor, now=now, reason=opinion)
    certify(session, task, actor=actor, now=now)


def _check_review(is_sustained: bool, next_review_on: date | None, *, today: date) -> None:
    if is_sustained:
        check_next_review(next_review_on, today=today)
    elif next_review_on is not None:
        raise DomainError("填写了下次复查日期，请同时勾选“销号并长期坚持”，或清空日期。")


def reopen_task(
    session: Session, task: Task, reason: str, new_due: date | None, *, actor: Actor, now: datetime
) -> None:
    """重新整改 with a new due date chosen in the open; figures of past days stay as they were."""
    if new_due is None or new_due < local_date(now):
        raise DomainError("请填写新的整改时限，不能早于今天。")
    take_step(session, task, Verb.REOPEN, actor=actor, now=now, reason=reason)
    change_due(session, task, DueChangeKind.REOPEN, new_due, actor=actor, now=now, reason=reason)
    end_confirmation(session, task, actor=actor, now=now)
    task.reopen_count += 1
    task.closed_on = task.done_on = task.confirmed_completion = task.confirmed_on = None
    task.is_sustained, task.next_review_on = False, None
