"""Messages to single persons: who, by which way, and what happens when a way does not lead there."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.fakes.voice import PersonVoice
from tests.notifications.mail_server import Behaviour, mail_server
from tests.notifications.office import Office
from tracker.kernel.clock import local_date
from tracker.notifications.delivery import recover
from tracker.notifications.models import Channel, Digest, InboxMessage, Notification, RobotAttempt
from tracker.notifications.rules import (
    Audience,
    ChannelKind,
    ChannelState,
    MessageState,
    Reason,
    Way,
)
from tracker.people.models import Person, User

S = MessageState


@pytest.fixture
def voice(office: Office) -> PersonVoice:
    office.voice = PersonVoice()
    return office.voice


@pytest.fixture
def mail(office: Office) -> Iterator[Behaviour]:
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        office.mail_port = port
        yield behaviour


def queue(office: Office, *numbers: int, audience: Audience = Audience.OWNER) -> None:
    office.queue(*numbers, audience=audience, unit_id=None)


def app_texts(office: Office, userid: str | None = None) -> list[str]:
    return [one.content for one in office.sandbox.apps.messages(userid)]


def inbox(office: Office) -> list[InboxMessage]:
    with office.database.reading() as session:
        return list(session.scalars(select(InboxMessage).order_by(InboxMessage.id)))


def test_a_person_gets_one_digest_by_application_message_and_no_group_hears_of_it(
    office: Office, voice: PersonVoice
) -> None:
    office.channel("shared")
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang", email="z@example.cn")
    voice.answerable = {1: (zhang,), 2: (zhang,)}
    queue(office, 1, 2)
    assert office.deliver() == 1
    assert office.deliver() == 0
    (text,) = app_texts(office, "zhang")
    assert "T-0001 市甲局" in text
    assert "T-0002 市甲局" in text
    assert "https://tracker.example/tasks" in text
    assert office.contents("shared") == office.contents("own") == []
    assert office.states() == {1: S.SENT, 2: S.SENT}
    (part,) = office.parts()
    assert (part.errcode, part.answer) == (0, "企业微信已接受，发给本人")


def test_a_group_that_has_something_to_read_reads_nothing_of_a_persons(
    office: Office, voice: PersonVoice
) -> None:
    office.channel("shared")
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    voice.answerable = {2: (zhang,)}
    office.queue(1)
    queue(office, 2)
    assert office.deliver() == 2
    assert "已逾期1项" in office.contents("shared")[0]
    assert len(app_texts(office, "zhang")) == 1


def test_each_person_reads_what_is_theirs_alone(office: Office, voice: PersonVoice) -> None:
    office.way(ChannelKind.APP)
    people = {name: office.person(name, wecom_userid=name) for name in ("zhang", "li", "wang")}
    voice.answerable = {no: (person,) for no, person in enumerate(people.values(), 1)}
    queue(office, 1, 2, 3)
    assert office.deliver() == 3
    for number, name in enumerate(people, 1):
        (text,) = app_texts(office, name)
        assert f"T-000{number}" in text
        assert sum(f"T-000{other}" in text for other in (1, 2, 3)) == 1
    with office.database.reading() as session:
        told = {each.person_id for each in session.scalars(select(Digest))}
    assert told == set(people.values())


def test_without_a_userid_it_is_a_letter_and_without_an_address_the_inbox(
    office: Office, voice: PersonVoice, mail: Behaviour
) -> None:
    office.way(ChannelKind.APP)
    office.way(ChannelKind.MAIL)
    li = office.person("李四", email="li@example.cn")
    head = office.cast.actor("head_a").person_id
    assert head is not None
    voice.answerable = {1: (li,), 2: (head,)}
    queue(office, 1, 2)
    assert office.deliver() == 2
    (letter,) = mail.mails
    assert letter["To"] == "li@example.cn"
    assert "T-0001" in letter.get_content()
    (kept,) = inbox(office)
    assert kept.person_id == head
    assert "T-0002" in kept.body
    assert app_texts(office) == []


def test_who_cannot_be_reached_is_sent_nothing_and_the_reason_says_what_to_do(
    office: Office, voice: PersonVoice
) -> None:
    office.channel("shared")
    wang = office.person("王五", mobile="13900000000")
    voice.answerable = {1: (wang,)}
    queue(office, 1, 2)
    assert office.deliver() == 0
    assert office.told() == {
        1: (S.CANCELLED, Reason.NO_WAY.label),
        2: (S.CANCELLED, Reason.NOBODY.label),
    }
    assert office.contents("shared") == []
    assert office.parts() == []


def test_of_several_who_answer_the_first_that_can_be_reached_is_told(
    office: Office, voice: PersonVoice
) -> None:
    office.way(ChannelKind.APP)
    first, second = office.person("甲"), office.person("乙", wecom_userid="yi")
    voice.answerable = {1: (first, second)}
    queue(office, 1)
    assert office.deliver() == 1
    assert len(app_texts(office, "yi")) == 1


@pytest.mark.parametrize("answers_0", [True, False])
def test_a_userid_nobody_has_leads_to_the_next_way_and_stays_visible(
    office: Office, voice: PersonVoice, mail: Behaviour, answers_0: bool
) -> None:
    office.sandbox.apps.remove_member("gone")
    office.sandbox.apps.answers_0_to_nobody = answers_0
    office.way(ChannelKind.APP)
    office.way(ChannelKind.MAIL)
    zhao = office.person("赵六", wecom_userid="gone", email="zhao@example.cn")
    voice.answerable = {1: (zhao,)}
    queue(office, 1)
    assert office.deliver() == 1
    assert len(mail.mails) == 1
    assert office.states() == {1: S.SENT}
    refused, taken = office.parts()
    assert (refused.state, refused.answer) == (S.FAILED, "企业微信里没有这个成员，请核对 userid")
    assert taken.state is S.SENT
    asked = len(office.sandbox.apps.attempts("message"))
    office.set(digests_per_day=2)
    voice.answerable[2] = (zhao,)
    queue(office, 2)
    assert office.deliver() == 1
    assert len(mail.mails) == 2  # the same day the wrong userid is not tried again
    assert len(office.sandbox.apps.attempts("message")) == asked


def test_a_userid_that_was_mended_is_tried_at_once(office: Office, voice: PersonVoice) -> None:
    office.sandbox.apps.remove_member("gone")
    office.way(ChannelKind.APP)
    zhao = office.person("赵六", wecom_userid="gone")
    voice.answerable = {1: (zhao,), 2: (zhao,)}
    queue(office, 1)
    assert office.deliver() == 0
    assert office.told()[1] == (S.CANCELLED, Reason.NO_WAY.label)
    office.clock.advance(timedelta(minutes=1))
    with office.database.writing() as session:
        person = session.get_one(Person, zhao)
        person.wecom_userid, person.updated_at = "zhao", office.clock.now()
        session.commit()
    queue(office, 2)
    assert office.deliver() == 1
    assert len(app_texts(office, "zhao")) == 1


def test_a_mailbox_nobody_has_leads_to_the_inbox(
    office: Office, voice: PersonVoice, mail: Behaviour
) -> None:
    mail.answers["RCPT"] = "550 no such user"
    office.way(ChannelKind.MAIL)
    head = office.cast.actor("head_a").person_id
    assert head is not None
    with office.database.writing() as session:
        session.get_one(Person, head).email = "head@example.cn"
        session.commit()
    voice.answerable = {1: (head,)}
    queue(office, 1)
    assert office.deliver() == 1
    assert [kept.person_id for kept in inbox(office)] == [head]
    assert office.states() == {1: S.SENT}


def test_a_lost_answer_is_uncertain_and_the_repeat_has_the_same_number(
    office: Office, voice: PersonVoice, mail: Behaviour
) -> None:
    mail.after_text = "drop"
    office.way(ChannelKind.MAIL)
    li, wang = (office.person(name, email=f"{name}@example.cn") for name in ("li", "wang"))
    voice.answerable = {1: (li,), 2: (wang,)}
    queue(office, 1)
    assert office.deliver() == 0
    assert office.states() == {1: S.UNCERTAIN}
    mail.after_text = ""
    queue(office, 2)
    assert office.deliver() == 1  # the other person does not wait for this one
    office.clock.advance(timedelta(minutes=5))
    assert office.deliver() == 1
    assert office.deliver() == 0
    first, other, second = mail.mails
    assert first["Message-ID"] == second["Message-ID"] != other["Message-ID"]


def test_who_took_over_the_duty_is_told_and_the_one_before_no_more(
    office: Office, voice: PersonVoice
) -> None:
    office.way(ChannelKind.APP)
    old, new = office.person("旧", wecom_userid="old"), office.person("新", wecom_userid="new")
    voice.answerable = {1: (old,)}
    office.sandbox.script_fault("-1", endpoint="message")
    queue(office, 1)
    assert office.deliver() == 0
    assert office.states() == {1: S.RETRY_AT}
    voice.answerable = {1: (new,)}
    office.clock.advance(timedelta(minutes=1))
    assert office.deliver() == 1
    assert app_texts(office, "old") == []
    assert len(app_texts(office, "new")) == 1


def test_what_is_closed_while_it_waits_is_not_said_to_a_person(
    office: Office, voice: PersonVoice
) -> None:
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    voice.answerable, voice.done = {1: (zhang,)}, {1}
    queue(office, 1)
    assert office.deliver() == 0
    assert office.told() == {1: (S.CANCELLED, Reason.NOT_WANTED.label)}


def test_an_application_out_of_use_keeps_what_has_no_other_way_and_the_inbox_takes_the_rest(
    office: Office, voice: PersonVoice
) -> None:
    app = office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    head = office.cast.actor("head_a").person_id
    assert head is not None
    with office.database.writing() as session:
        session.get_one(Person, head).wecom_userid = "head"
        session.commit()
    voice.answerable = {1: (zhang,), 2: (head,)}
    office.sandbox.apps.is_trusted = False
    queue(office, 1, 2)
    assert office.deliver() == 1
    assert len(inbox(office)) == 1
    assert office.states() == {1: S.QUEUED, 2: S.SENT}
    channel = office.get_channel(app)
    assert channel.state is ChannelState.BROKEN
    assert "企业可信IP" in (channel.state_reason or "")
    office.sandbox.apps.is_trusted = True
    with office.database.writing() as session:
        session.get_one(Channel, app).state = ChannelState.ACTIVE
        session.commit()
    assert office.deliver() == 1
    assert len(app_texts(office, "zhang")) == 1


def test_45009_pauses_the_application_for_everybody(office: Office, voice: PersonVoice) -> None:
    office.way(ChannelKind.APP)
    people = [office.person(name, wecom_userid=name) for name in ("zhang", "li")]
    voice.answerable = {1: (people[0],), 2: (people[1],)}
    office.sandbox.script_fault("45009", endpoint="message")
    queue(office, 1, 2)
    assert office.deliver() == 0
    assert len(office.sandbox.apps.attempts("message")) == 1
    office.clock.advance(timedelta(seconds=64))
    assert office.deliver() == 0
    office.clock.advance(timedelta(seconds=2))
    assert office.deliver() == 2


def test_nobody_is_ever_sent_what_the_host_would_drop(office: Office, voice: PersonVoice) -> None:
    office.set(digests_per_day=5, robot_messages_per_minute=3)
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    for number in range(1, 6):
        voice.answerable[number] = (zhang,)
        queue(office, number)
        office.deliver()
    assert len(office.sandbox.apps.attempts("message")) == 3
    office.clock.advance(timedelta(seconds=61))
    office.deliver()
    said = "".join(app_texts(office, "zhang"))
    assert all(f"T-{number:04d}" in said for number in range(1, 6))
    office.clock.advance(timedelta(hours=2))
    with office.database.writing() as session:
        recover(session, now=office.clock.now())
        assert session.scalars(select(RobotAttempt)).all() == []  # old ones are forgotten


def test_a_region_uses_its_own_ways_and_no_neighbours(office: Office, voice: PersonVoice) -> None:
    office.way(ChannelKind.APP, region="east")
    zhang = office.person("张三", wecom_userid="zhang")
    voice.answerable = {1: (zhang,)}
    queue(office, 1)
    assert office.deliver() == 0
    assert office.told()[1] == (S.CANCELLED, Reason.NO_WAY.label)


def test_nothing_reaches_a_person_while_pushing_is_off(office: Office, voice: PersonVoice) -> None:
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    voice.answerable = {1: (zhang,)}
    office.switch("0")
    queue(office, 1)
    assert office.deliver() == 0
    assert office.states() == {1: S.QUEUED}
    office.switch("1")
    assert office.deliver() == 1


def test_a_sign_in_that_was_ended_has_no_inbox(office: Office, voice: PersonVoice) -> None:
    head = office.cast.actor("head_a").person_id
    assert head is not None
    voice.answerable = {1: (head,)}
    with office.database.writing() as session:
        session.get_one(User, office.cast.users["head_a"]).is_active = False
        session.commit()
    queue(office, 1)
    assert office.deliver() == 0
    assert office.told()[1] == (S.CANCELLED, Reason.NO_WAY.label)


def test_the_message_says_when_and_to_whom_it_was_settled(
    office: Office, voice: PersonVoice
) -> None:
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    voice.answerable = {1: (zhang,)}
    queue(office, 1)
    office.deliver()
    with office.database.reading() as session:
        row = session.scalars(select(Notification)).one()
    assert row.person_id == zhang
    assert row.settled_at is not None
    assert local_date(row.settled_at) == local_date(office.clock.now())


def test_a_person_hears_one_digest_a_day_whatever_others_hear(
    office: Office, voice: PersonVoice
) -> None:
    office.way(ChannelKind.APP)
    zhang = office.person("张三", wecom_userid="zhang")
    li = office.person("李四", wecom_userid="li")
    voice.answerable = {1: (zhang,), 2: (li,), 3: (zhang,)}
    queue(office, 1)
    assert office.deliver() == 1
    queue(office, 2)
    queue(office, 3)
    assert office.deliver() == 1
    assert office.states() == {1: S.SENT, 2: S.SENT, 3: S.QUEUED}
    office.clock.advance(timedelta(days=1))
    assert office.deliver() == 1
    assert office.states()[3] is S.SENT


def test_a_message_goes_the_way_its_rule_names_and_no_other(
    office: Office, voice: PersonVoice, mail: Behaviour
) -> None:
    """Once a day by each way; where the way named leads nowhere, nothing is sent by another."""
    office.way(ChannelKind.APP)
    office.way(ChannelKind.MAIL)
    zhang = office.person("张三", wecom_userid="zhang", email="z@example.cn")
    li = office.person("李四", wecom_userid="li")
    voice.answerable = {1: (zhang,), 2: (zhang,), 3: (li,), 4: (zhang,)}
    queue(office, 1)
    office.queue(2, way=Way.MAIL)  # for a unit, and yet to one person
    office.queue(3, way=Way.MAIL)
    office.queue(4, way=Way.GROUP)
    office.channel("shared")
    assert office.deliver() == 3
    assert "T-0001" in app_texts(office, "zhang")[0]
    assert "T-0002" in mail.mails[0].get_content()
    assert "已逾期1项" in office.contents("shared")[0]
    assert app_texts(office, "li") == []
    assert office.told()[3] == (S.CANCELLED, Reason.NO_WAY.label)


def test_what_means_everybody_is_nobodys_address(
    office: Office, voice: PersonVoice, mail: Behaviour
) -> None:
    office.way(ChannelKind.APP)
    office.way(ChannelKind.MAIL)
    voice.answerable = {1: (office.person("张三", wecom_userid="@all", email="z@example.cn"),)}
    queue(office, 1)
    assert office.deliver() == 1
    assert app_texts(office) == []
    assert [letter["To"] for letter in mail.mails] == ["z@example.cn"]
