"""The office's own words: the built-in ones, and over them what the region has changed."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.settings import DictionaryEntry
from tracker.letters.models import LetterKind
from tracker.letters.rules.words import (
    BUILT_IN_FORMS,
    BUILT_IN_KINDS,
    FORM_DICTIONARY,
    LETTER_KINDS,
    Held,
    LetterKindWords,
)


def letter_kinds(session: Session, region_id: int) -> list[LetterKindWords]:
    """Return every kind of letter of a region, the switched-off ones too, in printed order."""
    found = {kind.code: kind for kind in BUILT_IN_KINDS}
    for row in _own_kinds(session, region_id):
        found[row.entry.code] = LetterKindWords(
            code=row.entry.code,
            label=row.entry.label,
            organ_code=row.organ_code,
            organ_name=row.organ_name,
            needs_reply=row.needs_reply,
            reply_days=row.reply_days,
            is_active=row.entry.is_active,
            version=row.version,
        )
    return list(found.values())


def _own_kinds(session: Session, region_id: int) -> list[LetterKind]:
    query = (
        select(LetterKind)
        .join(LetterKind.entry)
        .where(DictionaryEntry.dictionary == LETTER_KINDS, DictionaryEntry.region_id == region_id)
        .options(joinedload(LetterKind.entry))
        .order_by(DictionaryEntry.sort_no, DictionaryEntry.id)
    )
    return list(session.scalars(query))


def active_kinds(session: Session, region_id: int) -> list[LetterKindWords]:
    """Return the kinds an office may choose from."""
    return [kind for kind in letter_kinds(session, region_id) if kind.is_active]


def letter_kind(session: Session, region_id: int, code: str) -> LetterKindWords:
    """Return one kind. NotVisibleError for a code that the region does not know."""
    for kind in letter_kinds(session, region_id):
        if kind.code == code:
            return kind
    raise NotVisibleError


def own_kind(session: Session, region_id: int, code: str) -> LetterKind | None:
    """Return the row with which a region changed or added a kind."""
    rows = _own_kinds(session, region_id)
    return next((row for row in rows if row.entry.code == code), None)


def forms_of(session: Session, region_id: int, held: Held) -> dict[str, str]:
    """Return the forms of 问责 by code: built in, changed and added to by the region's dictionary."""
    found = dict(BUILT_IN_FORMS[held])
    query = select(DictionaryEntry).where(
        DictionaryEntry.dictionary == FORM_DICTIONARY[held],
        DictionaryEntry.region_id == region_id,
    )
    for entry in session.scalars(query.order_by(DictionaryEntry.sort_no, DictionaryEntry.id)):
        if entry.is_active:
            found[entry.code] = entry.label
        else:
            found.pop(entry.code, None)
    return found
