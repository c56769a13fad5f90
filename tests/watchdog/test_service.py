"""The office hears of trouble once a day, by another way than the one in trouble."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from jobs import deliver_notifications, watchdog
from jobs.context import JobContext
from jobs.schedule import SCHEDULE, fire, lead, scheduled
from tests.conftest import MONDAY
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.job_runs.models import JobLease, JobRun
from tracker.job_runs.rules import RunState
from tracker.kernel.clock import at_local
from tracker.kernel.config import Config
from tracker.kernel.settings import put_setting
from tracker.notifications.models import Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.watchdog.models import Incident
from tracker.watchdog.queries import FIRST_SLOT, WATCHDOG, duties
from tracker.watchdog.rules import IncidentKind, Job
from tracker.watchdog.service import INCIDENT, TO_LEAD
from tracker.wecom_sandbox.server import RunningSandbox


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox) -> Config:
    """The product goes out to the simulator."""
    values = {name: getattr(config, name) for name in config.__dataclass_fields__}
    hosts = {"wecom_base_url": sandbox.url, "wecom_allowed_hosts": (sandbox.url,)}
    return Config(**{**values, **hosts})


def ran(office: Office, job: str, slot: str, state: RunState = RunState.DONE) -> None:
    """Say that a job has run."""
    now = office.clock.now()
    with office.database.writing() as session:
        session.execute(delete(JobRun).where(JobRun.job == job))
        session.add(
            JobRun(job=job, slot=slot, state=state, holder="one", started_at=now, finished_at=now)
        )
        session.commit()


def watch(context: JobContext) -> int:
    return watchdog.run(context, context.clock.now())


def lasting(office: Office) -> set[IncidentKind]:
    with office.database.reading() as session:
        return set(session.scalars(select(Incident.kind).where(Incident.ended_at.is_(None))))


def told(office: Office) -> list[Notification]:
    with office.database.reading() as session:
        query = select(Notification).where(Notification.object_type == INCIDENT)
        return list(session.scalars(query.order_by(Notification.id)))


def first_page(app: Flask, username: str = "clerk") -> str:
    visitor = Visitor(app)
    visitor.sign_in(username)
    visitor.get("/")
    return visitor.text


@pytest.fixture
def morning(office: Office, context: JobContext) -> None:
    """Monday 10:30; a leader leads, today's reminders were queued, the watchdog is at work."""
    office.clock.set_local(MONDAY, 10, 30)
    lead(context)
    ran(office, "queue-reminders", MONDAY.isoformat())
    ran(office, WATCHDOG, "2026-11-16T10:30")


@pytest.mark.usefixtures("morning")
def test_all_is_well_and_nobody_is_told(app: Flask, office: Office, context: JobContext) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    assert watch(context) == 0
    assert lasting(office) == set()
    assert "后台任务" not in first_page(app)


@pytest.mark.usefixtures("morning")
def test_a_broken_robot_is_told_to_the_offices_own_group_once_a_day(
    office: Office, context: JobContext
) -> None:
    office.channel("bureau", ChannelKind.OFFICE, name="巡察办群")
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.queue(1)
    office.sandbox.remove_robot("own")
    office.deliver()
    assert watch(context) == 2  # the group, and the lead in person
    for _minute in range(3):
        office.clock.advance(timedelta(minutes=5))
        assert watch(context) == 0
    assert deliver_notifications.run(context, office.clock.now()) == 2
    (said,) = office.contents("bureau")
    assert "群“甲群”收不到消息：机器人已被移出群或地址错误" in said
    assert "T-0001" not in said
    office.clock.set_local(MONDAY + timedelta(days=1), 10, 30)
    ran(office, "queue-reminders", (MONDAY + timedelta(days=1)).isoformat())
    assert watch(context) == 2
    assert watch(context) == 0
    assert len(told(office)) == 4


@pytest.mark.usefixtures("morning")
def test_a_relapse_on_the_same_day_is_not_told_again(office: Office, context: JobContext) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    ran(office, "deliver-notifications", "2026-11-16T10:30", RunState.FAILED)
    assert watch(context) == 1
    ran(office, "deliver-notifications", "2026-11-16T10:31")
    assert watch(context) == 0
    assert lasting(office) == set()
    ran(office, "deliver-notifications", "2026-11-16T10:32", RunState.FAILED)
    assert watch(context) == 0
    assert lasting(office) == {IncidentKind.JOB_FAILED}
    assert len(told(office)) == 1


@pytest.mark.usefixtures("morning")
def test_what_is_over_before_it_was_sent_is_not_sent(office: Office, context: JobContext) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    ran(office, "deliver-notifications", "2026-11-16T10:30", RunState.FAILED)
    watch(context)
    ran(office, "deliver-notifications", "2026-11-16T10:31")
    watch(context)
    assert deliver_notifications.run(context, office.clock.now()) == 0
    assert [each.state for each in told(office)] == [MessageState.CANCELLED]


@pytest.mark.usefixtures("morning")
def test_the_offices_own_group_is_not_asked_to_tell_of_itself(
    app: Flask, office: Office, context: JobContext
) -> None:
    office.channel("bureau", ChannelKind.OFFICE, name="巡察办群")
    office.queue(1, unit_id=None, audience="office")
    office.sandbox.script_fault("40058")
    office.deliver()
    office.clock.advance(timedelta(minutes=11))
    ran(office, "deliver-notifications", "2026-11-16T10:41", RunState.FAILED)
    assert watch(context) == 2
    assert {each.audience for each in told(office)} == {TO_LEAD}
    assert lasting(office) == {IncidentKind.ROBOT_FAILING, IncidentKind.JOB_FAILED}
    assert "群“巡察办群”发送不成功" in first_page(app)


@pytest.mark.usefixtures("morning")
def test_a_day_without_its_reminders_is_told_from_an_hour_after_the_slot_on(
    app: Flask, office: Office, context: JobContext
) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    ran(office, "queue-reminders", (MONDAY - timedelta(days=3)).isoformat())
    office.clock.set_local(MONDAY, 10, 6)
    assert watch(context) == 0
    office.clock.set_local(MONDAY, 10, 7)
    assert watch(context) == 1
    assert "今天的“生成提醒”还没有运行" in first_page(app)
    assert "今天的“生成提醒”还没有运行" not in first_page(app, "liaison_a")
    assert "今天的“生成提醒”还没有运行" not in first_page(app, "east_clerk")
    ran(office, "queue-reminders", MONDAY.isoformat())
    watch(context)
    assert "生成提醒" not in first_page(app)


@pytest.mark.usefixtures("morning")
def test_nothing_is_missed_on_a_day_off(office: Office, context: JobContext) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    office.clock.set_local(MONDAY - timedelta(days=1), 12)
    assert watch(context) == 0
    assert lasting(office) == set()


@pytest.mark.usefixtures("morning")
def test_a_queue_ages_only_while_messages_may_leave(office: Office, context: JobContext) -> None:
    office.channel("bureau", ChannelKind.OFFICE)
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.clock.set_local(MONDAY - timedelta(days=2), 12)  # a Saturday
    office.queue(1)
    for day, hour, minute, ages in (
        (-1, 12, 0, False),
        (0, 7, 59, False),
        (0, 8, 59, False),
        (0, 9, 1, True),
    ):
        office.clock.set_local(MONDAY + timedelta(days=day), hour, minute)
        watch(context)
        assert (IncidentKind.QUEUE_AGES in lasting(office)) is ages
    with office.database.writing() as session:
        put_setting(session, "queue_alarm_minutes", "90", by="tests", now=office.clock.now())
        session.commit()
    watch(context)
    assert IncidentKind.QUEUE_AGES not in lasting(office)


@pytest.mark.usefixtures("morning")
def test_a_pause_after_too_many_messages_is_no_trouble(office: Office, context: JobContext) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("45009")
    office.deliver()
    office.clock.advance(timedelta(minutes=20))
    watch(context)
    assert lasting(office) == set()


def test_a_network_that_chose_no_push_is_green(
    app: Flask, office: Office, context: JobContext
) -> None:
    office.switch("0")
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.clock.set_local(MONDAY, 16)
    assert watch(context) == 0
    assert lasting(office) == set()
    assert "后台任务" not in first_page(app)
    ready = Visitor(app).get("/readyz").json
    assert ready is not None
    assert (ready["jobs"]["ok"], ready["jobs"]["pushing"]) == (True, False)


def test_a_jobs_process_that_does_not_run_at_all_is_seen_by_the_pages(
    app: Flask, office: Office, context: JobContext
) -> None:
    assert "后台任务进程没有运行" in first_page(app)
    assert "请系统管理员启动 python -m jobs" in first_page(app, "admin")
    assert "后台任务进程没有运行" not in first_page(app, "liaison_a")
    lead(context)
    assert "后台任务进程没有运行" not in first_page(app)
    with office.database.writing() as session:
        session.execute(
            update(JobLease).values(renewed_at=JobLease.renewed_at, expires_at=at_local(MONDAY, 0))
        )
        session.commit()
    assert "后台任务进程没有运行" not in first_page(app)  # it renewed seconds ago
    with office.database.writing() as session:
        session.execute(update(JobLease).values(renewed_at=at_local(MONDAY, 0)))
        session.commit()
    assert "后台任务进程没有运行" in first_page(app)
    assert "停在 11-16 00:00" in first_page(app)


def test_a_watchdog_that_stopped_while_somebody_leads_is_seen_by_the_pages(
    app: Flask, office: Office, context: JobContext
) -> None:
    lead(context)
    ran(office, WATCHDOG, "2026-11-16T09:00")
    office.clock.advance(timedelta(minutes=29))
    assert "后台任务没有按时运行" not in first_page(app)
    office.clock.advance(timedelta(minutes=2))
    assert "后台任务没有按时运行" in first_page(app)


def test_the_schedule_runs_the_watchdog_and_the_jobs_it_watches(
    office: Office, context: JobContext
) -> None:
    names = {job.name for job in SCHEDULE}
    assert {WATCHDOG, *(job.value for job in Job)} <= names
    minute, hours = scheduled(Job.QUEUE.value).cron.split()[:2]  # type: ignore[union-attr]
    assert (int(hours.partition("-")[0]), int(minute)) == FIRST_SLOT
    assert [duty.due_at for duty in duties(MONDAY, is_workday=True)] == [
        at_local(MONDAY, *FIRST_SLOT),
        None,
    ]
    job = scheduled(WATCHDOG)
    assert job is not None
    fire(job, context)
    with office.database.reading() as session:
        assert session.scalar(select(JobRun.state).where(JobRun.job == WATCHDOG)) is RunState.DONE
