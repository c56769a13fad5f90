"""对应词: keep, change and remove what an office has said the words of its headers mean."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.header_words import Meaning
from tracker.ledger.layouts import ColumnReading
from tracker.ledger.models import HeaderWord
from tracker.organizations.scope import ensure_conducts


def learn_words(
    session: Session,
    region_id: int,
    words: Mapping[str, Meaning],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was confirmed; what the office said of the same words before gives way."""
    ensure_conducts(actor, region_id)
    of_region = select(HeaderWord).where(
        HeaderWord.region_id == region_id, HeaderWord.word.in_(words)
    )
    known = {row.word: row for row in session.scalars(of_region)}
    for word, meaning in words.items():
        row = known.get(word)
        if row is None:
            stamps = born(actor=actor, now=now)
            row = HeaderWord(region_id=region_id, word=word, meaning=meaning.value, **stamps)
            session.add(row)
        elif row.meaning != meaning.value:
            row.meaning = meaning.value
            touch(row, actor=actor, now=now)


def change_word(
    session: Session, row: HeaderWord, meaning: Meaning, *, actor: Actor, now: datetime
) -> None:
    """Let a word mean something else from now on; what was imported stays as it is."""
    ensure_conducts(actor, row.region_id)
    row.meaning = meaning.value
    touch(row, actor=actor, now=now)
    _audit(session, "header_word_changed", row, actor=actor, now=now)


def remove_word(session: Session, row: HeaderWord, *, actor: Actor, now: datetime) -> None:
    """Forget a word: the shipped synonyms decide again."""
    ensure_conducts(actor, row.region_id)
    _audit(session, "header_word_removed", row, actor=actor, now=now)
    session.delete(row)


def check_heeded(found: tuple[str, ColumnReading] | None) -> None:
    """Refuse to go on when the new reading takes a column otherwise than was chosen."""
    if found is not None:
        sheet, column = found
        raise DomainError(
            f"工作表“{sheet}”的“{column.label}”没能按所选栏目读取，没有保存。"
            "请重新上传后再核对对应列；仍不行的，请在文件中修改这个表头。"
        )


def _audit(session: Session, action: str, row: HeaderWord, *, actor: Actor, now: datetime) -> None:
    record(session, action, actor=actor, now=now, object_type="header_word", object_id=row.id)
