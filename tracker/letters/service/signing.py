"""Sign a letter — that gives it its number and its file —, send it, declare it void."""

from datetime import datetime
from io import BytesIO

from sqlalchemy.orm import Session

from tracker.files.storage import FileStorage
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.permissions import Actor
from tracker.letters.letter_docx import letter_docx
from tracker.letters.models import Letter
from tracker.letters.rules.letters import LetterState, LetterVerb, check_reply_due
from tracker.letters.service.letter_steps import claim, note_step, take_step
from tracker.letters.service.numbering import take_number


def sign_letter(
    session: Session, letter: Letter, storage: FileStorage, *, actor: Actor, now: datetime
) -> None:
    """签发: number, date and the .docx with both, whose digest is kept.

    The file bears the number, so it is written while the counter is locked. When the transaction
    fails, the number is free again and the file an orphan.
    """
    number_letter(session, letter, actor=actor, now=now)
    name = f"{letter.doc_no} {letter.kind_label}.docx"
    letter.file = storage.store(BytesIO(letter_docx(letter)), name, actor=actor, now=now)


def number_letter(session: Session, letter: Letter, *, actor: Actor, now: datetime) -> None:
    """Sign and number a letter without writing its file, as for one that exists on paper."""
    claim(session, letter, LetterVerb.SIGN, actor=actor)
    today = local_date(now)
    check_reply_due(letter.reply_due, needs_reply=letter.needs_reply, today=today)
    letter.number = take_number(session, letter.region_id, letter.organ_code, today.year)
    letter.year, letter.signed_on, letter.signed_by = today.year, today, actor.label
    before, letter.state = letter.state, LetterState.SIGNED
    touch(letter, actor=actor, now=now)
    note_step(session, letter, LetterVerb.SIGN, before, actor=actor, now=now)


def send_letter(session: Session, letter: Letter, *, actor: Actor, now: datetime) -> None:
    """送达: from now on the unit and its supervisors see it."""
    take_step(session, letter, LetterVerb.SEND, actor=actor, now=now)
    letter.sent_on = local_date(now)


def void_letter(
    session: Session, letter: Letter, reason: str, *, actor: Actor, now: datetime
) -> None:
    """作废: the number stays taken, the letter stays in the list and counts no longer."""
    take_step(session, letter, LetterVerb.VOID, actor=actor, now=now, reason=reason)
    letter.voided_on, letter.void_reason = local_date(now), reason.strip()
