"""Write a letter before it is signed: draft, change, discard."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.letters.models import Letter
from tracker.letters.queries.subjects import chosen_issues, chosen_tasks, get_addressee
from tracker.letters.queries.words import letter_kind
from tracker.letters.rules.letters import LetterState, LetterVerb, check_reply_due
from tracker.letters.service.letter_steps import claim, note_step, take_step


@dataclass(frozen=True, kw_only=True)
class LetterText:
    """What a clerk writes. `reply_due` counts only when a reply is asked for."""

    title: str
    body: str
    needs_reply: bool
    reply_due: date | None
    task_ids: tuple[int, ...] = ()
    issue_ids: tuple[int, ...] = ()


def draft_letter(
    session: Session,
    region_id: int,
    unit_id: int,
    kind_code: str,
    text: LetterText,
    *,
    actor: Actor,
    now: datetime,
) -> Letter:
    """拟稿. No number yet: that comes with the signature."""
    if not may(actor, Permission.LETTER_EDIT):
        raise DomainError("函件由巡察办经办人拟稿。")
    kind = letter_kind(session, region_id, kind_code)
    if not kind.is_active:
        raise DomainError(f"“{kind.label}”已停用，请另选函件种类。")
    unit = get_addressee(session, unit_id, region_id, today=local_date(now))
    letter = Letter(
        region_id=region_id,
        unit=unit,
        unit_id=unit.id,
        kind_code=kind.code,
        kind_label=kind.label,
        organ_code=kind.organ_code,
        organ_name=kind.organ_name,
        state=LetterState.DRAFT,
        **born(actor=actor, now=now),
    )
    _write(session, letter, text, actor=actor, now=now)
    session.add(letter)
    session.flush()  # the history names the letter
    note_step(session, letter, LetterVerb.EDIT, None, actor=actor, now=now)
    return letter


def edit_letter(
    session: Session, letter: Letter, text: LetterText, *, actor: Actor, now: datetime
) -> None:
    """Change a draft; what is signed stays as it was signed."""
    claim(session, letter, LetterVerb.EDIT, actor=actor)
    _write(session, letter, text, actor=actor, now=now)
    touch(letter, actor=actor, now=now)
    record(
        session,
        "letter_edit",
        actor=actor,
        now=now,
        object_type="letter",
        object_id=letter.id,
        detail={"title": letter.title},
    )


def discard_letter(session: Session, letter: Letter, *, actor: Actor, now: datetime) -> None:
    """弃稿: a draft that will not be signed. It never had a number."""
    take_step(session, letter, LetterVerb.DISCARD, actor=actor, now=now)


def _write(
    session: Session, letter: Letter, text: LetterText, *, actor: Actor, now: datetime
) -> None:
    if not text.title.strip() or not text.body.strip():
        raise DomainError("请填写标题和正文。")
    check_reply_due(text.reply_due, needs_reply=text.needs_reply, today=local_date(now))
    where = (letter.unit_id, letter.region_id)
    letter.tasks = chosen_tasks(session, text.task_ids, *where, actor=actor)
    letter.issues = chosen_issues(session, text.issue_ids, *where, actor=actor)
    letter.title, letter.body = text.title.strip(), text.body.strip()
    letter.needs_reply = text.needs_reply
    letter.reply_due = text.reply_due if text.needs_reply else None
