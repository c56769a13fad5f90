"""The test button of a way to persons: one clearly marked message to whoever presses it.

It commits its own steps, as delivery does: no transaction is open while the message travels.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError, DomainError
from tracker.kernel.permissions import Actor
from tracker.notifications import limiter, pacing
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.personal import Letter, PersonalSender
from tracker.notifications.models import Channel
from tracker.notifications.personal import address_of, key_mark
from tracker.notifications.receipts import dissolve_open_digests, mark_sent, put_out_of_use
from tracker.notifications.rules import ChannelKind, ChannelState, Failure, Reason
from tracker.notifications.texts import trial_letter
from tracker.notifications.trial import Trial
from tracker.people.models import Person

LACKING = {
    ChannelKind.APP: "您自己没有登记企业微信账号，收不到测试消息。请先在“人员”里登记。",
    ChannelKind.MAIL: "您自己没有登记邮箱，收不到测试邮件。请先在“人员”里登记。",
}


@dataclass(frozen=True)
class _Begun:
    """A letter about to travel, and until when nothing else may to the same person."""

    address: str
    letter: Letter
    mark: str
    until: datetime


def try_way(
    database: Database,
    way_id: int,
    *,
    sender: PersonalSender,
    sealer: Sealer,
    clock: Clock,
    actor: Actor,
) -> Trial:
    """Send a test message to the actor. Raises DomainError when that cannot be done now."""
    with database.writing() as session:
        now = clock.shared(session.connection())
        begun = _begin(session, way_id, sealer=sealer, now=now, actor=actor)
        session.commit()
    try:
        outcome: Receipt | ChannelError = sender.send(begun.address, begun.letter)
    except ChannelError as error:
        outcome = error
    with database.writing() as session:
        now = clock.shared(session.connection())
        limiter.land(session.connection(), begun.mark, until=begun.until, at=now)
        _note(session, way_id, outcome, now=now, actor=actor)
        session.commit()
    if isinstance(outcome, Receipt):
        return Trial(True, outcome.errcode, f"测试消息已发给您本人：{outcome.answer}。")
    code = "" if not outcome.errcode else f"错误码 {outcome.errcode}："
    return Trial(False, outcome.errcode, f"没有送达。{code}{outcome.answer}。")


def _begin(session: Session, way_id: int, *, sealer: Sealer, now: datetime, actor: Actor) -> _Begun:
    way = session.get_one(Channel, way_id)
    if way.state is ChannelState.DISABLED:
        raise DomainError("这种方式已停用。请先修改并保存，重新启用后再测试。")
    person = session.get(Person, actor.person_id) if actor.person_id else None
    to = address_of(way.kind, person)
    if not to:
        raise DomainError(LACKING.get(way.kind, "您没有登录账号，收不到站内消息。"))
    try:
        address = sealer.open(way.sealed_url) if way.sealed_url else ""
    except ConfigError:
        raise DomainError(f"{Reason.CANNOT_OPEN.label}。") from None
    mark, pace = key_mark(way, actor.person_id), pacing.pace_of(session)
    until = now + pace.lease
    wait = limiter.take_token(session.connection(), mark, pace=pace, now=now, until=until)
    if wait is not None:
        raise DomainError("刚给您发过很多消息，请约一分钟后再测试。")
    number = secrets.token_hex(6)
    return _Begun(address, Letter(to, trial_letter(way.name, number), number), mark, until)


def _note(
    session: Session,
    way_id: int,
    outcome: Receipt | ChannelError,
    *,
    now: datetime,
    actor: Actor,
) -> None:
    way = session.get_one(Channel, way_id)
    if isinstance(outcome, Receipt):
        mark_sent(session, way_id, now=now)
        if way.state is ChannelState.BROKEN:
            way.state, way.state_reason = ChannelState.ACTIVE, None
    elif outcome.kind is Failure.BROKEN:
        put_out_of_use(session, way, outcome.answer)
        dissolve_open_digests(session, way_id)
    elif outcome.kind is Failure.PAUSED:
        limiter.pause(session, way.key_mark, until=now + pacing.pace_of(session).pause)
    record(
        session,
        "channel_tested",
        actor=actor,
        now=now,
        object_type="channel",
        object_id=way_id,
        detail={"errcode": outcome.errcode},
    )
