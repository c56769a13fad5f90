"""The test button: one clearly marked real message, counted like any other, its answer shown.

It commits its own steps, as delivery does: no transaction is open while the message travels.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.errors import ConfigError, DomainError
from tracker.kernel.permissions import Actor
from tracker.notifications import limiter, pacing
from tracker.notifications.channels import ChannelError, ChannelSender, Receipt
from tracker.notifications.models import Channel
from tracker.notifications.receipts import (
    dissolve_open_digests,
    mark_failed,
    mark_sent,
    put_out_of_use,
    reason_of,
)
from tracker.notifications.rules import ChannelState, Failure, Reason, explain
from tracker.notifications.texts import trial_text


@dataclass(frozen=True)
class Trial:
    """What came of a test. `sentence` is Chinese and says what to do."""

    is_sent: bool
    errcode: int | None
    sentence: str


def send_test(
    database: Database,
    channel_id: int,
    *,
    sender: ChannelSender,
    sealer: Sealer,
    clock: Clock,
    actor: Actor,
) -> Trial:
    """Send a test message to a channel. Raises DomainError when there is no free token now."""
    url, text, until = _begin(database, channel_id, sealer=sealer, clock=clock)
    try:
        outcome: Receipt | ChannelError = sender.send(url, text, ())
    except ChannelError as error:
        outcome = error
    with database.writing() as session:
        now = clock.shared(session.connection())
        _note(session, channel_id, outcome, now=now, actor=actor)
        key_mark = session.get_one(Channel, channel_id).key_mark
        limiter.land(session.connection(), key_mark, until=until, at=now)
        session.commit()
    return _trial(outcome)


def _begin(
    database: Database, channel_id: int, *, sealer: Sealer, clock: Clock
) -> tuple[str, str, datetime]:
    """Return address, text, and until when nothing else may travel with this key."""
    with database.writing() as session:
        channel = session.get_one(Channel, channel_id)
        if channel.state is ChannelState.DISABLED:
            raise DomainError("这个群已停用。请先更换地址启用，再测试。")
        url = _open(sealer, channel)
        pace = pacing.pace_of(session)
        now = clock.shared(session.connection())
        until = now + pace.lease
        wait = limiter.take_token(
            session.connection(), channel.key_mark, pace=pace, now=now, until=until
        )
        if wait is not None:
            seconds = -(-(wait - now) // timedelta(seconds=1))
            raise DomainError(f"这个机器人刚发过很多消息，请约 {seconds} 秒后再测试。")
        session.commit()
        return url, trial_text(name=channel.name, number=secrets.token_hex(3)), until


def _open(sealer: Sealer, channel: Channel) -> str:
    try:
        return sealer.open(channel.sealed_url)
    except ConfigError:
        raise DomainError(f"{Reason.CANNOT_OPEN.label}。") from None


def _note(
    session: Session,
    channel_id: int,
    outcome: Receipt | ChannelError,
    *,
    now: datetime,
    actor: Actor,
) -> None:
    channel = session.get_one(Channel, channel_id)
    if isinstance(outcome, ChannelError):
        mark_failed(session, channel_id, outcome, now=now)
    if isinstance(outcome, Receipt):
        mark_sent(session, channel_id, now=now)
        if channel.state is ChannelState.BROKEN:
            channel.state, channel.state_reason = ChannelState.ACTIVE, None
    elif outcome.kind is Failure.BROKEN:
        put_out_of_use(session, channel, reason_of(outcome, channel.kind))
        dissolve_open_digests(session, channel_id)
    elif outcome.kind is Failure.PAUSED:
        until = now + pacing.pace_of(session).pause
        limiter.pause(session, channel.key_mark, until=until)
    record(
        session,
        "channel_tested",
        actor=actor,
        now=now,
        object_type="channel",
        object_id=channel_id,
        detail={"errcode": outcome.errcode},
    )


def _trial(outcome: Receipt | ChannelError) -> Trial:
    if isinstance(outcome, Receipt):
        return Trial(True, 0, "测试消息已发送到群，请到群里核对。")
    if outcome.errcode is not None:
        return Trial(
            False, outcome.errcode, f"错误码 {outcome.errcode}：{explain(outcome.errcode)}。"
        )
    sentences = {
        Failure.UNCERTAIN: "没有收到回执，消息可能已送达。请到群里核对。",
        Failure.BROKEN: f"{outcome.answer}。",
    }
    default = f"没有送达（{outcome.answer}）。请核对网络、代理和证书设置后再试。"
    return Trial(False, None, sentences.get(outcome.kind, default))
