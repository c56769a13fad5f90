"""Keep a draft, offer it again, forget it. No business change: nothing here is audited."""

import json
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.drafts.models import Draft
from tracker.drafts.rules import KEPT_FOR, MAX_DRAFTS, Fields, check_key, check_size, says_something

KEY = ["user_id", "form_key"]


def keep_draft(
    session: Session, user_id: int, form_key: str, fields: Fields, *, now: datetime
) -> bool:
    """Keep a form's fields in place of what was kept before; return whether there was anything.

    An emptied form has no draft. DomainError when it is too large.
    """
    check_key(form_key)
    check_size(fields)
    if not says_something(fields):
        forget_draft(session, user_id, form_key)
        return False
    _put(
        session,
        {
            "user_id": user_id,
            "form_key": form_key,
            "fields": json.dumps(list(fields), ensure_ascii=False),
            "saved_at": now,
        },
    )
    _drop_oldest(session, user_id)
    return True


def _put(session: Session, row: dict[str, Any]) -> None:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    table = cast("Table", Draft.__table__)
    insert = (sqlite.insert if on_sqlite else postgresql.insert)(table).values(row)
    newer = {name: insert.excluded[name] for name in ("fields", "saved_at")}
    session.execute(insert.on_conflict_do_update(index_elements=KEY, set_=newer))


def _drop_oldest(session: Session, user_id: int) -> None:
    newest = (
        select(Draft.id)
        .where(Draft.user_id == user_id)
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
        .limit(MAX_DRAFTS)
    )
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.id.not_in(newest)))


def draft_of(session: Session, user_id: int, form_key: str) -> Draft | None:
    """Return what its owner has not sent yet."""
    return session.scalar(select(Draft).where(Draft.user_id == user_id, Draft.form_key == form_key))


def forget_draft(session: Session, user_id: int, form_key: str) -> None:
    """Drop a draft: it was sent, or given up."""
    session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.form_key == form_key))


def prune(session: Session, *, now: datetime) -> int:
    """Forget drafts nobody came back to; return how many. The caller commits."""
    old = delete(Draft).where(Draft.saved_at < now - KEPT_FOR)
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]
