"""What the watchdog reads, and what the first page says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ScalarSelect, String, and_, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.queries import LEADER
from tracker.job_runs.rules import RunState
from tracker.kernel.clock import at_local, clock_of, local, local_date, moment_of
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import Setting, get_setting
from tracker.notifications import claims, pacing
from tracker.notifications.health import backlogs
from tracker.notifications.models import Channel
from tracker.notifications.queries import visible
from tracker.notifications.rules import ChannelState, explain_answer
from tracker.organizations.models import Region
from tracker.watchdog.models import IS_UNFINISHED, Incident
from tracker.watchdog.rules import (
    LEADER_GRACE,
    QUEUE_ALARM_MINUTES,
    WATCH_GRACE,
    Duty,
    Facts,
    IncidentKind,
    Job,
    Ran,
    Robot,
    Sentence,
    Silence,
)
from tracker.workdays.rules import WorkCalendar

WATCHDOG = "watchdog"
QUEUE_ALARM_SETTING = "queue_alarm_minutes"
FIRST_SLOT = (9, 7)  # of queue-reminders, as the schedule has it; a test compares


def duties(day: date, *, is_workday: bool) -> tuple[Duty, ...]:
    """Return the jobs without which no reminder goes out."""
    due_at = at_local(day, *FIRST_SLOT) if is_workday else None
    return (
        Duty(job=Job.QUEUE, due_at=due_at),
        Duty(job=Job.DELIVER),
    )


def facts(session: Session, *, now: datetime, calendar: WorkCalendar) -> Facts:
    """Return everything the rules ask for, of the offices that push."""
    today = local_date(now)
    regions = claims.regions_that_push(session)
    minutes = get_setting(session, QUEUE_ALARM_SETTING, "")
    alarm = int(minutes) if minutes.isdecimal() and int(minutes) > 0 else QUEUE_ALARM_MINUTES
    is_workday = calendar.is_workday(today)
    return Facts(
        regions=regions,
        robots=_robots(session, regions, now) if regions else (),
        duties=duties(today, is_workday=is_workday),
        runs={name: _ran(run) for name, run in last_of_each(session).items()},
        today=today,
        sending_since=_sending_since(session, now) if is_workday else None,
        queue_alarm=timedelta(minutes=alarm),
    )


def _sending_since(session: Session, now: datetime) -> datetime | None:
    quiet = pacing.quiet_hours(session)
    if quiet.has(local(now).hour):
        return None
    begins = 0 if quiet.begins == quiet.ends else quiet.ends % 24
    return at_local(local_date(now), begins)


def _robots(session: Session, regions: Sequence[int], now: datetime) -> list[Robot]:
    waiting = backlogs(session, regions, now=now)
    query = select(Channel).where(
        Channel.region_id.in_(regions), Channel.state != ChannelState.DISABLED
    )
    return [
        Robot(
            channel_id=channel.id,
            region_id=channel.region_id,
            name=channel.name,
            is_broken=channel.state is ChannelState.BROKEN,
            reason=channel.state_reason or "",
            last_sent_at=channel.last_sent_at,
            last_failed_at=channel.last_failed_at,
            last_errcode=channel.last_errcode,
            last_failure=explain_answer(channel.last_errcode, channel.last_answer),
            oldest_at=waiting[channel.id].oldest_at if channel.id in waiting else None,
        )
        for channel in session.scalars(query.order_by(Channel.id))
    ]


def last_of_each(session: Session) -> dict[str, JobRun]:
    """Return of each job the run begun last that is not still running."""
    latest = (
        select(func.max(JobRun.id)).where(JobRun.state != RunState.RUNNING).group_by(JobRun.job)
    )
    return {run.job: run for run in session.scalars(select(JobRun).where(JobRun.id.in_(latest)))}


def _ran(run: JobRun) -> Ran:
    return Ran(
        slot=run.slot,
        is_done=run.state is RunState.DONE,
        is_failed=run.state is RunState.FAILED,
    )


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """Whether the jobs live. Ages by the database's clock; None: nobody ever led, or nothing ran.

    Where no office pushes, nothing has to run, and all is well.
    """

    is_pushing: bool
    leader_age_seconds: float | None
    is_led: bool
    last_run_at: datetime | None

    @property
    def is_well(self) -> bool:
        """Return whether reminders run, or nobody wants any."""
        return self.is_led or not self.is_pushing


def pulse(session: Session) -> Pulse:
    """Return whether the jobs live; one statement."""
    last_run = select(JobRun.started_at).order_by(JobRun.id.desc()).limit(1)
    pushes = select(func.count(Setting.id)).where(
        Setting.key == claims.PUSH_SWITCH, Setting.value == "1"
    )
    row = session.execute(
        select(
            clock_of(session.get_bind().dialect.name).label("clock"),
            _lease(JobLease.renewed_at).label("renewed_at"),
            _lease(JobLease.expires_at).label("expires_at"),
            last_run.scalar_subquery().label("last_run_at"),
            pushes.scalar_subquery().label("pushes"),
        )
    ).one()
    clock = moment_of(row.clock)
    age = None if row.renewed_at is None else (clock - row.renewed_at).total_seconds()
    return Pulse(
        is_pushing=row.pushes > 0,
        leader_age_seconds=None if age is None else max(age, 0.0),
        is_led=row.expires_at is not None and row.expires_at > clock,
        last_run_at=row.last_run_at,
    )


def _lease(column: InstrumentedAttribute[datetime]) -> ScalarSelect[datetime]:
    return select(column).where(JobLease.name == LEADER).scalar_subquery()


@dataclass(frozen=True)
class Worries:
    """What is wrong with the reminders of an office: titles with what to do, and by themselves
    the robots out of use, name and why."""

    troubles: list[tuple[str, str]]
    broken: list[tuple[str, str]]


def worries(session: Session, actor: Actor, *, now: datetime) -> Worries:
    """Return what is wrong with the reminders of the actor's office.

    One statement, and without any help of the jobs: a process that does not run at all is seen
    here. Robots out of use are told of whether the office pushes or not, the rest only if it does.
    """
    is_on = select(Setting.id).where(
        Setting.scope == literal("region:") + cast(Region.id, String),
        Setting.key == claims.PUSH_SWITCH,
        Setting.value == "1",
    )
    watched = select(JobRun.started_at).where(JobRun.job == WATCHDOG)
    watched = watched.order_by(JobRun.id.desc()).limit(1)
    lasting = and_(
        Incident.region_id == Region.id,
        IS_UNFINISHED,
        Incident.kind != IncidentKind.ROBOT_BROKEN,
        is_on.exists(),
    )
    out_of_use = and_(Channel.region_id == Region.id, Channel.state == ChannelState.BROKEN)
    rows = session.execute(
        select(
            is_on.exists().label("is_on"),
            Incident.kind,
            Incident.sentence,
            Channel.name,
            Channel.state_reason,
            clock_of(session.get_bind().dialect.name).label("clock"),
            _lease(JobLease.renewed_at).label("renewed_at"),
            watched.scalar_subquery().label("watched_at"),
        )
        .select_from(Region)
        .outerjoin(Incident, lasting)
        .outerjoin(Channel, out_of_use)
        .where(visible(actor, Region.id))
        .order_by(Incident.id, Channel.id)
    ).all()
    found = [(row.kind.label, row.sentence) for row in rows if row.kind is not None]
    broken = [(row.name, row.state_reason or "") for row in rows if row.name is not None]
    if any(row.is_on for row in rows):
        clock = moment_of(rows[0].clock)
        found = [*_silence(rows[0].renewed_at, clock, rows[0].watched_at, now), *found]
    return Worries(list(dict.fromkeys(found)), list(dict.fromkeys(broken)))


def _silence(
    renewed_at: datetime | None, clock: datetime, watched_at: datetime | None, now: datetime
) -> list[tuple[str, str]]:
    if renewed_at is None:
        return [(Silence.NO_LEADER.label, Sentence.NEVER_RAN.said())]
    if clock - renewed_at > LEADER_GRACE:
        return [(Silence.NO_LEADER.label, Sentence.NOT_RUNNING.said(since=_minute(renewed_at)))]
    if watched_at is not None and now - watched_at > WATCH_GRACE:
        return [
            (Silence.WATCH_STOPPED.label, Sentence.WATCH_STOPPED.said(since=_minute(watched_at)))
        ]
    return []


def _minute(moment: datetime) -> str:
    return f"{local(moment):%m-%d %H:%M}"
