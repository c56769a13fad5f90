"""Keep the dictionary of letters: a region's own names, 机关代字, reply terms."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from tracker.audit.service import record
from tracker.kernel.errors import DomainError, StaleVersionError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import DictionaryEntry
from tracker.letters.models import LetterKind
from tracker.letters.queries.words import letter_kinds, own_kind
from tracker.letters.rules.words import LETTER_KINDS, LetterKindWords
from tracker.organizations.scope import ensure_conducts


def keep_kind(
    session: Session, region_id: int, kind: LetterKindWords, *, actor: Actor, now: datetime
) -> None:
    """Write what a region calls a kind of letter, unless somebody wrote since `kind.version`.

    Letters drafted before keep their words.
    """
    ensure_conducts(actor, region_id)
    known = letter_kinds(session, region_id)
    if any(other.label == kind.label for other in known if other.code != kind.code):
        raise DomainError(f"已有名为“{kind.label}”的函件种类，请不要重复。")
    row = own_kind(session, region_id, kind.code)
    if kind.version != (row.version if row else 0):
        raise StaleVersionError("这种函件")
    if row is None:
        row = LetterKind(
            entry=DictionaryEntry(
                region_id=region_id,
                dictionary=LETTER_KINDS,
                code=kind.code,
                sort_no=len(known),
            )
        )
        session.add(row)
    row.entry.label, row.entry.is_active = kind.label, kind.is_active
    row.organ_code, row.organ_name = kind.organ_code, kind.organ_name
    row.needs_reply, row.reply_days = kind.needs_reply, kind.reply_days
    flag_modified(row, "reply_days")  # its name stands in another table, and counts as a change
    record(
        session,
        "letter_kind_kept",
        actor=actor,
        now=now,
        object_type="letter_kind",
        detail={**vars(kind), "version": row.version, "region_id": region_id},
    )


def new_code(session: Session, region_id: int) -> str:
    """Return a code for a kind of the region's own."""
    query = select(func.count()).where(
        DictionaryEntry.region_id == region_id,
        DictionaryEntry.dictionary == LETTER_KINDS,
        DictionaryEntry.code.like("own-%"),
    )
    return f"own-{(session.scalar(query) or 0) + 1}"
