"""When the reminders themselves are in trouble: pure rules over what the database says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.kernel.labels import LabelledEnum

LEADER_GRACE = timedelta(minutes=5)
WATCH_GRACE = timedelta(minutes=30)
FAILING_AFTER = timedelta(minutes=10)
MADE_UP_BY = timedelta(hours=1)
QUEUE_ALARM_MINUTES = 60
PASSING_ERRCODES = frozenset({45009, 130101})
"""Too many messages at once: the robot is paused for a minute and goes on by itself."""


class IncidentKind(LabelledEnum):
    """What went wrong."""

    SLOT_MISSED = "slot_missed", "提醒没有按时生成"
    JOB_FAILED = "job_failed", "后台任务失败"
    ROBOT_BROKEN = "robot_broken", "群机器人失效"
    ROBOT_FAILING = "robot_failing", "群机器人发送不成功"
    QUEUE_AGES = "queue_ages", "消息积压"


MEANWHILE = "这期间请按“今天该催谁”电话提醒。"


class Sentence(LabelledEnum):
    """What is said of a trouble: what it is, and what to do. Braces are filled in."""

    SLOT_MISSED = "slot_missed", f"今天的“{{label}}”还没有运行。请检查后台任务进程，{MEANWHILE}"
    JOB_FAILED = "job_failed", f"“{{label}}”最近一次运行失败。请系统管理员查看日志，{MEANWHILE}"
    ROBOT_BROKEN = "robot_broken", "群“{name}”收不到消息：{reason}"
    ROBOT_FAILING = "robot_failing", "群“{name}”发送不成功：{answer}。详见“通道健康”。"
    QUEUE_AGES = "queue_ages", "群“{name}”的消息积压超过 {minutes} 分钟。请到“通道健康”查看原因。"
    NEVER_RAN = "never_ran", f"还没有运行过。请系统管理员启动 python -m jobs，{MEANWHILE}"
    NOT_RUNNING = "not_running", f"停在 {{since}}。请系统管理员启动 python -m jobs，{MEANWHILE}"
    WATCH_STOPPED = "watch_stopped", f"检查停在 {{since}}。请重新启动后台任务进程，{MEANWHILE}"

    def said(self, **words: object) -> str:
        """Return the sentence with its words filled in."""
        return self.label.format(**words)


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong now, with a sentence that says what to do."""

    region_id: int
    kind: IncidentKind
    subject: str
    sentence: str

    @property
    def key(self) -> tuple[int, IncidentKind, str]:
        """Return what makes it the same trouble as before."""
        return (self.region_id, self.kind, self.subject)


@dataclass(frozen=True, kw_only=True)
class Robot:
    """A group robot as the watchdog sees it. `oldest_at`: since when its oldest message waits."""

    channel_id: int
    region_id: int
    name: str
    is_broken: bool
    reason: str
    last_sent_at: datetime | None
    last_failed_at: datetime | None
    last_errcode: int | None
    last_failure: str
    oldest_at: datetime | None

    @property
    def subject(self) -> str:
        """Return how an incident names it."""
        return f"channel:{self.channel_id}"


class Job(LabelledEnum):
    """The jobs without which no reminder goes out: the schedule's name, and what people call it."""

    QUEUE = "queue-reminders", "生成提醒"
    DELIVER = "deliver-notifications", "发送消息"


class Silence(LabelledEnum):
    """What the pages themselves see of jobs processes that say nothing."""

    NO_LEADER = "no_leader", "后台任务进程没有运行"
    WATCH_STOPPED = "watch_stopped", "后台任务没有按时运行"


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A job that must run: on working days in its slot of the day from a time on, or, without
    one, whenever its timer fires."""

    job: Job
    due_at: datetime | None = None

    @property
    def label(self) -> str:
        """Return what people call it."""
        return self.job.label


@dataclass(frozen=True, kw_only=True)
class Ran:
    """The last run of a job: of which day or minute, and whether it failed."""

    slot: str
    is_done: bool
    is_failed: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the watchdog reads: offices that push, their robots, and what the jobs did last.

    `sending_since`: since when today messages may leave; None in the quiet hours and on days off.
    """

    regions: Sequence[int]
    robots: Sequence[Robot]
    duties: Sequence[Duty]
    runs: dict[str, Ran]
    today: date
    sending_since: datetime | None
    queue_alarm: timedelta = timedelta(minutes=QUEUE_ALARM_MINUTES)


def troubles(facts: Facts, *, now: datetime) -> list[Trouble]:
    """Return everything that is wrong for offices that push; nothing where nobody does."""
    return [*_of_jobs(facts, now), *_of_robots(facts, now)]


def _of_jobs(facts: Facts, now: datetime) -> Iterator[Trouble]:
    for duty in facts.duties:
        ran = facts.runs.get(duty.job.value)
        trouble = _of_job(duty, ran, facts.today, now)
        if trouble is not None:
            kind, sentence = trouble
            for region_id in facts.regions:
                yield Trouble(region_id, kind, f"job:{duty.job.value}", sentence)


def _of_job(
    duty: Duty, ran: Ran | None, today: date, now: datetime
) -> tuple[IncidentKind, str] | None:
    if ran is not None and ran.is_failed:
        return IncidentKind.JOB_FAILED, Sentence.JOB_FAILED.said(label=duty.label)
    is_late = duty.due_at is not None and now >= duty.due_at + MADE_UP_BY
    is_done = ran is not None and ran.is_done and ran.slot == today.isoformat()
    if is_late and not is_done:
        return IncidentKind.SLOT_MISSED, Sentence.SLOT_MISSED.said(label=duty.label)
    return None


def _of_robots(facts: Facts, now: datetime) -> Iterator[Trouble]:
    for robot in facts.robots:
        trouble = _of_robot(robot, facts, now)
        if trouble is not None:
            kind, sentence = trouble
            yield Trouble(robot.region_id, kind, robot.subject, sentence)


def _of_robot(robot: Robot, facts: Facts, now: datetime) -> tuple[IncidentKind, str] | None:
    name = robot.name
    if robot.is_broken:
        sentence = Sentence.ROBOT_BROKEN.said(name=name, reason=robot.reason)
        return IncidentKind.ROBOT_BROKEN, sentence
    if _is_failing(robot, now):
        sentence = Sentence.ROBOT_FAILING.said(name=name, answer=robot.last_failure)
        return IncidentKind.ROBOT_FAILING, sentence
    if _ages(robot, facts, now):
        minutes = facts.queue_alarm // timedelta(minutes=1)
        return IncidentKind.QUEUE_AGES, Sentence.QUEUE_AGES.said(name=name, minutes=minutes)
    return None


def _is_failing(robot: Robot, now: datetime) -> bool:
    """Return whether the last message failed a while ago and none was taken since."""
    failed = robot.last_failed_at
    if failed is None or robot.last_errcode in PASSING_ERRCODES:
        return False
    is_last_word = robot.last_sent_at is None or robot.last_sent_at < failed
    return is_last_word and now - failed >= FAILING_AFTER


def _ages(robot: Robot, facts: Facts, now: datetime) -> bool:
    if robot.oldest_at is None or facts.sending_since is None:
        return False
    return now - max(robot.oldest_at, facts.sending_since) > facts.queue_alarm
