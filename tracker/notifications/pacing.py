"""节奏: how fast and how often things are sent. Settings with bounds; what is out of bounds counts
as not set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import GLOBAL, Setting, get_setting, put_setting
from tracker.notifications.rules import Pace, QuietHours


@dataclass(frozen=True, kw_only=True)
class Dial:
    """One number that can be set: its key, what it is called and means, default and bounds.

    `least` binds whoever sets it; a smaller number written into the table counts down to 1.
    """

    key: str
    label: str
    hint: str
    unit: str
    default: int
    least: int
    most: int


PER_WINDOW = Dial(
    key="robot_messages_per_minute",
    label="每个机器人每个时间窗最多发送",
    hint="企业微信规定每个机器人每分钟不超过 20 条，超过会被拒收。留有余量为好。",
    unit="条",
    default=18,
    least=1,
    most=20,
)
WINDOW = Dial(
    key="robot_window_seconds",
    label="时间窗",
    hint="按任意连续的这么多秒计数。企业微信按 60 秒限制，不宜改小。",
    unit="秒",
    default=60,
    least=60,
    most=300,
)
PAUSE = Dial(
    key="robot_pause_seconds",
    label="被提示“发送过于频繁”后暂停",
    hint="收到错误码 45009 后，这个机器人暂停发送的时间，之后自动继续。",
    unit="秒",
    default=65,
    least=60,
    most=600,
)
LEASE = Dial(
    key="sending_lease_seconds",
    label="发送租约",
    hint="一个发送进程中断后，过这么久由其他进程接手。应比时间窗至少长 60 秒。",
    unit="秒",
    default=180,
    least=120,
    most=900,
)
WORKERS = Dial(
    key="delivery_workers",
    label="同时发送的群数",
    hint="一个进程同时向几个群发送。每个机器人始终一次只发一条。",
    unit="个",
    default=10,
    least=1,
    most=64,
)
DIGESTS = Dial(
    key="digests_per_day",
    label="每个群每个工作日最多几次提醒",
    hint="超出的内容并入下一个工作日的提醒。同一次提醒分成几条、重发和测试消息不计。",
    unit="次",
    default=1,
    least=1,
    most=5,
)
DIALS = (PER_WINDOW, WINDOW, PAUSE, LEASE, WORKERS, DIGESTS)
QUIET_HOURS = "quiet_hours"
MOST_A_MINUTE, MINUTE_SECONDS = 20, 60  # the host's own limit
SLOT_HOURS = range(9, 18)  # in which digests are composed


def numbers(session: Session) -> dict[str, int]:
    """Return what each dial stands at, by key; one statement."""
    rows = session.execute(
        select(Setting.key, Setting.value).where(
            Setting.scope == GLOBAL, Setting.key.in_([dial.key for dial in DIALS])
        )
    )
    told = {row.key: row.value for row in rows}
    return {dial.key: number(dial, told.get(dial.key, "")) or dial.default for dial in DIALS}


def number(dial: Dial, value: str) -> int | None:
    """Return the number that a setting's text says; None where it is out of bounds or none."""
    known = value.isdecimal() and len(value) <= 6 and 1 <= int(value) <= dial.most
    return int(value) if known else None


def pace_of(session: Session) -> Pace:
    """Return how fast a robot may be used: the settings, or the defaults."""
    told = numbers(session)
    return Pace(
        per_window=told[PER_WINDOW.key],
        window=timedelta(seconds=told[WINDOW.key]),
        pause=timedelta(seconds=told[PAUSE.key]),
        lease=timedelta(seconds=told[LEASE.key]),
    )


def workers_of(session: Session) -> int:
    """Return how many messages a process sends at once."""
    return numbers(session)[WORKERS.key]


def quiet_hours(session: Session) -> QuietHours:
    """Return when nothing is sent: the setting `20-8`, hours of the day, or the default."""
    begins, _dash, ends = get_setting(session, QUIET_HOURS, "").partition("-")
    if not (begins.isdecimal() and ends.isdecimal() and max(int(begins), int(ends)) <= 24):
        return QuietHours()
    return QuietHours(int(begins), int(ends))


def standing(session: Session) -> dict[str, int]:
    """Return what a page shows: every dial, and the quiet hours."""
    quiet = quiet_hours(session)
    return {**numbers(session), "quiet_begins": quiet.begins, "quiet_ends": quiet.ends}


def keep(session: Session, told: Mapping[str, int], *, actor: Actor, now: datetime) -> None:
    """Set the dials and the quiet hours; what changed is audited. Raises DomainError."""
    _check(told)
    before = standing(session)
    changed = {key: value for key, value in told.items() if before[key] != value}
    for dial in DIALS:
        if dial.key in changed:
            put_setting(session, dial.key, str(changed[dial.key]), by=actor.label, now=now)
    if changed.keys() & {"quiet_begins", "quiet_ends"}:
        hours = f"{told['quiet_begins']}-{told['quiet_ends']}"
        put_setting(session, QUIET_HOURS, hours, by=actor.label, now=now)
    if changed:
        record(session, "sending_pace_kept", actor=actor, now=now, detail=changed)


def _check(told: Mapping[str, int]) -> None:
    for dial in DIALS:
        if not dial.least <= told[dial.key] <= dial.most:
            raise DomainError(f"“{dial.label}”请填 {dial.least} 至 {dial.most} 的整数。")
    if told[PER_WINDOW.key] * MINUTE_SECONDS > MOST_A_MINUTE * told[WINDOW.key]:
        raise DomainError("每个机器人每分钟不能超过 20 条，请减少条数或加长时间窗。")
    if told[LEASE.key] < told[WINDOW.key] + MINUTE_SECONDS:
        raise DomainError("发送租约应比时间窗至少长 60 秒，请加长租约或缩短时间窗。")
    quiet = QuietHours(told["quiet_begins"], told["quiet_ends"])
    if all(quiet.has(hour) for hour in SLOT_HOURS):
        raise DomainError("免打扰时段不能占满 9 时至 18 时，否则当天的提醒发不出去。请缩短时段。")
