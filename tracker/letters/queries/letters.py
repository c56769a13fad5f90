"""Load letters: the office its own, everybody else only what was issued."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.feedback.models import Issue
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.letters.models import Letter, LetterEvent, LetterReply
from tracker.letters.rules.letters import NUMBERED, WITH_UNIT, LetterState
from tracker.organizations.scope import OFFICE, UNIT, conducts, sees

PAGE_SIZE = 50
FEW = 8
S, P = LetterState, Permission


def visible_letters(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a letter.

    Drafts are the writing office's alone, signed ones also its leaders'; units, supervisors and
    other offices see a letter once it was sent, and keep seeing it when it is voided.
    """
    seen = sees(actor, region=Letter.region_id, unit=Letter.unit_id)
    if actor.role is None:
        return seen
    sent: ColumnElement[bool] = Letter.sent_on.is_not(None)
    if _writes(actor):
        return and_(seen, or_(conducts(actor, region=Letter.region_id), sent))
    if actor.role in OFFICE:
        signed = and_(conducts(actor, region=Letter.region_id), Letter.state.in_(sorted(NUMBERED)))
        return and_(seen, or_(signed, sent))
    return and_(seen, sent)


def _writes(actor: Actor) -> bool:
    return may(actor, P.LETTER_EDIT) or may(actor, P.LETTER_SIGN)


def is_open_reply() -> ColumnElement[bool]:
    """Return the condition of a letter whose unit still owes its reply."""
    return and_(Letter.needs_reply, Letter.state.in_(sorted(WITH_UNIT)))


def is_reply_overdue(today: date) -> ColumnElement[bool]:
    """Return the condition of a reply that is late: lateness is calendar days past the due date."""
    return and_(is_open_reply(), Letter.reply_due < today)


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of a letter on which this person has to act next."""
    if actor.role in UNIT:
        return and_(Letter.unit_id == actor.unit_id, or_(Letter.state == S.SENT, is_open_reply()))
    states = set()
    if may(actor, P.LETTER_SIGN):
        states |= {S.DRAFT}
    if may(actor, P.LETTER_EDIT):
        states |= {S.SIGNED, S.REPLIED}
    if actor.role is None or not states:
        return false()
    return and_(conducts(actor, region=Letter.region_id), Letter.state.in_(sorted(states)))


def get_letter(session: Session, letter_id: int, *, actor: Actor) -> Letter:
    """Return a letter with what its page needs. NotVisibleError when it is not for the actor."""
    query = (
        select(Letter)
        .where(Letter.id == letter_id, visible_letters(actor))
        .options(
            joinedload(Letter.unit),
            joinedload(Letter.region),
            joinedload(Letter.file),
            selectinload(Letter.tasks),
            selectinload(Letter.issues).joinedload(Issue.feedback),
            selectinload(Letter.replies).joinedload(LetterReply.file),
        )
    )
    letter = session.scalar(query)
    if letter is None:
        raise NotVisibleError
    return letter


def get_reply(session: Session, reply_id: int, *, actor: Actor) -> LetterReply:
    """Return a reply to a letter the actor may see."""
    query = (
        select(LetterReply)
        .join(LetterReply.letter)
        .where(LetterReply.id == reply_id, visible_letters(actor))
        .options(joinedload(LetterReply.file))
    )
    reply = session.scalar(query)
    if reply is None:
        raise NotVisibleError
    return reply


def events_of(session: Session, letter: Letter) -> list[LetterEvent]:
    """Return every step of a letter, oldest first."""
    query = select(LetterEvent).where(LetterEvent.letter_id == letter.id)
    return list(session.scalars(query.order_by(LetterEvent.id)))


@dataclass(frozen=True, kw_only=True)
class LetterFilter:
    """What a list of letters is narrowed to. `after` is the last id of the page before."""

    state: LetterState | None = None
    unit_id: int | None = None
    kind: str = ""
    year: int | None = None
    only: str = ""
    text: str = ""
    after: int | None = None


ONLY: dict[str, tuple[str, Any]] = {
    "waiting": ("等我办理", lambda actor, _today: waits_for(actor)),
    "open": ("待回复", lambda _actor, _today: is_open_reply()),
    "overdue": ("逾期未回复", lambda _actor, today: is_reply_overdue(today)),
    "all": ("全部（含弃稿）", lambda _actor, _today: true()),
}


def list_letters(
    session: Session, wanted: LetterFilter, *, actor: Actor, today: date, size: int = PAGE_SIZE
) -> list[Letter]:
    """Return one page, the newest first, and one row more when there is a next page."""
    query = (
        narrowed(select(Letter), wanted, actor=actor, today=today)
        .options(joinedload(Letter.unit))
        .order_by(Letter.id.desc())
        .limit(size + 1)
    )
    if wanted.after is not None:
        query = query.where(Letter.id < wanted.after)
    return list(session.scalars(query))


def count_letters(session: Session, wanted: LetterFilter, *, actor: Actor, today: date) -> int:
    """Return how many letters a filter finds for this person."""
    query = narrowed(select(func.count(Letter.id)), wanted, actor=actor, today=today)
    return session.scalar(query) or 0


def narrowed(query: Select[Any], wanted: LetterFilter, *, actor: Actor, today: date) -> Select[Any]:
    """Narrow a query over letters: scope first, then what was asked for."""
    conditions: list[ColumnElement[bool]] = [visible_letters(actor)]
    if wanted.state is not None:
        conditions.append(Letter.state == wanted.state)
    elif wanted.only != "all":
        conditions.append(Letter.state != S.DISCARDED)
    if wanted.only in ONLY:
        conditions.append(ONLY[wanted.only][1](actor, today))
    for column, value in (
        (Letter.unit_id, wanted.unit_id),
        (Letter.kind_code, wanted.kind or None),
        (Letter.year, wanted.year),
    ):
        if value is not None:
            conditions.append(column == value)
    if wanted.text:
        conditions.append(_says(wanted.text))
    return query.where(*conditions)


def _says(text: str) -> ColumnElement[bool]:
    """A title's words, a kind, or a number: 12 and 〔2026〕12号 both find it."""
    found = [
        Letter.title.contains(text, autoescape=True),
        Letter.organ_code.contains(text, autoescape=True),
    ]
    digits = text.removesuffix("号").rpartition("〕")[2]
    if digits.isdecimal() and digits.isascii() and len(digits) <= 6:
        found.append(Letter.number == int(digits))
    return or_(*found)


def open_replies(session: Session, *, actor: Actor, limit: int = FEW) -> list[Letter]:
    """Return letters of the actor's scope whose reply is still owed, the earliest due first."""
    return _first(session, actor, is_open_reply(), limit)


def on_the_desk(session: Session, *, actor: Actor, limit: int = FEW) -> list[Letter]:
    """Return what the 工作台 shows: letters this person has to act on, and replies still owed."""
    return _first(session, actor, or_(waits_for(actor), is_open_reply()), limit)


def _first(
    session: Session, actor: Actor, condition: ColumnElement[bool], limit: int
) -> list[Letter]:
    query = (
        select(Letter)
        .where(visible_letters(actor), condition)
        .options(joinedload(Letter.unit))
        .order_by(Letter.reply_due.is_(None), Letter.reply_due, Letter.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def letters_of_task(session: Session, task_id: int, *, actor: Actor) -> list[Letter]:
    """Return the letters about a task that the actor may see, the newest first."""
    query = (
        select(Letter)
        .where(Letter.tasks.any(id=task_id), Letter.state != S.DISCARDED, visible_letters(actor))
        .order_by(Letter.id.desc())
    )
    return list(session.scalars(query))
