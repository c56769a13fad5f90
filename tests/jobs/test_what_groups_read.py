"""Whatever can be said is said once, through the jobs, to groups that must not hear more than they may.

Everything people type carries a needle: issues, goals, names, titles, details of clues, and markup that
would ping everybody. A voice, a rule or an audience that nothing here speaks with fails the test.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jobs import deliver_notifications, queue_reminders, weekly_report
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.handing_over import add_handing_over
from tests.factories.letters import make_letter
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tracker.county_submissions.service import CallDraft, open_call
from tracker.feedback.models import Issue
from tracker.handover.models import Clue
from tracker.handover.service.clue_details import Detail, save_detail
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database, born
from tracker.letters.rules.letters import LetterState
from tracker.notifications import rules
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.models import Channel, Delivery, Notification
from tracker.notifications.rules import Audience, ChannelKind, MessageState
from tracker.notifications.trial import send_test
from tracker.organizations.models import Unit
from tracker.people.models import Person, User
from tracker.rectification.models import Extension, Measure, Task, TaskDuty, UnitDocument
from tracker.rectification.rules.words import DocumentKind, DutyRole, ExtensionState, TaskState
from tracker.reminders.ladders import DEFAULT_RULES, THREE_COLOURS
from tracker.reminders.models import ReminderRule
from tracker.reminders.rule_checks import NEVER_SAID
from tracker.reminders.rules import AnchorKind, Rule, RuleStatus
from tracker.reminders.service import switch_pushing
from tracker.reports.models import ReportRun
from tracker.reports.service import issue_report
from tracker.rounds.models import Milestone
from tracker.rounds.rules import MilestoneKind
from tracker.statistics.rules import EnteredMetric
from tracker.watchdog.models import Incident
from tracker.watchdog.rules import IncidentKind
from tracker.watchdog.service import OF_ROBOTS, tell_office
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

NEEDLE = "隐情"
MARKUP = f'<@all><font color="warning">`[{NEEDLE}](http://x)'
EARLY = at_local(date(2026, 10, 9), 10)
FED_BACK_ON = date(2026, 3, 2)
DUE = date(2026, 12, 14)  # a Monday
STEPS = (-31, -20, -10, -3, 0, 1, 7, 14)  # with days of silence in between, as after an outage
SAID_IN_CHAT = [rule for rule in (*DEFAULT_RULES, *THREE_COLOURS) if not rule.is_in_product_only]
GROUPS = {
    "own": (ChannelKind.UNIT, "city", "a"),
    "shared": (ChannelKind.SHARED, "city", None),
    "office": (ChannelKind.OFFICE, "city", None),
    "east": (ChannelKind.OFFICE, "east", None),
    "east-shared": (ChannelKind.SHARED, "east", None),
}


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def context(
    database: Database, clock: ManualClock, sandbox: RunningSandbox, tmp_path: Path
) -> JobContext:
    clock.instant = EARLY
    config = make_config(database.url, tmp_path / "data", wecom_allowed_hosts=(sandbox.url,))
    return JobContext(database, clock, config, Sealer(config.secret_keys), "tests")


@pytest.fixture
def liaisons(context: JobContext, people: Cast, sandbox: RunningSandbox) -> set[str]:
    """An office where everything falls due; who may be mentioned, by userid or mobile."""
    office = Office(context.database, people, context.clock, context.config, sandbox)  # type: ignore[arg-type]
    for key, (kind, region, unit) in GROUPS.items():
        office.channel(key, kind, region=region, unit=unit, name=f"<@all>群{key}<font>")
    office.way(ChannelKind.APP, region="east")
    sandbox.apps.add_app("ww1", "app-secret-1234", 7)
    now, folder = context.clock.now(), context.config.evidence_dir
    with context.database.writing() as session:
        work = make_work(session, people, now=now, fed_back_on=FED_BACK_ON)
        coloured = make_work(
            session, people, now=now, fed_back_on=FED_BACK_ON, region="east", units=("e",)
        )
        for region, lead in (("city", "lead"), ("east", "east_lead")):
            region_id = people.regions[region]
            switch_pushing(session, region_id, True, actor=people.actor(lead), now=now)
        _take_three_colours(session, coloured, context)
        for unit in ("a", "b"):
            _let_everything_fall_due(session, people, work, unit, context)
            make_letter(
                session, people, folder, now=now, state=LetterState.SENT, unit=unit, reply_due=DUE
            )
        task = coloured.task(session, people, unit="e", due_on=DUE, now=now)
        _answer_for(session, people, task, context)
        _ask_counties(session, people, context)
        add_handing_over(session, people, work, now=now)
        clue = session.scalars(select(Clue)).first()
        assert clue is not None
        said = Detail(f"{NEEDLE}受贿", f"{NEEDLE}某")
        save_detail(session, clue, said, context.sealer, actor=people.actor("clerk"), now=now)
        _put_needles_everywhere(session)
        session.commit()
        return _mentionable(session)


def _take_three_colours(session: Session, work: Work, context: JobContext) -> None:
    for rule in THREE_COLOURS:
        own = {**vars(rule), "code": f"{work.round_id}:{rule.code}"}
        own["wording"] = "{单位}请办理，{剩余}" if rule.every_workdays else ""
        session.add(
            ReminderRule(
                region_id=work.region_id,
                round_id=work.round_id,
                status=RuleStatus.ACTIVE,
                **own,
                **born(actor=TESTER, now=context.clock.now()),
            )
        )


def _let_everything_fall_due(
    session: Session, people: Cast, work: Work, unit: str, context: JobContext
) -> None:
    now = context.clock.now()
    stamps = born(actor=TESTER, now=now)
    _ask_for_more_time(session, work.task(session, people, unit=unit, due_on=DUE, now=now), now)
    work.task(session, people, unit=unit, due_on=None, now=now, state=TaskState.PLANNING)
    work.task(session, people, unit=unit, due_on=None, now=now, state=TaskState.PLAN_REVIEW)
    work.task(session, people, unit=unit, due_on=None, now=now, state=TaskState.OFFICE_REVIEW)
    work.task(
        session,
        people,
        unit=unit,
        state=TaskState.LONG_TERM,
        due_on=None,
        next_review_on=DUE,
        now=now,
    )
    session.add_all(
        [
            UnitDocument(
                feedback_id=work.feedback_ids[unit],
                unit_id=people.units[unit],
                kind=DocumentKind.PLAN,
                due_on=DUE,
                **stamps,
            ),
            Milestone(
                inspection_id=work.inspection_ids[unit],
                kind=MilestoneKind.PROGRESS_REPORT,
                due_on=DUE,
                **stamps,
            ),
        ]
    )


def _ask_for_more_time(session: Session, task: Task, now: datetime) -> None:
    asked_on = DUE - timedelta(days=25)
    session.add(
        Extension(
            task=task,
            state=ExtensionState.SIGNED,
            old_due=DUE,
            new_due=DUE + timedelta(days=30),
            reason=NEEDLE,
            asked_on=asked_on,
            asked_by=NEEDLE,
            signed_on=asked_on,
            signed_by=NEEDLE,
            **born(actor=TESTER, now=now),
        )
    )


def _answer_for(session: Session, people: Cast, task: Task, context: JobContext) -> None:
    stamps = born(actor=TESTER, now=context.clock.now())
    for role in (DutyRole.OWNER, DutyRole.LEAD_LEADER, DutyRole.LIAISON):
        person = Person(region_id=task.region_id, name=role.label, **stamps)
        duty = TaskDuty(task_id=task.id, role=role, person=person, from_on=FED_BACK_ON, **stamps)
        session.add_all([person, duty])


def _ask_counties(session: Session, people: Cast, context: JobContext) -> None:
    draft = CallDraft(
        title=f"{NEEDLE}问题线索专项统计",
        metrics=[EnteredMetric.CLUES_FOUND],
        period_start=date(2026, 1, 1),
        period_end=date(2026, 10, 31),
        due_on=DUE,
        note=NEEDLE,
    )
    city, clerk = people.regions["city"], people.actor("clerk")
    open_call(session, city, draft, actor=clerk, now=context.clock.now())


def _put_needles_everywhere(session: Session) -> None:
    session.flush()  # everybody is there
    for person in session.scalars(select(Person)):
        person.name, person.mobile = f"{NEEDLE}{person.id}", f"139{person.id:08d}"
        person.wecom_userid = f"userid.{person.id}"
    for user in session.scalars(select(User).where(User.username.in_(("liaison_a", "deputy_a")))):
        user.person.wecom_userid = None if user.username == "liaison_a" else "@all"
    session.execute(update(Issue).values(text=MARKUP))
    session.execute(update(Task).values(goal=MARKUP))
    session.execute(update(Measure).values(text=MARKUP))
    for unit in session.scalars(select(Unit).where(Unit.code == "A01")):
        unit.short_name = "<@all>市甲局<font>"


def _mentionable(session: Session) -> set[str]:
    signing_in = session.scalars(select(Person).join(User).where(User.username.like("%liaison%")))
    named = session.scalars(select(Person).join(TaskDuty).where(TaskDuty.role == DutyRole.LIAISON))
    return {str(who.wecom_userid or who.mobile) for who in (*signing_in, *named)} - {"@all"}


def run_through_the_days(context: JobContext, people: Cast, clock: ManualClock) -> None:
    for offset in STEPS:
        clock.set_local(DUE + timedelta(days=offset), 9, 7)
        if offset == 0:
            weekly_report.run(context, clock.now())
        if offset == 1:
            issue(context, people)
            get_into_trouble(context, people)
        queue_reminders.run(context, clock.now())
        deliver_notifications.run(context, clock.now())


def issue(context: JobContext, people: Cast) -> None:
    with context.database.writing() as session:
        for report in session.scalars(
            select(ReportRun).where(ReportRun.region_id == people.regions["city"])
        ):
            issue_report(session, report, actor=people.actor("lead"), now=context.clock.now())
        session.commit()


def get_into_trouble(context: JobContext, people: Cast) -> None:
    """Let the watchdog tell of one trouble of each kind."""
    with context.database.writing() as session:
        incidents = [
            Incident(
                region_id=people.regions["city"],
                kind=kind,
                subject=f"job:{kind.value}",
                sentence=f"群“<@all>群own<font>”：{kind.label}。",
                began_at=context.clock.now(),
            )
            for kind in IncidentKind
        ]
        session.add_all(incidents)
        told = tell_office(session, incidents, now=context.clock.now())
        assert told == len(IncidentKind) + len(OF_ROBOTS)  # the group of all, the lead of robots
        session.commit()


def try_every_robot(context: JobContext, people: Cast, clock: ManualClock) -> None:
    with context.database.reading() as session:
        channels = session.scalars(select(Channel.id).where(Channel.kind.in_(rules.GROUPS))).all()
    for channel_id in channels:
        clock.advance(timedelta(minutes=2))
        robot = WecomRobot.from_config(context.config)
        trial = send_test(
            context.database,
            channel_id,
            sender=robot,
            sealer=context.sealer,
            clock=clock,
            actor=people.actor("lead"),
        )
        assert trial.is_sent, trial.sentence


def is_shown_on_its_date_alone(rule: Rule) -> bool:
    """Nobody knows when a milestone's time began, so there is no long one."""
    return rule.anchor is AnchorKind.MILESTONE_DUE and rule.min_span_days > 0


def everything_was_said(database: Database) -> None:
    with database.reading() as session:
        sent = session.execute(
            select(Notification.object_type, Notification.rule, Notification.audience).where(
                Notification.state == MessageState.SENT
            )
        ).all()
        told = session.scalars(
            select(Incident.kind)
            .join(Notification, Notification.object_id == Incident.id)
            .where(Notification.object_type == "incident")
        )
        assert set(told) == set(IncidentKind)
    voices = {voice.object_type for voice in deliver_notifications.VOICES}
    assert {row.object_type for row in sent} == voices, "a voice nobody has listened to"
    assert {row.audience for row in sent} == set(Audience)
    codes = {rule.code for rule in SAID_IN_CHAT if not is_shown_on_its_date_alone(rule)}
    assert codes <= {row.rule.rpartition(":")[2] for row in sent}


def test_no_group_ever_reads_what_it_must_not(
    context: JobContext,
    people: Cast,
    clock: ManualClock,
    sandbox: RunningSandbox,
    liaisons: set[str],
) -> None:
    run_through_the_days(context, people, clock)
    try_every_robot(context, people, clock)
    everything_was_said(context.database)
    with context.database.reading() as session:
        bodies = session.scalars(select(Delivery.body)).all()  # persons' own messages as well
        units = [name for unit in session.scalars(select(Unit)) for name in (unit.name, unit.code)]
    texts = [seen["content"] for seen in sandbox.seen()]
    for text in (*texts, *bodies):
        said = [word for word in (NEEDLE, *NEVER_SAID, "<", ">", "`", "[") if word in text]
        assert not said, text
    assert {seen["msgtype"] for seen in sandbox.seen()} == {"text"}
    assert all(attempt["errcode"] == 0 for attempt in sandbox.attempts())
    for key in GROUPS:
        heard = sandbox.seen(key)
        assert heard, key
        mentioned = {who for seen in heard for who in seen["mentions"]}
        is_of_units = GROUPS[key][0] is not ChannelKind.OFFICE
        assert bool(mentioned) is is_of_units, key
        assert mentioned <= liaisons, key
    for seen in (*sandbox.seen("shared"), *sandbox.seen("east-shared")):
        assert not [name for name in units if name in seen["content"]], seen["content"]
        assert "7-3-" not in seen["content"]
