"""单位材料: progress report, the head's report, 公开稿 — written and uploaded by the unit's liaison."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.feedback.models import Feedback
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Unit
from tracker.organizations.scope import OFFICE
from tracker.rectification.document_queries import answers_for
from tracker.rectification.models import DocumentVersion, UnitDocument
from tracker.rectification.rules.documents import (
    DUE_BY_PROFILE,
    REPORTS,
    WRITABLE,
    state_after,
)
from tracker.rectification.rules.words import DocumentKind, DocumentState
from tracker.rectification.service.document_events import last_event
from tracker.rectification.service.proving import Statement, check_statement
from tracker.rectification.service.steps import ensure_of_unit
from tracker.rounds.deadlines import report_due
from tracker.workdays.queries import load_calendar


@dataclass(frozen=True, kw_only=True)
class Written:
    """What is written and uploaded. `file` None keeps the file there is; the last two are asked of
    公开稿 alone: where it is to be published."""

    said: Statement
    text: str = ""
    file: StoredFile | None = None
    is_for_party: bool = False
    is_for_public: bool = False


def state_of(document: UnitDocument) -> DocumentState:
    """Return where a document stands."""
    return state_after(last_event(document), needs_sign_off=document.needs_sign_off)


def begin_document(
    session: Session,
    feedback: Feedback,
    unit: Unit,
    kind: DocumentKind,
    written: Written,
    *,
    actor: Actor,
    now: datetime,
) -> UnitDocument:
    """Begin a document of a kind for a feedback; each unit has one of each."""
    ensure_may_write(feedback.region_id, unit.id, actor=actor)
    if kind not in REPORTS or not session.scalar(select(answers_for(feedback.id, unit.id))):
        raise NotVisibleError
    same = select(UnitDocument.id).where(
        UnitDocument.feedback_id == feedback.id,
        UnitDocument.unit_id == unit.id,
        UnitDocument.kind == kind,
    )
    if session.scalar(same) is not None:
        raise DomainError(f"这份{kind.label}已经在办理，请从“单位材料”列表中打开。")
    document = UnitDocument(
        feedback=feedback,
        unit=unit,
        kind=kind,
        due_on=_due_by_profile(session, feedback, kind),
        **born(actor=actor, now=now),
    )
    session.add(document)
    return _write(session, document, written, actor=actor, now=now)


def _due_by_profile(session: Session, feedback: Feedback, kind: DocumentKind) -> date | None:
    if kind not in DUE_BY_PROFILE or feedback.fed_back_on is None:
        return None
    return report_due(feedback.fed_back_on, feedback.profile, load_calendar(session))


def write_document(
    session: Session, document: UnitDocument, written: Written, *, actor: Actor, now: datetime
) -> UnitDocument:
    """Write a document anew, as a version of its own; what was there before stays readable."""
    ensure_may_write(document.feedback.region_id, document.unit_id, actor=actor)
    ensure_writable(document)
    return _write(session, document, written, actor=actor, now=now)


def ensure_may_write(region_id: int, unit_id: int, *, actor: Actor) -> None:
    """Refuse a document of another unit, or of another office's feedback."""
    if not may(actor, Permission.DOCUMENT_DRAFT):
        raise DomainError("单位材料由单位联络员起草，或由巡察办经办人代录。")
    ensure_of_unit(region_id, unit_id, actor=actor)


def ensure_writable(document: UnitDocument) -> None:
    """Refuse to change what the head or the office is reading, and what was accepted."""
    state = state_of(document)
    if state is DocumentState.ACCEPTED:
        raise DomainError("这份材料已审核通过，内容已固定，不能再修改。")
    if state not in WRITABLE:
        raise DomainError(f"这份材料{state.label}，不能修改。需要修改时请先撤回。")


def _write(
    session: Session, document: UnitDocument, written: Written, *, actor: Actor, now: datetime
) -> UnitDocument:
    said = written.said
    check_statement(said, today=local_date(now))
    before = document.versions[-1] if document.versions else None
    file = written.file or (before.file if before else None)
    if file is None:
        raise DomainError("请选择文件。")
    is_notice = document.kind is DocumentKind.PUBLIC_NOTICE
    if is_notice and not (written.is_for_party or written.is_for_public):
        raise DomainError("请选择公开稿用于党内通报、社会公开，或两者都是。")
    document.versions.append(
        DocumentVersion(
            seq=before.seq + 1 if before else 1,
            title=said.title.strip() or document.kind.label,
            document_on=said.document_on,
            text=written.text.strip() or None,
            file=file,
            is_confirmed_not_secret=True,
            is_for_party=is_notice and written.is_for_party,
            is_for_public=is_notice and written.is_for_public,
            uploaded_at=now,
            uploaded_by=actor.label,
            uploader_user_id=actor.user_id,
            on_behalf_of=document.unit.name if actor.role in OFFICE else None,
        )
    )
    document.file = file
    touch(document, actor=actor, now=now)
    session.flush()  # the trail names it
    record(
        session,
        "document_written",
        actor=actor,
        now=now,
        object_type="unit_document",
        object_id=document.id,
        detail={"kind": document.kind.value, "sha256": file.sha256, "name": file.original_name},
    )
    return document
