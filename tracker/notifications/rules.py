"""Words of sending: kinds of channel, states of a message."""

from tracker.kernel.labels import LabelledEnum


class ChannelKind(LabelledEnum):
    """Who hears a channel."""

    SHARED = "shared", "联络员群"
    UNIT = "unit", "单位群"
    OFFICE = "office", "巡察办群"


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
