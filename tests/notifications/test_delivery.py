"""The outbox against the simulator, a real HTTP server, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import TESTER
from tests.fakes.voice import ThingVoice
from tests.notifications.office import Office
from tests.notifications.test_crashes import open_groups
from tracker.kernel.links import Links
from tracker.notifications import service
from tracker.notifications.models import Channel, Delivery, Notification
from tracker.notifications.rules import (
    Audience,
    ChannelKind,
    ChannelState,
    MessageState,
    Reason,
)

S = MessageState


def test_a_message_reaches_the_shared_group_once_as_a_count_with_a_link(office: Office) -> None:
    office.channel("shared")
    office.queue(1, 2)
    assert office.deliver() == 1
    assert office.deliver() == 0
    (seen,) = office.sandbox.seen("shared")
    assert "已逾期2项" in seen["content"]
    assert "https://tracker.example/tasks" in seen["content"]
    assert "市甲局" not in seen["content"]
    assert seen["mentioned_list"] == ["liaison.one"]
    assert seen["mentioned_mobile_list"] == ["13800001111"]
    assert office.states() == {1: S.SENT, 2: S.SENT}
    (part,) = office.parts()
    assert (part.state, part.errcode, part.attempts) == (S.SENT, 0, 1)


def test_a_unit_with_its_own_group_reads_lines_there_and_nothing_in_the_shared_one(
    office: Office,
) -> None:
    office.channel("shared")
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.deliver()
    assert "T-0001 市甲局" in office.contents("own")[0]
    assert office.contents("shared") == []


def test_what_is_for_the_office_and_its_lead_goes_to_the_offices_group_without_mentions(
    office: Office,
) -> None:
    office.channel("shared")
    office.channel("office", ChannelKind.OFFICE)
    office.queue(1, audience=Audience.OFFICE)
    office.queue(2, audience=Audience.LEAD)
    office.deliver()
    (seen,) = office.sandbox.seen("office")
    assert "T-0001" in seen["content"]
    assert "T-0002" in seen["content"]
    assert seen["mentions"] == []
    assert office.contents("shared") == []


def test_an_announcement_about_no_unit_is_said_in_full_in_the_shared_group(office: Office) -> None:
    office.channel("shared")
    office.queue(7, audience=Audience.LIAISONS, unit_id=None)
    office.deliver()
    assert "T-0007" in office.contents("shared")[0]


def test_without_a_mobile_address_no_message_carries_a_link(office: Office) -> None:
    office.links = Links(None)
    office.channel("shared")
    office.queue(1)
    office.deliver()
    assert "http" not in office.contents("shared")[0]


def test_nothing_is_sent_until_the_lead_switches_pushing_on(office: Office) -> None:
    office.switch("0")
    office.channel("shared")
    office.queue(1)
    assert office.deliver() == 0
    assert office.sandbox.attempts() == []
    assert office.states() == {1: S.QUEUED}
    office.switch("1")
    assert office.deliver() == 1


def test_without_a_group_messages_stay_queued(office: Office) -> None:
    office.queue(1)
    assert office.deliver() == 0
    assert office.states() == {1: S.QUEUED}


def test_a_message_waits_for_its_hour(office: Office) -> None:
    office.channel("shared")
    office.queue(1, not_before=office.clock.now() + timedelta(hours=1))
    assert office.deliver() == 0
    office.clock.advance(timedelta(hours=1))
    assert office.deliver() == 1


def test_a_message_whose_task_closes_while_queued_is_cancelled_and_its_sibling_sent(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1, 2)
    office.voice.done = {1}
    office.deliver()
    (content,) = office.contents("own")
    assert "T-0001" not in content
    assert "T-0002" in content
    assert office.states() == {1: S.CANCELLED, 2: S.SENT}
    with office.database.reading() as session:
        first = session.scalars(select(Notification).where(Notification.object_id == 1)).one()
    assert first.state_reason == Reason.NOT_WANTED.label


def test_when_nothing_is_wanted_any_more_nothing_is_sent(office: Office) -> None:
    office.channel("shared")
    office.queue(1)
    office.voice.done = {1}
    assert office.deliver() == 0
    assert office.sandbox.attempts() == []
    assert office.parts() == []


def test_a_task_that_closes_while_its_message_waits_for_a_retry_is_left_out(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1, 2)
    office.sandbox.script_fault("-1")
    assert office.deliver() == 0
    assert office.states() == {1: S.RETRY_AT, 2: S.RETRY_AT}
    office.voice.done = {1}
    office.clock.advance(timedelta(minutes=1))
    assert office.deliver() == 1
    assert "T-0001" not in office.contents("own")[0]
    assert office.states() == {1: S.CANCELLED, 2: S.SENT}


def test_a_feature_with_a_fault_silences_no_other(office: Office) -> None:
    office.set(digests_per_day=2)  # its own words come later on the same day
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.queue(2, object_type="other")
    assert office.deliver(ThingVoice("other", is_broken=True)) == 1
    assert office.states() == {1: S.SENT, 2: S.QUEUED}
    assert office.deliver(ThingVoice("other")) == 1


def test_an_object_nobody_speaks_for_stays_queued(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(2, object_type="other")
    assert office.deliver() == 0
    assert office.states() == {2: S.QUEUED}


def test_a_long_digest_goes_out_in_numbered_parts_in_order(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.voice.padding = "，" + "长" * 60
    office.queue(*range(1, 31))
    parts = office.deliver()
    contents = office.contents("own")
    assert 1 < parts == len(contents) <= 5
    assert [f"（{no}/{parts}）" in text for no, text in enumerate(contents, 1)] == [True] * parts
    assert all(len(text.encode()) <= 2000 for text in contents)
    assert sum(text.count("T-") for text in contents) == 30
    assert [bool(seen["mentions"]) for seen in office.sandbox.seen("own")] == [
        True,
        *[False] * (parts - 1),
    ]


def test_of_21_messages_within_a_minute_the_nineteenth_waits_for_its_token(office: Office) -> None:
    open_groups(office, 21, key="own")  # one robot key: a group hears one digest a day
    assert office.deliver() == 18
    assert office.deliver() == 0
    office.clock.advance(timedelta(seconds=60))
    assert office.deliver() == 3
    assert [each["errcode"] for each in office.sandbox.attempts("own")] == [0] * 21
    assert set(office.states().values()) == {S.SENT}


def test_two_channels_with_one_key_share_its_minute(office: Office) -> None:
    office.set(digests_per_day=5, robot_messages_per_minute=3)
    office.channel("same", ChannelKind.UNIT, unit="a")
    office.channel("same", ChannelKind.UNIT, unit="b", name="又一个群")
    for number in range(1, 5):
        office.queue(number)
        office.queue(100 + number, unit_id=office.cast.units["b"])
        office.deliver()
    assert len(office.contents("same")) == 3


def test_a_group_hears_one_digest_a_day_and_what_comes_later_waits_for_the_next(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.channel("other", ChannelKind.UNIT, unit="b")
    office.queue(1)
    assert office.deliver() == 1
    office.clock.advance(timedelta(hours=2))
    office.queue(2, 3)
    office.queue(4, unit_id=office.cast.units["b"])
    assert office.deliver() == 1  # the other group has heard nothing yet
    assert office.states() == {1: S.SENT, 2: S.QUEUED, 3: S.QUEUED, 4: S.SENT}
    office.voice.done = {2}
    office.clock.set_local(MONDAY + timedelta(days=1), 9, 7)
    office.queue(5)
    assert office.deliver() == 1  # composed anew, with what has come due since
    text = office.contents("own")[-1]
    assert [f"T-000{no}" in text for no in (2, 3, 5)] == [False, True, True]


def test_the_office_may_speak_more_often_and_a_sixth_time_never(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.set(digests_per_day=5)
    for number in range(1, 8):
        office.queue(number)
        office.deliver()
    assert len(office.contents("own")) == 5
    office.set(digests_per_day=6)  # out of bounds: as if it were not set
    assert office.deliver() == 0


def test_parts_resends_tests_and_what_came_to_nothing_are_no_further_digests(
    office: Office,
) -> None:
    channel_id = office.channel("own", ChannelKind.UNIT, unit="a")
    office.sandbox.script_fault("40058")
    office.queue(1)
    assert office.deliver() == 0  # refused: nobody has heard anything
    office.voice.padding = "，" + "长" * 60
    office.queue(*range(2, 32))
    service.send_test(
        office.database,
        channel_id,
        sender=office.robot(),
        sealer=office.sealer,
        clock=office.clock,
        actor=TESTER,
    )
    assert office.deliver() > 1
    with office.database.writing() as session:
        row = session.get_one(Delivery, office.parts()[0].id)
        service.resend(session, row, actor=TESTER, now=office.clock.now())
        session.commit()
    assert office.deliver() == 1
    office.queue(99)
    assert office.deliver() == 0


def test_too_often_pauses_the_key_for_65_seconds_and_keeps_the_rest_in_order(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.voice.padding = "，" + "长" * 60
    office.queue(*range(1, 21))
    office.sandbox.script_fault("45009", times=1)
    assert office.deliver() == 0
    office.clock.advance(timedelta(seconds=64))
    assert office.deliver() == 0
    assert len(office.sandbox.attempts("own")) == 1
    office.clock.advance(timedelta(seconds=1))
    assert office.deliver() > 1
    assert "（1/" in office.contents("own")[0]


def test_another_programs_use_of_the_key_stops_a_split_in_the_middle_and_no_part_is_repeated(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.voice.padding = "，" + "长" * 60
    office.queue(*range(1, 21))
    for _ in range(19):
        office.robot().send(office.sandbox.webhook_url("own"), "别的程序")
    assert office.deliver() == 1
    assert office.parts()[1].errcode == 45009
    office.clock.advance(timedelta(seconds=65))
    office.deliver()
    texts = office.contents("own")[19:]
    marks = [text.split("（")[1].split("）")[0] for text in texts]
    assert len(marks) > 1
    assert marks == [f"{no}/{len(marks)}" for no in range(1, len(marks) + 1)]


def test_a_dead_robot_is_marked_broken_and_its_backlog_kept(office: Office) -> None:
    channels = {
        "93000": office.channel("r93000", ChannelKind.UNIT, unit="a"),
        "93004": office.channel("r93004", ChannelKind.UNIT, unit="b"),
        "93008": office.channel("r93008", ChannelKind.OFFICE),
    }
    for code in channels:
        office.sandbox.script_fault(code, key=f"r{code}", times=10)
    for number in (1, 4):  # the second comes when they are known to be broken
        office.queue(number)
        office.queue(number + 1, unit_id=office.cast.units["b"])
        office.queue(number + 2, audience=Audience.OFFICE)
        office.deliver()
        office.clock.advance(timedelta(hours=1))
    for code, channel_id in channels.items():
        channel = office.get_channel(channel_id)
        assert channel.state is ChannelState.BROKEN
        assert "机器人" in (channel.state_reason or "")
        assert len(office.sandbox.attempts(f"r{code}")) == 1
    assert set(office.states().values()) == {S.QUEUED}


def test_a_new_address_brings_the_backlog_out(office: Office) -> None:
    channel_id = office.channel("old", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.remove_robot("old")
    office.deliver()
    with office.database.writing() as session:
        service.rotate(
            session,
            session.get_one(Channel, channel_id),
            "fresh",
            base_url=office.sandbox.url,
            allowed_hosts=[office.sandbox.url],
            sealer=office.sealer,
            actor=TESTER,
            now=office.clock.now(),
        )
        session.commit()
    assert office.deliver() == 1
    assert "T-0001" in office.contents("fresh")[0]


def test_a_disabled_group_hands_its_backlog_to_the_shared_one(office: Office) -> None:
    channel_id = office.channel("own", ChannelKind.UNIT, unit="a")
    office.channel("shared")
    office.queue(1)
    office.sandbox.script_fault("-1", key="own")
    office.deliver()
    with office.database.writing() as session:
        channel = session.get_one(Channel, channel_id)
        service.disable(session, channel, actor=TESTER, now=office.clock.now())
        session.commit()
    assert office.deliver() == 1
    assert office.contents("own") == []
    assert len(office.contents("shared")) == 1


@pytest.mark.parametrize(("fault", "limit"), [("-1", 4), ("html", 6)])
def test_a_failure_that_may_pass_is_retried_a_few_times_and_then_shown(
    office: Office, fault: str, limit: int
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault(fault, times=50)
    for _ in range(12):
        assert office.deliver() == 0
        office.clock.advance(timedelta(hours=2))
    assert len(office.sandbox.attempts("own")) == limit
    assert office.states() == {1: S.FAILED}


def test_a_refused_message_fails_at_once_and_a_person_may_resend_it(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("40058")
    office.deliver()
    office.clock.advance(timedelta(hours=1))
    assert office.deliver() == 0
    (part,) = office.parts()
    assert (part.state, part.errcode) == (S.FAILED, 40058)
    with office.database.writing() as session:
        row = session.get_one(Delivery, part.id)
        service.resend(session, row, actor=TESTER, now=office.clock.now())
        session.commit()
    assert office.deliver() == 1
    assert office.states() == {1: S.SENT}


def test_a_refused_message_does_not_hold_up_the_next(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("40058")
    office.deliver()
    office.queue(2)
    assert office.deliver() == 1
    assert office.states() == {1: S.FAILED, 2: S.SENT}


def test_a_lost_answer_is_uncertain_and_repeated_once_with_the_same_number(
    office: Office,
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("accept_then_drop", times=5)
    assert office.deliver() == 0
    assert office.states() == {1: S.UNCERTAIN}
    assert office.deliver() == 0
    for _ in range(5):
        office.clock.advance(timedelta(hours=1))
        office.deliver()
    first, second = office.contents("own")
    assert first == second
    assert "编号" in first
    assert office.states() == {1: S.UNCERTAIN}


def test_a_lost_message_is_not_repeated_when_its_task_has_closed_meanwhile(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("accept_then_drop")
    office.deliver()
    office.voice.done = {1}
    office.clock.advance(timedelta(hours=1))
    assert office.deliver() == 0
    assert len(office.contents("own")) == 1
    (part,) = office.parts()
    assert part.state is S.UNCERTAIN


def test_a_hanging_host_is_given_up_and_the_message_uncertain(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sender = office.robot(read_seconds=0.3, total_seconds=2.0)
    office.sandbox.script_fault("hang", seconds=20)
    assert office.deliver() == 0
    assert office.states() == {1: S.UNCERTAIN}


def test_an_unreachable_host_keeps_the_message_for_later(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.stop()
    assert office.deliver() == 0
    assert office.states() == {1: S.RETRY_AT}
    assert office.parts()[0].errcode is None


def test_a_robot_without_a_token_holds_up_no_other(office: Office) -> None:
    office.channel("slow", ChannelKind.UNIT, unit="a")
    office.channel("free", ChannelKind.UNIT, unit="b")
    office.sandbox.script_fault("45009", key="slow")
    office.queue(1)
    office.queue(2, unit_id=office.cast.units["b"])
    assert office.deliver() == 1
    assert len(office.contents("free")) == 1
