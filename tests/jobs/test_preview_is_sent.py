"""What the preview says is what is then really sent: messages, groups, tasks; queued ones too."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs import deliver_notifications, queue_reminders, weekly_report
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.notifications.mail_server import Behaviour, mail_server
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database, born
from tracker.kernel.links import Links
from tracker.notifications.accounts import Account, AppAccount, MailAccount, MailSecurity
from tracker.notifications.digest import BYTE_BUDGET
from tracker.notifications.models import InboxMessage, Notification
from tracker.notifications.personal_channels import add_way
from tracker.notifications.rules import GROUPS, ChannelKind, Way
from tracker.notifications.service import add_channel
from tracker.people.models import Person
from tracker.rectification.models import Task, TaskDuty, TaskTransition
from tracker.rectification.rules.words import DutyRole, TaskState
from tracker.reminders import views
from tracker.reminders import voice as reminder_voice
from tracker.reminders.cli import OTHER_VOICES
from tracker.reminders.overview import reaching
from tracker.reminders.preview import Messages, Preview, messages_of, preview
from tracker.reminders.rulebook import as_rule
from tracker.reminders.ruling import alter_rule, rules_at, take_three_colours
from tracker.reminders.service import switch_pushing
from tracker.reports.models import ReportRun
from tracker.reports.service import issue_report
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox
from tracker.workdays.queries import load_calendar
from tracker.workdays.service import seed_calendar

MONDAY = date(2026, 11, 16)
TUESDAY = MONDAY + timedelta(days=1)
KEYS = {"单位群": "own", "联络员群": "shared", "巡察办群": "office"}


class Mail(NamedTuple):
    """A mail server, and where it listens."""

    taken: Behaviour
    port: int


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def mail() -> Iterator[Mail]:
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        yield Mail(behaviour, port)


@pytest.fixture
def context(
    database: Database, clock: ManualClock, sandbox: RunningSandbox, mail: Mail, tmp_path: Path
) -> JobContext:
    config = make_config(
        database.url,
        tmp_path / "data",
        wecom_allowed_hosts=(sandbox.url,),
        mail_allowed_servers=(f"127.0.0.1:{mail.port}",),
    )
    return JobContext(database, clock, config, Sealer(config.secret_keys), "tests")


def open_group(context: JobContext, people: Cast, sandbox: RunningSandbox, name: str) -> None:
    kind = next(kind for kind in GROUPS if kind.label == name)
    with context.database.writing() as session:
        add_channel(
            session,
            name,
            sandbox.webhook_url(KEYS[name]),
            kind=kind,
            region_id=people.regions["city"],
            unit_id=people.units["a"] if kind is ChannelKind.UNIT else None,
            base_url=sandbox.url,
            allowed_hosts=[sandbox.url],
            sealer=context.sealer,
            actor=TESTER,
            now=context.clock.now(),
        )
        session.commit()


def foreseen(context: JobContext, people: Cast) -> tuple[list[Preview], Messages]:
    regions = [people.regions["city"]]
    with context.database.reading() as session:
        selection = reaching(session, regions, on=TUESDAY)
        calendar = load_calendar(session)
        lines = preview(
            session, selection, regions, on=TUESDAY, calendar=calendar, others=OTHER_VOICES
        )
        links = Links(context.config.mobile_url)
        return lines, messages_of(session, lines, on=TUESDAY, links=links)


def send(context: JobContext) -> None:
    context.clock.set_local(TUESDAY, 9, 7)  # type: ignore[attr-defined]
    queue_reminders.run(context, context.clock.now())
    deliver_notifications.run(context, context.clock.now())


@pytest.mark.parametrize("is_guessed", [False, True], ids=["notice", "推算"])
def test_what_is_foreseen_is_what_is_sent_with_what_waits_from_the_day_before(
    context: JobContext,
    people: Cast,
    clock: ManualClock,
    sandbox: RunningSandbox,
    is_guessed: bool,
) -> None:
    with context.database.writing() as session:
        if not is_guessed:
            seed_calendar(session, now=clock.now(), actor=TESTER)
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        lead = people.actor("lead")
        switch_pushing(session, people.regions["city"], True, actor=lead, now=clock.now())
        for days in (-40, -2, 0, 1, 2, 4, 11) * 12:  # late, due, superseded by Tuesday, due then
            due_on = MONDAY + timedelta(days=days)
            work.task(session, people, due_on=due_on, now=clock.now())
            work.task(session, people, unit="b", due_on=due_on, now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) > 0
    assert deliver_notifications.run(context, clock.now()) == 0  # there is no group yet
    for name in KEYS:
        open_group(context, people, sandbox, name)
    lines, messages = foreseen(context, people)
    assert {line.is_waiting for line in lines} == {True, False}
    send(context)
    sent = {name: sandbox.seen(key) for name, key in KEYS.items() if sandbox.seen(key)}
    assert messages.groups == {name: len(seen) for name, seen in sent.items()}
    assert len(sent["单位群"]) > 1
    own = "\n".join(seen["content"] for seen in sent["单位群"])
    expected = [line.line for line in lines if line.group == "单位群"]
    assert all(f"\n{line}" in own for line in expected)
    assert own.count("（推算）") == (len(expected) if is_guessed else 0)
    assert own.count("7-3-") == len(expected)
    assert all(len(seen["content"].encode()) <= BYTE_BUDGET for seen in sent["单位群"])
    shared = sent["联络员群"][0]["content"]
    counted = sum(int(number) for number in re.findall(r"(\d+)项", shared))
    assert counted == Counter(line.group for line in lines)["联络员群"]
    assert foreseen(context, people)[0] == []


def add_ways(context: JobContext, people: Cast, sandbox: RunningSandbox, mail: Mail) -> None:
    accounts: dict[ChannelKind, Account] = {
        ChannelKind.APP: AppAccount(base=sandbox.url, corpid="ww1", agentid=7, secret="s" * 15),
        ChannelKind.MAIL: MailAccount(
            host="127.0.0.1", port=mail.port, security=MailSecurity.PLAIN, sender="x@example.cn"
        ),
    }
    with context.database.writing() as session:
        for kind, account in accounts.items():
            add_way(
                session,
                people.regions["city"],
                kind.label,
                account,
                kind=kind,
                sealer=context.sealer,
                actor=people.actor("lead"),
                now=context.clock.now(),
            )
        session.commit()


def give_duties(session: Session, people: Cast, task: Task, who: dict[DutyRole, str]) -> None:
    """Let persons answer for a task; each has an address of every kind."""
    stamps = born(actor=TESTER, now=task.created_at)
    for role, name in who.items():
        person = session.scalars(select(Person).where(Person.name == name)).first()
        if person is None:
            region_id = people.regions["city"]
            person = Person(region_id=region_id, name=name, wecom_userid=name, **stamps)
            person.email = f"{name}@example.cn"
            session.add(person)
        session.flush()  # a duty names its person
        task.duties.append(
            TaskDuty(role=role, person_id=person.id, from_on=date(2026, 3, 2), **stamps)
        )


def test_messages_to_persons_and_announcements_are_foreseen_by_way(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, mail: Mail
) -> None:
    """三色预警; lead leaders by e-mail, what waits with the office to its clerk's inbox."""
    city = people.regions["city"]
    with context.database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        lead = people.actor("lead")
        switch_pushing(session, city, True, actor=lead, now=clock.now())
        take_three_colours(session, city, None, actor=lead, now=clock.now())
        ways = {"three_colours-10-lead_leader": Way.MAIL, "office_review+3": Way.INBOX}
        for row in rules_at(session, city, None):
            row.way = ways.get(row.code, row.way)
        for no, days in enumerate((-40, -2, 0, 1, 2, 4, 11, 11, 11, 20, 20) * 6):
            due_on = MONDAY + timedelta(days=days)
            task = work.task(session, people, unit="ab"[no % 2], due_on=due_on, now=clock.now())
            who = {DutyRole.OWNER: f"owner{no % 3}", DutyRole.LEAD_LEADER: f"leader{no % 2}"}
            give_duties(session, people, task, who)
        for _ in range(3):
            task = work.task(session, people, state=TaskState.OFFICE_REVIEW, now=clock.now())
            wait(session, task, date(2026, 11, 11))
        session.commit()
    assert weekly_report.run(context, clock.now()) == 1
    with context.database.writing() as session:
        report = session.scalars(select(ReportRun)).one()
        issue_report(session, report, actor=people.actor("lead"), now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) > 0
    add_ways(context, people, sandbox, mail)
    for name in KEYS:
        open_group(context, people, sandbox, name)
    lines, messages = foreseen(context, people)
    send(context)
    with context.database.reading() as session:
        inbox = list(session.scalars(select(InboxMessage)))
    letters = {
        ChannelKind.APP: [one.content for one in sandbox.apps.messages()],
        ChannelKind.MAIL: [one.get_content() for one in mail.taken.mails],
        ChannelKind.INBOX: [one.body for one in inbox],
    }
    assert messages.groups == {name: len(sandbox.seen(key)) for name, key in KEYS.items()}
    assert messages.ways == {kind: len(bodies) for kind, bodies in letters.items()}
    assert messages.persons[ChannelKind.MAIL] == 2
    texts = {
        **{name: [it["content"] for it in sandbox.seen(key)] for name, key in KEYS.items()},
        **{kind.label: bodies for kind, bodies in letters.items()},
    }
    for line in lines:
        assert line.channel is not None or line.is_to_person
        if line.channel is not None and line.kind is not ChannelKind.SHARED:
            place = line.kind.label if line.kind else ""
            assert any(line.line in body for body in texts[place]), line
    assert sum(body.count("7-3-") for kind in letters for body in letters[kind]) == sum(
        line.is_to_person and line.channel is not None for line in lines
    )
    assert [line.group for line in lines if line.name == "整改工作周报"] == ["巡察办群", "联络员群"]


def wait(session: Session, task: Task, on: date) -> None:
    """Let a task wait for the office since a day."""
    session.flush()  # the step names its task
    session.add(
        TaskTransition(
            task_id=task.id,
            from_state=TaskState.UNIT_CHECK,
            to_state=TaskState.OFFICE_REVIEW,
            verb="sign",
            occurred_on=on,
            recorded_at=task.created_at,
            actor="tests",
        )
    )


def test_a_rule_s_way_is_honoured_when_it_is_claimed_and_not_after(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, mail: Mail
) -> None:
    """To the unit before its due date by application message: its liaison reads it, no group. Then
    the rule goes back to the group, and what was frozen stays as it was."""
    city = people.regions["city"]
    clock.set_local(MONDAY, 10)
    with context.database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        switch_pushing(session, city, True, actor=people.actor("lead"), now=clock.now())
        row = next(row for row in rules_at(session, city, None) if row.code == "task_due-3")
        row.way = Way.APP
        liaison = session.get_one(Person, people.actor("liaison_a").person_id)
        liaison.wecom_userid = "liaison-a"
        for _ in range(2):
            work.task(session, people, due_on=MONDAY + timedelta(days=3), now=clock.now())
        session.commit()
    add_ways(context, people, sandbox, mail)
    for name in KEYS:
        open_group(context, people, sandbox, name)
    queue_reminders.run(context, clock.now())
    assert deliver_notifications.run(context, clock.now()) == 1
    (told,) = sandbox.apps.messages("liaison-a")
    assert told.content.count("7-3-") == 2
    assert [sandbox.seen(key) for key in KEYS.values()] == [[], [], []]
    with context.database.writing() as session:
        row = next(row for row in rules_at(session, city, None) if row.code == "task_due-3")
        alter_rule(
            session,
            row,
            replace(as_rule(row), way=Way.DEFAULT),
            actor=people.actor("lead"),
            now=clock.now(),
        )
        session.commit()
        assert row.code == "task_due-3"
    send(context)
    assert [sandbox.seen(key) for key in KEYS.values()] == [[], [], []]  # not said again
    with context.database.reading() as session:
        assert {it.way for it in session.scalars(select(Notification))} == {Way.APP}


def test_what_is_queued_goes_the_new_way(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, mail: Mail
) -> None:
    city = people.regions["city"]
    clock.set_local(MONDAY, 10)
    with context.database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=date(2026, 3, 2))
        switch_pushing(session, city, True, actor=people.actor("lead"), now=clock.now())
        work.task(session, people, due_on=MONDAY + timedelta(days=3), now=clock.now())
        session.commit()
    assert queue_reminders.run(context, clock.now()) == 1
    with context.database.writing() as session:
        row = next(row for row in rules_at(session, city, None) if row.code == "task_due-3")
        lead = people.actor("lead")
        changed = replace(as_rule(row), way=Way.INBOX)
        alter_rule(session, row, changed, actor=lead, now=clock.now())
        session.commit()
    for name in KEYS:
        open_group(context, people, sandbox, name)
    assert queue_reminders.run(context, clock.now()) == 0  # no new key
    assert deliver_notifications.run(context, clock.now()) == 1
    with context.database.reading() as session:
        (kept,) = session.scalars(select(InboxMessage))
    assert kept.person_id == people.actor("liaison_a").person_id
    assert "7-3-001-01 市甲局" in kept.body
    assert [sandbox.seen(key) for key in KEYS.values()] == [[], [], []]


def test_the_preview_knows_every_voice_that_is_sent() -> None:
    own = [voice.object_type for voice in reminder_voice.VOICES]
    sent = [voice.object_type for voice in deliver_notifications.VOICES]
    for others in (OTHER_VOICES, views.OTHER_VOICES):
        assert [*own, *(voice.object_type for voice in others)] == sent
