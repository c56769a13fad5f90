"""The restricted part of clues: who may open it, and what it says, sealed."""

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.handover.models import Clue, ClueDetail, ClueGrant
from tracker.handover.queries.clues import (
    CLUES_ON,
    DETAIL_ON,
    READERS,
    detail_of,
    ensure_may_open_details,
)
from tracker.kernel.clock import local_date
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import born, touch
from tracker.kernel.errors import ConfigError, DomainError, NotVisibleError, StaleVersionError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.kernel.settings import put_setting, region_scope
from tracker.organizations.models import Region
from tracker.organizations.scope import ensure_conducts
from tracker.people.models import User


@dataclass(frozen=True)
class Detail:
    """What a clue says and whom it concerns, in the clear: on the one page that shows it."""

    text: str
    persons: str
    version: int = 0


def open_detail(session: Session, clue: Clue, sealer: Sealer) -> Detail | None:
    """Return a clue's detail, None when nothing was written. The caller has checked who asks."""
    row = detail_of(session, clue)
    if row is None:
        return None
    try:
        said = json.loads(sealer.open(row.sealed))
    except ConfigError:
        raise DomainError(
            "密钥已更换，这条内容打不开。请管理员加回原来的 TRACKER_SECRET_KEY。"
        ) from None
    return Detail(said["text"], said["persons"], row.version)


def note_opening(session: Session, clue: Clue, *, actor: Actor, now: datetime) -> None:
    """Write down that somebody looked. It is committed before anything is shown."""
    _audit(session, "clue_detail_opened", clue, actor=actor, now=now)


def save_detail(
    session: Session, clue: Clue, detail: Detail, sealer: Sealer, *, actor: Actor, now: datetime
) -> None:
    """Seal and keep what a clue says. The trail says only that it was written."""
    ensure_conducts(actor, clue.region_id)
    ensure_may_open_details(session, actor=actor, today=local_date(now))
    if not may(actor, Permission.CLUE_EDIT):
        raise NotVisibleError
    said = json.dumps({"text": detail.text, "persons": detail.persons}, ensure_ascii=False)
    row = detail_of(session, clue)
    if (row.version if row else 0) != detail.version:
        raise StaleVersionError("这条内容")
    if row is None:
        row = ClueDetail(clue_id=clue.id, sealed="", **born(actor=actor, now=now))
        session.add(row)
    else:
        touch(row, actor=actor, now=now)
    row.sealed = sealer.seal(said)
    _audit(session, "clue_detail_saved", clue, actor=actor, now=now)


def switch(
    session: Session, region: Region, key: str, is_on: bool, *, actor: Actor, now: datetime
) -> None:
    """Switch the module, or its detail, on or off in a region."""
    if not may(actor, Permission.GRANT_MANAGE) or key not in (CLUES_ON, DETAIL_ON):
        raise NotVisibleError
    value = "1" if is_on else "0"
    put_setting(session, key, value, by=actor.label, now=now, scope=region_scope(region.id))
    record(
        session,
        f"{key}_switched",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region.id,
        detail={"on": is_on},
    )


@dataclass(frozen=True, kw_only=True)
class GrantDraft:
    """Who may open details between which two days, both included, and why."""

    user_id: int
    from_on: date
    to_on: date
    reason: str


def grant(
    session: Session, region: Region, draft: GrantDraft, *, actor: Actor, now: datetime
) -> ClueGrant:
    """Let one person open the detail of a region's clues for a time."""
    if not may(actor, Permission.GRANT_MANAGE):
        raise NotVisibleError
    user = session.get(User, draft.user_id)
    if user is None or user.region_id != region.id or user.role not in READERS:
        raise NotVisibleError
    if draft.to_on < draft.from_on or draft.to_on < local_date(now):
        raise DomainError("结束日期应在开始日期和今天之后，请核对。")
    row = ClueGrant(
        region_id=region.id,
        granted_by=actor.label,
        **vars(draft),
        **born(actor=actor, now=now),
    )
    session.add(row)
    session.flush()  # the audit entry names the id
    _audit_grant(session, "clue_grant_made", row, actor=actor, now=now)
    return row


def revoke(session: Session, row: ClueGrant, *, actor: Actor, now: datetime) -> None:
    """Take a grant back; it ends at once."""
    if not may(actor, Permission.GRANT_MANAGE):
        raise NotVisibleError
    if row.revoked_at is not None:
        raise DomainError("这项授权已经收回。")
    row.revoked_at = now
    touch(row, actor=actor, now=now)
    _audit_grant(session, "clue_grant_revoked", row, actor=actor, now=now)


def _audit(session: Session, action: str, clue: Clue, *, actor: Actor, now: datetime) -> None:
    record(session, action, actor=actor, now=now, object_type="clue", object_id=clue.id)


def _audit_grant(
    session: Session, action: str, row: ClueGrant, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="clue_grant",
        object_id=row.id,
        detail={
            "user": row.user_id,
            "from": row.from_on.isoformat(),
            "to": row.to_on.isoformat(),
            "reason": row.reason,
        },
    )
