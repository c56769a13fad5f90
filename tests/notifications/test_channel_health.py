"""通道健康: what each robot's line says, to whom, and what becomes of it by trying."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.permissions import Actor
from tracker.notifications.health import ChannelHealth, channel_health, monday_of
from tracker.notifications.rules import Audience, ChannelKind, ChannelState, Way, explain_answer
from tracker.wecom_sandbox.server import RunningSandbox

A_WEEK = timedelta(days=7)


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox) -> Config:
    """The product goes out to the simulator."""
    values = {name: getattr(config, name) for name in config.__dataclass_fields__}
    hosts = {"wecom_base_url": sandbox.url, "wecom_allowed_hosts": (sandbox.url,)}
    return Config(**{**values, **hosts})


def health(office: Office, who: str = "clerk") -> dict[str, ChannelHealth]:
    actor: Actor = office.cast.actor(who)
    with office.database.reading() as session:
        found = channel_health(session, actor, now=office.clock.now())
        return {robot.channel.name: robot for robot in found}


def page(app: Flask, username: str) -> str:
    visitor = Visitor(app)
    visitor.sign_in(username)
    assert visitor.get("/channel-health").status_code == 200
    return visitor.text


def test_a_removed_robot_says_what_to_do_keeps_its_backlog_and_recovers(
    app: Flask, office: Office
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.queue(1, 2)
    office.sandbox.remove_robot("own")
    office.deliver()
    office.clock.advance(timedelta(minutes=3))
    robot = health(office)["甲群"]
    assert robot.channel.state is ChannelState.BROKEN
    assert (robot.channel.last_errcode, robot.channel.last_sent_at) == (93000, None)
    assert (robot.backlog.count, robot.has_recovered) == (2, False)
    assert robot.backlog.oldest_at == office.clock.now() - timedelta(minutes=3)
    text = page(app, "clerk")
    assert "错误码 93000：机器人已被移出群或地址错误，请在群里重新复制地址" in text
    assert "测试和更换地址由系统管理员操作" in text

    office.sandbox.name_group("own", "甲群")
    admin = Visitor(app)
    admin.sign_in("admin")
    admin.get("/channel-health")
    tried = admin.post(
        f"/channels/{robot.channel.id}/test", {"back": "health"}, via="/channel-health"
    )
    assert tried.headers["Location"].endswith("/channel-health")
    assert office.deliver() == 1
    robot = health(office)["甲群"]
    assert (robot.channel.state, robot.backlog.count) == (ChannelState.ACTIVE, 0)
    assert robot.has_recovered
    assert "之后已恢复" in page(app, "clerk")


def test_the_test_button_that_fails_is_the_last_failure_too(app: Flask, office: Office) -> None:
    channel_id = office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.sandbox.script_fault("93000")
    admin = Visitor(app)
    admin.sign_in("admin")
    admin.get("/channel-health")
    admin.post(f"/channels/{channel_id}/test", {"back": "health"}, via="/channel-health")
    robot = health(office)["甲群"]
    assert (robot.channel.last_errcode, robot.channel.last_failed_at) == (93000, office.clock.now())


def test_allowance_used_pause_and_messages_of_each_week(app: Flask, office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.set(digests_per_day=5)
    for weeks_back, count in ((4, 5), (3, 1), (1, 2), (0, 1)):
        office.clock.advance(A_WEEK * -weeks_back)
        for number in range(count):
            office.queue(weeks_back * 100 + number)
            assert office.deliver() == 1
        office.clock.advance(A_WEEK * weeks_back)
    robot = health(office)["甲群"]
    assert robot.weeks == (1, 2, 0, 1)
    assert (robot.used, robot.allowance, robot.paused_until) == (1, 18, None)
    office.clock.advance(timedelta(seconds=61))
    assert health(office)["甲群"].used == 0
    office.sandbox.script_fault("45009")
    office.queue(999)
    office.deliver()
    robot = health(office)["甲群"]
    assert robot.paused_until == office.clock.now() + timedelta(seconds=65)
    text = page(app, "clerk")
    assert "1/18" in text
    assert "1、2、0、1" in text
    assert "到时自动继续" in text
    assert "发送过于频繁" in text


def test_refused_messages_are_counted_and_stand_in_the_inbox_until_resent(
    app: Flask, office: Office
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    for number in (1, 2):
        office.queue(number)
        if number == 1:
            office.sandbox.script_fault("40058")
        office.deliver()
    assert health(office)["甲群"].unsettled == 1
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    clerk.get("/deliveries?state=to-settle")
    assert "T-0001" in clerk.text
    assert "T-0002" not in clerk.text
    (failed, _sent) = office.parts()
    clerk.post(f"/deliveries/{failed.id}/resend", via="/deliveries?state=to-settle")
    assert office.deliver() == 1
    clerk.get("/deliveries?state=to-settle")
    assert "没有发送记录" in clerk.text
    assert health(office)["甲群"].unsettled == 0


def test_what_a_broken_group_leaves_to_another_is_that_ones_backlog(office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.queue(1)
    office.sandbox.remove_robot("own")
    office.deliver()
    assert health(office)["甲群"].backlog.count == 1
    office.channel("all", ChannelKind.SHARED, name="联络员群")
    found = health(office)
    assert (found["甲群"].backlog.count, found["联络员群"].backlog.count) == (0, 1)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("clerk", {"甲群"}),
        ("lead", {"甲群"}),
        ("east_clerk", {"东县群"}),
        ("admin", {"甲群", "东县群"}),
    ],
)
def test_each_office_sees_its_own_robots_alone(office: Office, who: str, sees: set[str]) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a", name="甲群")
    office.channel("far", ChannelKind.SHARED, region="east", name="东县群")
    assert set(health(office, who)) == sees


def test_who_works_in_a_unit_does_not_enter(app: Flask, office: Office) -> None:
    visitor = Visitor(app)
    visitor.sign_in("liaison_a")
    assert visitor.get("/channel-health").status_code == 403


@pytest.mark.parametrize(
    ("errcode", "answer", "said"),
    [
        (93000, "invalid webhook url", "请在群里重新复制地址"),
        (60020, "not allow to access", "错误码不在已知列表中"),
        (None, "not connected: ConnectTimeout", "请检查网络、代理和证书设置"),
        (None, "no answer: ReadTimeout", "可能已送达"),
        (None, "HTTP 502", "请检查机器人地址和代理"),
        (None, "HTTP 200 without an errcode", "请检查机器人地址和代理"),
        (None, "发送程序中断，可能已送达", "发送程序中断"),
    ],
)
def test_every_failure_is_explained_in_chinese(errcode: int | None, answer: str, said: str) -> None:
    assert said in explain_answer(errcode, answer)


def test_a_monday_begins_its_week(database: Database, office: Office) -> None:
    monday = monday_of(office.clock.now().date())
    assert {monday_of(monday + timedelta(days=day)) for day in range(7)} == {monday}


def test_no_page_claims_that_a_person_has_been_reminded() -> None:
    root = Path(__file__).parents[2]
    told = [
        path
        for folder, kind in (("templates", "*.html"), ("templates", "*.txt"), ("tracker", "*.py"))
        for path in (root / folder).rglob(kind)
        if "已提醒本人" in path.read_text(encoding="utf-8")
    ]
    assert told == []


def test_ways_to_persons_are_no_groups_and_what_is_for_persons_is_no_group_s_backlog(
    office: Office,
) -> None:
    office.channel("shared", name="联络员群")
    office.way(ChannelKind.APP)
    office.queue(1, audience=Audience.OWNER, unit_id=None)
    office.queue(2, way=Way.MAIL)
    office.queue(3)
    found = health(office)
    assert list(found) == ["联络员群"]
    assert found["联络员群"].backlog.count == 1
