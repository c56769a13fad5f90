"""Register what was sent; correct it; void what was registered by mistake."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.dispatches.models import Dispatch
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.scope import ensure_conducts


@dataclass(frozen=True, kw_only=True)
class DispatchDraft:
    """A sending as typed. `as_of`: the day of its figures, None where it has none."""

    subject: str
    addressee: str
    sent_on: date
    doc_no: str | None = None
    as_of: date | None = None
    note: str | None = None


def register_dispatch(
    session: Session,
    region_id: int,
    draft: DispatchDraft,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> Dispatch:
    """登记报送."""
    ensure_conducts(actor, region_id)
    _check(session, region_id, draft, None, today=local_date(now))
    row = Dispatch(region_id=region_id, file=file, **vars(draft), **born(actor=actor, now=now))
    session.add(row)
    session.flush()  # the audit entry names the id
    _audit(session, "dispatch_registered", row, actor=actor, now=now)
    return row


def edit_dispatch(
    session: Session,
    row: Dispatch,
    draft: DispatchDraft,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Correct an entry; a new file takes the place of the old one, which stays stored."""
    ensure_conducts(actor, row.region_id)
    _ensure_valid(row)
    _check(session, row.region_id, draft, row, today=local_date(now))
    for name, value in vars(draft).items():
        setattr(row, name, value)
    row.file = file or row.file
    touch(row, actor=actor, now=now)
    _audit(session, "dispatch_edited", row, actor=actor, now=now)


def void_dispatch(
    session: Session, row: Dispatch, reason: str, *, actor: Actor, now: datetime
) -> None:
    """作废 of what was registered by mistake: it stays, and counts no more."""
    ensure_conducts(actor, row.region_id)
    _ensure_valid(row)
    row.voided_on, row.void_reason = local_date(now), reason
    touch(row, actor=actor, now=now)
    _audit(session, "dispatch_voided", row, actor=actor, now=now, reason=reason)


def _check(
    session: Session, region_id: int, draft: DispatchDraft, present: Dispatch | None, *, today: date
) -> None:
    if draft.sent_on > today:
        raise DomainError("报送日期不能晚于今天，请核对。")
    if draft.as_of is not None and draft.as_of > draft.sent_on:
        raise DomainError("数据截至日不能晚于报送日期，请核对。")
    if draft.doc_no is None:
        return
    twin = select(Dispatch.id).where(
        Dispatch.region_id == region_id,
        Dispatch.doc_no == draft.doc_no,
        Dispatch.addressee == draft.addressee,
        Dispatch.voided_on.is_(None),
        Dispatch.id != (present.id if present else 0),
    )
    if session.scalar(twin.limit(1)) is not None:
        raise DomainError(
            f"文号“{draft.doc_no}”报“{draft.addressee}”已经登记过，请核对文号；重报的请用新文号。"
        )


def _ensure_valid(row: Dispatch) -> None:
    if row.voided_on is not None:
        raise DomainError("这条报送登记已作废，不能再改。")


def _audit(
    session: Session,
    action: str,
    row: Dispatch,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="dispatch",
        object_id=row.id,
        detail={"reason": reason} if reason else {},
    )
