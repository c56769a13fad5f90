"""签收 and 回复 by the unit (or entered for it), and what the office decides about a reply."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.letters.models import Letter, LetterReply
from tracker.letters.rules.letters import LetterVerb, ReplyOutcome
from tracker.letters.service.letter_steps import take_step


def receive_letter(session: Session, letter: Letter, *, actor: Actor, now: datetime) -> None:
    """签收."""
    take_step(session, letter, LetterVerb.RECEIVE, actor=actor, now=now)
    letter.received_on = local_date(now)


def reply_to_letter(
    session: Session,
    letter: Letter,
    text: str,
    file: StoredFile | None,
    *,
    actor: Actor,
    now: datetime,
) -> LetterReply:
    """回复: text, with or without a file. A returned reply is answered by a new one."""
    if not text.strip():
        raise DomainError("请填写回复内容。")
    event = take_step(session, letter, LetterVerb.REPLY, actor=actor, now=now)
    reply = LetterReply(
        letter=letter,
        text=text.strip(),
        file=file,
        replied_on=local_date(now),
        replier=actor.label,
        replier_user_id=actor.user_id,
        on_behalf_of=event.on_behalf_of,
        **born(actor=actor, now=now),
    )
    session.add(reply)
    return reply


def accept_reply(session: Session, letter: Letter, *, actor: Actor, now: datetime) -> None:
    """审核通过: the letter is settled."""
    take_step(session, letter, LetterVerb.ACCEPT_REPLY, actor=actor, now=now)
    letter.accepted_on = local_date(now)
    _decide(letter, ReplyOutcome.ACCEPTED, None, actor=actor, now=now)


def return_reply(
    session: Session, letter: Letter, reason: str, *, actor: Actor, now: datetime
) -> None:
    """退回回复 with a reason; the reply's due date stays as it was."""
    take_step(session, letter, LetterVerb.RETURN_REPLY, actor=actor, now=now, reason=reason)
    _decide(letter, ReplyOutcome.RETURNED, reason.strip(), actor=actor, now=now)


def _decide(
    letter: Letter, outcome: ReplyOutcome, reason: str | None, *, actor: Actor, now: datetime
) -> None:
    reply = letter.replies[-1]
    reply.outcome, reply.decision_reason = outcome, reason
    reply.decided_on, reply.decided_by = local_date(now), actor.label
    touch(reply, actor=actor, now=now)
