"""When the robot is what is broken, the office's lead hears of it in person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from jobs import deliver_notifications, watchdog
from jobs.context import JobContext
from tests.conftest import MONDAY
from tests.notifications.mail_server import Behaviour, mail_server
from tests.notifications.office import Office
from tests.watchdog.test_service import config, morning, ran
from tracker.job_runs.rules import RunState
from tracker.kernel.config import Config
from tracker.notifications.models import InboxMessage, Notification
from tracker.notifications.rules import ChannelKind, MessageState, Reason
from tracker.people.models import Person, User
from tracker.watchdog.service import TO_LEAD

__all__ = ["config", "morning"]
BROKEN = "群“甲群”收不到消息：机器人已被移出群或地址错误"


def look(context: JobContext) -> int:
    """Watch, and deliver what that queued."""
    watchdog.run(context, context.clock.now())
    return deliver_notifications.run(context, context.clock.now())


def break_robot(office: Office, key: str = "own", unit: str = "a", name: str = "甲群") -> None:
    office.channel(key, ChannelKind.UNIT, unit=unit, name=name)
    office.queue(int(unit, 36), unit_id=office.cast.units[unit])
    office.sandbox.remove_robot(key)
    office.deliver()


def letters(office: Office) -> list[InboxMessage]:
    with office.database.reading() as session:
        return list(session.scalars(select(InboxMessage).order_by(InboxMessage.id)))


def lead(office: Office) -> int:
    person_id = office.cast.actor("lead").person_id
    assert person_id is not None
    return person_id


@pytest.fixture
def mail(office: Office) -> Iterator[Behaviour]:
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        office.mail_port = port
        yield behaviour


@pytest.mark.usefixtures("morning")
def test_a_robot_answering_93000_is_told_to_the_lead_once_a_day(
    office: Office, context: JobContext
) -> None:
    break_robot(office)
    assert look(context) == 1
    for _minute in range(3):
        office.clock.advance(timedelta(minutes=5))
        assert look(context) == 0
    (letter,) = letters(office)
    assert letter.person_id == lead(office)
    assert BROKEN in letter.body
    assert "T-0010" not in letter.body
    tuesday = MONDAY + timedelta(days=1)
    office.clock.set_local(tuesday, 10, 30)
    ran(office, "queue-reminders", tuesday.isoformat())
    assert look(context) == 1
    assert look(context) == 0
    assert len(letters(office)) == 2


@pytest.mark.usefixtures("morning")
def test_each_trouble_is_one_line(office: Office, context: JobContext) -> None:
    break_robot(office)
    break_robot(office, "other", "b", "乙群")
    assert look(context) == 1
    (letter,) = letters(office)
    assert BROKEN in letter.body
    assert "群“乙群”收不到消息" in letter.body


@pytest.mark.usefixtures("morning")
def test_the_lead_reads_it_as_a_letter_where_there_is_an_address(
    office: Office, context: JobContext, mail: Behaviour
) -> None:
    values = {name: getattr(context.config, name) for name in context.config.__dataclass_fields__}
    servers = {"mail_allowed_servers": (f"127.0.0.1:{office.mail_port}",)}
    context = JobContext(
        office.database, office.clock, Config(**{**values, **servers}), office.sealer, "one"
    )
    office.way(ChannelKind.MAIL)
    with office.database.writing() as session:
        session.get_one(Person, lead(office)).email = "lead@example.cn"
        session.commit()
    break_robot(office)
    assert look(context) == 1
    (sent,) = mail.mails
    assert sent["To"] == "lead@example.cn"
    assert BROKEN in sent.get_content()
    assert letters(office) == []


@pytest.mark.usefixtures("morning")
def test_the_group_that_is_well_hears_too_and_other_troubles_alone(
    office: Office, context: JobContext
) -> None:
    office.channel("bureau", ChannelKind.OFFICE, name="巡察办群")
    ran(office, "deliver-notifications", "2026-11-16T10:30", RunState.FAILED)
    assert look(context) == 1
    assert len(office.contents("bureau")) == 1
    assert letters(office) == []
    break_robot(office)
    look(context)
    (letter,) = letters(office)
    assert BROKEN in letter.body
    assert "发送提醒" not in letter.body


@pytest.mark.usefixtures("morning")
def test_what_the_offices_own_broken_group_cannot_hear_the_lead_does(
    office: Office, context: JobContext
) -> None:
    office.channel("bureau", ChannelKind.OFFICE, name="巡察办群")
    office.queue(1, unit_id=None, audience="office")
    office.sandbox.remove_robot("bureau")
    office.deliver()
    ran(office, "deliver-notifications", "2026-11-16T10:30", RunState.FAILED)
    assert look(context) == 1
    (letter,) = letters(office)
    assert "群“巡察办群”收不到消息" in letter.body
    assert "没有成功" in letter.body or "失败" in letter.body


@pytest.mark.usefixtures("morning")
def test_an_office_whose_lead_has_no_account_keeps_the_reason(
    office: Office, context: JobContext
) -> None:
    with office.database.writing() as session:
        session.get_one(User, office.cast.users["lead"]).is_active = False
        session.commit()
    break_robot(office)
    assert look(context) == 0
    with office.database.reading() as session:
        (row,) = session.scalars(select(Notification).where(Notification.audience == TO_LEAD))
    assert (row.state, row.state_reason) == (MessageState.CANCELLED, Reason.NOBODY.label)
