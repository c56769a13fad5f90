"""A document's way: submitted, signed, reviewed by the office; accepted once, then fixed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import OFFICE, ensure_conducts
from tracker.people.models import User
from tracker.rectification.models import UnitDocument
from tracker.rectification.rules.words import DocumentEventKind, DocumentState
from tracker.rectification.service.document_events import (
    UNIT_EVENTS,
    note_event,
    note_signature,
)
from tracker.rectification.service.documents import ensure_may_write, ensure_writable, state_of
from tracker.rectification.service.milestones import complete_milestones
from tracker.rectification.service.opening import is_event_opened
from tracker.rectification.service.signing import signature_by, signature_by_scan
from tracker.rectification.service.steps import ensure_of_unit, lent_by, switches_of

PLEDGE = "本材料经本人审核，情况属实，本人对内容负责。"


def submit_document(
    session: Session, document: UnitDocument, *, actor: Actor, now: datetime
) -> None:
    """报送: to the head where the round asks for a signature, else straight to the office."""
    ensure_may_write(document.feedback.region_id, document.unit_id, actor=actor)
    ensure_writable(document)
    document.needs_sign_off = switches_of(document.feedback).sign_off
    note_event(session, document, DocumentEventKind.SUBMITTED, actor=actor, now=now)
    document.submitted_on = local_date(now)


def sign_document(session: Session, document: UnitDocument, *, actor: Actor, now: datetime) -> None:
    """签字背书 by the first responsible person or an authorised deputy."""
    _ensure_may_sign(document, actor=actor)
    _ensure_waits_for_head(document)
    signature = signature_by(
        session,
        actor,
        Permission.DOCUMENT_SIGN,
        switches_of(document.feedback),
        submitter_user_id=document.events[-1].actor_user_id,
    )
    note_signature(session, document, signature, PLEDGE, actor=actor, now=now)


def sign_document_by_scan(
    session: Session, document: UnitDocument, file: StoredFile, *, actor: Actor, now: datetime
) -> None:
    """上传签字扫描件: the head has signed on paper, and the liaison brings the scan."""
    ensure_may_write(document.feedback.region_id, document.unit_id, actor=actor)
    _ensure_waits_for_head(document)
    signature = signature_by_scan(file, switches_of(document.feedback))
    note_signature(session, document, signature, PLEDGE, actor=actor, now=now)


def return_document_by_head(
    session: Session, document: UnitDocument, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The head sends the document back to the liaison."""
    _ensure_may_sign(document, actor=actor)
    _ensure_waits_for_head(document)
    if not reason.strip():
        raise DomainError("退回必须写明理由。")
    note_event(
        session,
        document,
        DocumentEventKind.RETURNED_BY_HEAD,
        actor=actor,
        now=now,
        reason=reason.strip(),
        lent=lent_by(actor, Permission.DOCUMENT_SIGN),
    )
    document.submitted_on = None


def withdraw_document(
    session: Session, document: UnitDocument, *, actor: Actor, now: datetime
) -> None:
    """撤回, until the next person has opened it."""
    ensure_may_write(document.feedback.region_id, document.unit_id, actor=actor)
    if state_of(document) not in (DocumentState.HEAD_CHECK, DocumentState.OFFICE_REVIEW):
        raise DomainError("这份材料不在审签或审核环节，不能撤回。请刷新页面。")
    submitted = [e for e in document.events if e.kind is DocumentEventKind.SUBMITTED][-1]
    if actor.role in OFFICE and submitted.actor_user_id != actor.user_id:
        raise DomainError("只能撤回本人代录的材料。需要单位修改时，请退回并写明理由。")
    if is_event_opened(session, document.events[-1]):
        raise DomainError("对方已经打开查看，不能撤回。如需修改，请联系对方退回。")
    note_event(session, document, DocumentEventKind.WITHDRAWN, actor=actor, now=now)
    document.submitted_on = document.signed_on = None


def accept_document(
    session: Session, document: UnitDocument, *, actor: Actor, now: datetime
) -> None:
    """审核通过 by the office: the content is fixed, its milestones are done today.

    Never by a person who wrote, uploaded or submitted it, nor by who brought the scan.
    """
    _ensure_under_review(document, actor=actor)
    if actor.person_id is not None and actor.person_id in _persons_behind(session, document):
        raise DomainError(
            "这份材料是您本人录入或报送的，不能由您审核通过。请由巡察办其他同志审核。"
        )
    note_event(session, document, DocumentEventKind.PASSED, actor=actor, now=now)
    document.passed_on = local_date(now)
    complete_milestones(session, document, actor=actor, now=now)


def return_document(
    session: Session,
    document: UnitDocument,
    reason: str,
    supplement: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """退回 to the unit, with the reason and what has to be supplied; the due date stays."""
    _ensure_under_review(document, actor=actor)
    if not reason.strip() or not supplement.strip():
        raise DomainError("请写明退回理由和需要补充的内容，单位才知道怎么改。")
    note_event(
        session,
        document,
        DocumentEventKind.RETURNED,
        actor=actor,
        now=now,
        reason=reason.strip(),
        supplement=supplement.strip(),
    )
    document.return_count += 1
    document.submitted_on = document.signed_on = None


def _ensure_may_sign(document: UnitDocument, *, actor: Actor) -> None:
    if not may(actor, Permission.DOCUMENT_SIGN):
        raise DomainError("只有主要负责人（或其授权的代理人）可以审签这份材料。")
    ensure_of_unit(document.feedback.region_id, document.unit_id, actor=actor)


def _ensure_waits_for_head(document: UnitDocument) -> None:
    if state_of(document) is not DocumentState.HEAD_CHECK:
        raise DomainError("这份材料不在审签环节，或刚被撤回。请刷新页面。")


def _ensure_under_review(document: UnitDocument, *, actor: Actor) -> None:
    if not may(actor, Permission.DOCUMENT_REVIEW):
        raise DomainError("单位材料由巡察办审核。")
    ensure_conducts(actor, document.feedback.region_id)
    if state_of(document) is not DocumentState.OFFICE_REVIEW:
        raise DomainError("这份材料不在巡察办审核环节，可能刚被办理或撤回。请刷新页面。")


def _persons_behind(session: Session, document: UnitDocument) -> set[int]:
    """Return who wrote, submitted or signed: persons, as one may have had several sign-ins."""
    users = {version.uploader_user_id for version in document.versions}
    users |= {event.actor_user_id for event in document.events if event.kind in UNIT_EVENTS}
    return set(session.scalars(select(User.person_id).where(User.id.in_(users - {None}))))
