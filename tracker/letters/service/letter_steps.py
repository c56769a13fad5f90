"""Take one step of a letter: check, change the state, write the history. Nothing else does."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, may
from tracker.letters.models import Letter, LetterEvent
from tracker.letters.rules.letters import BY_VERB, TABLE, UNIT_VERBS, LetterState, LetterVerb, move
from tracker.organizations.scope import UNIT, ensure_conducts
from tracker.rectification.service.steps import lent_by


def ensure_may(letter: Letter, verb: LetterVerb, *, actor: Actor) -> None:
    """Refuse a verb that the role lacks, or a letter of another office or to another unit."""
    if not any(may(actor, permission) for permission in BY_VERB[verb].permissions):
        raise DomainError(f"您的角色不能对函件“{verb.label}”。")
    if actor.role in UNIT:
        if actor.unit_id != letter.unit_id:
            raise NotVisibleError
    else:
        ensure_conducts(actor, letter.region_id)


def available(letter: Letter, *, actor: Actor) -> tuple[LetterVerb, ...]:
    """Return what this person may do to the letter now, in the order of the path."""

    def allowed(verb: LetterVerb) -> bool:
        try:
            ensure_may(letter, verb, actor=actor)
            move(letter.state, verb, needs_reply=letter.needs_reply, reason="-")
        except DomainError:
            return False
        return True

    return tuple(step.verb for step in TABLE if allowed(step.verb))


def take_step(
    session: Session,
    letter: Letter,
    verb: LetterVerb,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> LetterEvent:
    """Move a letter. Of two people who press at once one wins and the other is told."""
    claim(session, letter, verb, actor=actor, reason=reason)
    before = letter.state
    letter.state = BY_VERB[verb].target
    touch(letter, actor=actor, now=now)
    return note_step(session, letter, verb, before, actor=actor, now=now, reason=reason)


def claim(
    session: Session, letter: Letter, verb: LetterVerb, *, actor: Actor, reason: str | None = None
) -> None:
    """Check that the step can be taken, and lock the row in the state it was read in."""
    ensure_may(letter, verb, actor=actor)
    move(letter.state, verb, needs_reply=letter.needs_reply, reason=reason)
    with session.no_autoflush:
        claimed = session.execute(
            update(Letter)
            .where(
                Letter.id == letter.id,
                Letter.state == letter.state,
                Letter.version == letter.version,
            )
            .values(state=letter.state)
            .execution_options(synchronize_session=False)
        )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise DomainError("这份函件刚被别人办理过。请刷新页面，查看最新情况。")


def note_step(
    session: Session,
    letter: Letter,
    verb: LetterVerb,
    before: LetterState | None,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> LetterEvent:
    """Write the history of a step that was just taken."""
    is_for_unit = verb in UNIT_VERBS and actor.role is not None and actor.role not in UNIT
    event = LetterEvent(
        letter_id=letter.id,
        verb=verb,
        from_state=before,
        to_state=letter.state,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
        on_behalf_of=letter.unit.name if is_for_unit else None,
        lent_by=lent_by(actor, *BY_VERB[verb].permissions),
        reason=(reason or "").strip() or None,
    )
    session.add(event)
    record(
        session,
        f"letter_{verb.value}",
        actor=actor,
        now=now,
        object_type="letter",
        object_id=letter.id,
        detail={
            "doc_no": letter.doc_no,
            "from": before.value if before else None,
            "to": letter.state.value,
        },
    )
    return event
