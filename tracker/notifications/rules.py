"""Words of sending, and its pure rules: classes of failure, retries, the rolling minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tracker.kernel.labels import LabelledEnum


class ChannelKind(LabelledEnum):
    """Who hears a channel."""

    SHARED = "shared", "联络员群"
    UNIT = "unit", "单位群"
    OFFICE = "office", "巡察办群"
    APP = "app", "企业微信应用消息"
    MAIL = "mail", "电子邮件"
    INBOX = "inbox", "站内消息"


GROUPS = (ChannelKind.SHARED, ChannelKind.UNIT, ChannelKind.OFFICE)
"""Group robots; every other kind reaches one person."""
WAYS = (ChannelKind.APP, ChannelKind.MAIL, ChannelKind.INBOX)
"""Ways to one person, in the order they are tried."""


class ChannelState(LabelledEnum):
    """Whether a robot can be used."""

    ACTIVE = "active", "正常"
    BROKEN = "broken", "失效"
    DISABLED = "disabled", "停用"


class MessageState(LabelledEnum):
    """How far a message has come."""

    QUEUED = "queued", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    RETRY_AT = "retry_at", "等待重试"
    FAILED = "failed", "发送失败"
    UNCERTAIN = "uncertain", "送达结果不明"
    CANCELLED = "cancelled", "已取消"


class Audience(LabelledEnum):
    """Whom a message is for; part of its key."""

    UNIT = "unit", "单位"
    OFFICE = "office", "巡察办"
    LIAISONS = "liaisons", "联络员"
    LEAD = "lead", "巡察办主任"
    OWNER = "owner", "责任人"
    LEAD_LEADER = "lead_leader", "责任领导"
    HEAD = "head", "党组织主要负责人"


PERSONAL = frozenset({Audience.OWNER, Audience.LEAD_LEADER, Audience.HEAD})
"""Persons: never spoken to in a group, each reached in a way of their own or called."""


class Way(LabelledEnum):
    """By which kind of channel something is said; the default goes by whom it is for."""

    DEFAULT = "default", "默认"
    GROUP = "group", "群机器人"
    APP = "app", "应用消息"
    INBOX = "inbox", "站内消息"
    MAIL = "mail", "邮件"


WAY_KINDS = {
    Way.APP: ChannelKind.APP,
    Way.INBOX: ChannelKind.INBOX,
    Way.MAIL: ChannelKind.MAIL,
}
"""Ways to one person, whoever it is for."""


def is_personal(audience: Audience, way: Way) -> bool:
    """Return whether a message is for one person, not for a group."""
    return audience in PERSONAL or way in WAY_KINDS


class Reason(LabelledEnum):
    """Why a message or a channel stands where it stands."""

    NOT_WANTED = "not_wanted", "任务已销号或不再需要"
    DISSOLVED = "dissolved", "未发出，内容已退回待发送"
    NO_ANSWER = "no_answer", "已提交但没有收到回执，可能已送达"
    WORKER_DIED = "worker_died", "发送程序中断，可能已送达"
    CANNOT_OPEN = "cannot_open", "系统密钥已更换，无法读取机器人地址。请重新填写地址"
    NOT_ALLOWED = "not_allowed", "机器人地址不在允许名单内。请联系管理员，或更换地址"
    DISABLED = "disabled", "管理员已停用"
    NOBODY = "nobody", "没有登记应提醒的人，未发送。请在任务上登记责任人，或电话催办"
    NO_WAY = "no_way", "没有能送到本人的方式，未发送。请登记企业微信账号或邮箱，或电话催办"
    NEXT_WAY = "next_way", "这种方式送不到本人，已改用其他方式"


class Failure(StrEnum):
    """Classes of a refused or lost message; what to do follows from the class alone."""

    PAUSED = "paused"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    BROKEN = "broken"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    PERSONAL = "personal"


TOO_OFTEN = frozenset({45009, 130101})
SERVER_BUSY = frozenset({-1, 45033})
ROBOT_DEAD = frozenset({93000, 93004, 93008})
OPEN_STATES = (MessageState.QUEUED, MessageState.SENDING, MessageState.RETRY_AT)
RESENDABLE = frozenset({MessageState.FAILED, MessageState.UNCERTAIN})
SETTLED = frozenset(
    {
        MessageState.SENT,
        MessageState.FAILED,
        MessageState.UNCERTAIN,
        MessageState.CANCELLED,
    }
)


class Explanation(LabelledEnum):
    """What an errcode means, and what to do. Codes of the official list of return codes."""

    OK = "0", "已被群机器人接受"
    BUSY = "-1", "企业微信系统繁忙，系统会自动重试"
    BAD_TYPE = "40008", "消息类型不被接受。请把编号告诉管理员，可手动重发"
    BAD_CHARACTER = "40033", "内容含有不被接受的字符。请把编号告诉管理员"
    BAD_PARAMETER = "40058", "内容超长或参数不对。请把编号告诉管理员，可手动重发"
    EMPTY = "44004", "内容为空。请把编号告诉管理员"
    TOO_LONG = "45002", "内容超长。请把编号告诉管理员，可手动重发"
    TOO_OFTEN = "45009", "发送过于频繁，机器人暂停约一分钟后自动继续"
    TOO_OFTEN_TOO = "130101", "发送过于频繁，机器人暂停约一分钟后自动继续"
    CONCURRENT = "45033", "同时调用过多，系统会自动重试"
    REMOVED = "93000", "机器人已被移出群或地址错误，请在群里重新复制地址并更换"
    STOPPED = "93004", "机器人已被停用，请在群里重新启用或新建机器人并更换地址"
    NOT_IN_GROUP = "93008", "机器人不在群里，请在群里重新添加机器人并更换地址"
    UNKNOWN = "unknown", "企业微信拒收，错误码不在已知列表中。请把错误码告诉管理员，可手动重发"


class NoAnswer(LabelledEnum):
    """What it means that the far end gave no errcode, and what to do; by how our words begin."""

    NOT_CONNECTED = "not connected", "连接不上企业微信。请检查网络、代理和证书设置，系统会自动重试"
    LOST = "no answer", "已提交但没有收到回执，可能已送达。系统按同一编号最多再发一次"
    BAD_REPLY = "HTTP", "对方返回的不是企业微信的回执。请检查机器人地址和代理，系统会自动重试"


def explain(errcode: int | None) -> str:
    """Return what an errcode means in Chinese; "" where there is nothing to explain."""
    if errcode is None:
        return ""
    try:
        return Explanation(str(errcode)).label
    except ValueError:
        return Explanation.UNKNOWN.label


def explain_answer(errcode: int | None, answer: str | None) -> str:
    """Return in Chinese what came of an attempt, and what to do; "" where none was made."""
    if errcode is not None or not answer:
        return explain(errcode)
    return next((each.label for each in NoAnswer if answer.startswith(each.value)), answer)


def names_one_person(userid: str) -> bool:
    """Return whether an account of enterprise WeChat is a member's: `@all` would be everybody's."""
    return bool(userid) and not userid.startswith("@")


def failure_of(errcode: int) -> Failure:
    """Return the class of a non-zero errcode. Decided on the code, never on errmsg."""
    if errcode in TOO_OFTEN:
        return Failure.PAUSED
    if errcode in SERVER_BUSY:
        return Failure.BUSY
    return Failure.BROKEN if errcode in ROBOT_DEAD else Failure.REFUSED


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast one robot key may be used, and how long things take. All settings."""

    per_window: int = 18
    window: timedelta = timedelta(seconds=60)
    pause: timedelta = timedelta(seconds=65)
    lease: timedelta = timedelta(seconds=180)
    resend_after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class QuietHours:
    """The hours of Beijing time in which nothing is sent: from `begins` on, until `ends`."""

    begins: int = 20
    ends: int = 8

    def has(self, hour: int) -> bool:
        """Return whether an hour of the day is quiet; equal ends mean that none is."""
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


RETRY_DELAYS = {
    Failure.BUSY: tuple(timedelta(seconds=seconds) for seconds in (10, 40, 120)),
    Failure.UNAVAILABLE: tuple(timedelta(minutes=minutes) for minutes in (1, 3, 10, 30, 60)),
}
UNCERTAIN_RESENDS = 1


def retry_delay(failure: Failure, *, failures: int, jitter: float) -> timedelta | None:
    """Return how long to wait after the n-th failure in a row; None = give up, visibly.

    `jitter` in [0, 1) stretches the wait by up to a fifth, so that processes part ways.
    """
    delays = RETRY_DELAYS.get(failure, ())
    return delays[failures - 1] * (1 + jitter / 5) if failures <= len(delays) else None


def free_at(
    attempts: Sequence[datetime], *, paused_until: datetime | None, pace: Pace, now: datetime
) -> datetime:
    """Return when the next attempt may be made: `now` when a token of the rolling window is free.

    Attempts stamped in the future come from a clock that was set back; within one window they
    still count, further off they are nonsense and do not.
    """
    recent = sorted(at for at in attempts if now - pace.window < at <= now + pace.window)
    free = now
    if len(recent) >= pace.per_window:
        free = recent[-pace.per_window] + pace.window
    return max(now, free, paused_until or now)
