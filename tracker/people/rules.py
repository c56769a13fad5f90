"""Sign-in rules: what a password must be, when a name or address is locked, when a session ends.

Numbers follow what 等保 assessors commonly ask (GB/T 22239-2019 gives none).
"""

import re
from datetime import date, datetime, timedelta

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Role

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 128
MAX_FAILURES = 5
MAX_FAILURES_OF_ADDRESS = 30
LOCK = timedelta(minutes=30)
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
STATE_LASTS = timedelta(minutes=5)
COMMON = (
    "password",
    "admin",
    "12345",
    "qwerty",
    "abc123",
    "888888",
    "666666",
    "xuncha",
    "zhenggai",
)


def password_faults(password: str, username: str) -> list[str]:
    """Return every reason why a password is refused, as Chinese sentences; empty when it is fine."""
    faults = []
    if not MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH:
        faults.append(f"密码长度应为 {MINIMUM_LENGTH} 至 {MAXIMUM_LENGTH} 个字符。")
    if _classes(password) < 3:
        faults.append("密码应包含大写字母、小写字母、数字、符号中的至少三种。")
    lowered = password.lower()
    if username and username.lower() in lowered:
        faults.append("密码中不能包含登录名。")
    if any(word in lowered for word in COMMON):
        faults.append("密码中有太常见的内容，请换一个。")
    return faults


def _classes(password: str) -> int:
    return sum(
        bool(re.search(pattern, password))
        for pattern in ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")
    )


def is_locked(failures: int, failures_of_address: int) -> bool:
    """Return whether sign-in is refused, from the failures within the last LOCK period."""
    return failures >= MAX_FAILURES or failures_of_address >= MAX_FAILURES_OF_ADDRESS


def session_is_over(started_at: datetime, last_seen_at: datetime, *, now: datetime) -> bool:
    """Return whether a session has been idle, or has lasted, too long."""
    return now - last_seen_at > IDLE or now - started_at > ABSOLUTE


class PostKind(LabelledEnum):
    """What a post is for: who answers for the unit, for a field of its work, for the papers."""

    HEAD = "head", "主要负责人"
    DEPUTY = "deputy", "分管领导"
    LIAISON = "liaison", "联络员"
    OFFICE = "office", "巡察办岗位"
    OTHER = "other", "其他"


SIGN_IN_OF_POST = {PostKind.HEAD: Role.UNIT_HEAD, PostKind.LIAISON: Role.UNIT_LIAISON}


def check_days_held(from_on: date, to_on: date | None) -> None:
    """Refuse an end before the beginning; both days are included."""
    if to_on is not None and to_on < from_on:
        raise DomainError("卸任日期早于任职日期，请核对。")


class WecomRefusal(LabelledEnum):
    """Why nobody was let in who came back from enterprise WeChat, and what to do next.

    One sentence for an unknown userid, a disabled or locked account, and one that several bear.
    """

    STATE = (
        "state",
        (
            "这次企业微信登录已失效：超过 5 分钟、已用过，或不是从这个浏览器发起的。"
            "请重新点“企业微信登录”，或用登录名和密码登录。"
        ),
    )
    CODE = (
        "code",
        "企业微信没有给出有效的授权。请重新点“企业微信登录”，或用登录名和密码登录。",
    )
    OUTSIDER = (
        "outsider",
        "您不是本单位企业微信的成员，不能用企业微信登录。请用登录名和密码登录。",
    )
    NOBODY = (
        "nobody",
        (
            "没有与您的企业微信账号对应、可以登录的账号，或账号暂时不能使用。"
            "请用登录名和密码登录，或请系统管理员核对您的企业微信账号。"
        ),
    )
    HOST = (
        "host",
        "现在连不上企业微信。请用登录名和密码登录，或稍后再试。",
    )
    SETUP = (
        "setup",
        (
            "企业微信不接受本系统的应用或网址。请用登录名和密码登录，"
            "并请系统管理员检查企业微信登录的设置（可信域名、企业可信IP、Secret）。"
        ),
    )


def state_is_good(begun_at: datetime, *, now: datetime) -> bool:
    """Return whether a sign-in begun at an instant may still be finished."""
    return timedelta() <= now - begun_at <= STATE_LASTS


def counts_as_failure(refusal: WecomRefusal) -> bool:
    """Return whether a refusal is held against the address it came from; a dead host is not."""
    return refusal not in (WecomRefusal.HOST, WecomRefusal.SETUP)
