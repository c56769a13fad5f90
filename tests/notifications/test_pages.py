"""发送记录 and 群机器人: who sees and does what."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.notifications import queries
from tracker.notifications.models import Channel
from tracker.notifications.rules import ChannelKind, ChannelState
from tracker.wecom_sandbox.server import RunningSandbox


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox) -> Config:
    """The product goes out to the simulator."""
    return Config(
        **{
            **{name: getattr(config, name) for name in config.__dataclass_fields__},
            "wecom_base_url": sandbox.url,
            "wecom_allowed_hosts": (sandbox.url,),
        }
    )


def signed_in(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def test_the_office_reads_its_deliveries_and_a_neighbour_reads_none(
    app: Flask, office: Office
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.deliver()
    clerk = signed_in(app, "clerk")
    clerk.get("/deliveries")
    assert "T-0001" in clerk.text
    assert "已发送" in clerk.text
    assert "已被群机器人接受" in clerk.text
    neighbour = signed_in(app, "east_clerk")
    neighbour.get("/deliveries")
    assert "没有发送记录" in neighbour.text
    assert "T-0001" not in neighbour.text


def test_the_administrator_sees_state_and_errcode_but_no_business_text(
    app: Flask, office: Office
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("40058")
    office.deliver()
    admin = signed_in(app, "admin")
    admin.get("/deliveries")
    assert "错误码 40058" in admin.text
    assert "T-0001" not in admin.text
    assert "市甲局" not in admin.text
    assert "/resend" not in admin.text
    (part,) = office.parts()
    assert admin.post(f"/deliveries/{part.id}/resend", via="/deliveries").status_code == 403


def test_a_clerk_resends_a_failed_message_and_nobody_elses(app: Flask, office: Office) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("40058")
    office.deliver()
    (part,) = office.parts()
    path = f"/deliveries/{part.id}/resend"
    neighbour = signed_in(app, "east_clerk")
    assert neighbour.post(path, via="/deliveries").status_code == 404
    clerk = signed_in(app, "clerk")
    assert clerk.post(path, via="/deliveries").status_code == 302
    assert office.deliver() == 1
    clerk.post(path, via="/deliveries")
    clerk.get("/deliveries")
    assert "只有“发送失败”或“送达结果不明”的消息可以重发" in clerk.text


def test_the_page_says_what_waits_and_why(app: Flask, office: Office) -> None:
    office.queue(1)
    office.queue(2, region_id=office.cast.regions["east"], unit_id=office.cast.units["e"])
    clerk = signed_in(app, "clerk")
    clerk.get("/deliveries")
    assert "没有可用的群" in clerk.text
    assert "推送总开关未打开" not in clerk.text
    neighbour = signed_in(app, "east_clerk")
    neighbour.get("/deliveries")
    assert "推送总开关未打开" in neighbour.text


def test_the_list_pages_by_key_and_filters_by_state(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PER_PAGE", 2)
    office.set(digests_per_day=3)  # three pages' worth on one day
    office.channel("own", ChannelKind.UNIT, unit="a")
    for number in (1, 2, 3):
        office.queue(number)
        office.deliver()
    newest = office.parts()[-1].id
    clerk = signed_in(app, "clerk")
    clerk.get("/deliveries")
    assert "T-0003" in clerk.text
    assert "T-0001" not in clerk.text
    clerk.get(f"/deliveries?before={newest - 1}")
    assert "T-0001" in clerk.text
    assert "T-0003" not in clerk.text
    clerk.get("/deliveries?state=failed")
    assert "没有发送记录" in clerk.text
    for odd in ("before=9999999999999999999999999", "before=x", "state=nonsense"):
        assert clerk.get(f"/deliveries?{odd}").status_code == 200


def test_an_administrator_adds_tests_changes_and_disables_a_group(
    app: Flask, office: Office
) -> None:
    admin = signed_in(app, "admin")
    fields = {
        "name": "联络员群",
        "kind": "shared",
        "region_id": office.cast.regions["city"],
        "unit_id": "0",
        "robot_url": office.sandbox.webhook_url("first-key-1234"),
    }
    assert admin.post("/channels/new", fields).status_code == 302
    admin.get("/channels")
    assert "****1234" in admin.text
    assert "first-key" not in admin.text
    channel = only_channel(office.database)
    assert "first-key" not in channel.sealed_url

    admin.post(f"/channels/{channel.id}/test", via="/channels")
    admin.get("/channels")
    assert "测试消息已发送到群" in admin.text
    assert "测试消息" in office.contents("first-key-1234")[0]

    office.sandbox.remove_robot("first-key-1234")
    admin.post(f"/channels/{channel.id}/test", via="/channels")
    admin.get("/channels")
    assert "机器人已被移出群或地址错误" in admin.text
    assert only_channel(office.database).state is ChannelState.BROKEN

    address = f"/channels/{channel.id}/address"
    assert admin.post(address, {"robot_url": "second-key-5678"}).status_code == 302
    admin.get("/channels")
    assert "****5678" in admin.text
    assert only_channel(office.database).state is ChannelState.ACTIVE

    admin.post(f"/channels/{channel.id}/disable", via="/channels")
    assert only_channel(office.database).state is ChannelState.DISABLED
    with office.database.reading() as session:
        trail = session.scalars(select(AuditEntry)).all()
    assert "channel_rotated" in {entry.action for entry in trail}
    assert not any("key-5678" in entry.detail for entry in trail)


def only_channel(database: Database) -> Channel:
    with database.reading() as session:
        return session.scalars(select(Channel)).one()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://elsewhere.example/cgi-bin/webhook/send?key=k-k-k", "不在允许名单内"),
        ("http://user:pw@127.0.0.1/cgi-bin/webhook/send?key=secret-typed", "用户名"),
    ],
)
def test_an_address_that_may_not_be_reached_is_refused_and_not_shown_again(
    app: Flask, office: Office, address: str, sentence: str
) -> None:
    admin = signed_in(app, "admin")
    fields = {
        "name": "群",
        "kind": "shared",
        "region_id": office.cast.regions["city"],
        "unit_id": "0",
        "robot_url": address,
    }
    assert admin.post("/channels/new", fields).status_code == 422
    assert sentence in admin.text
    assert "key=" not in admin.text.replace("key=…", "")
    assert "secret-typed" not in admin.text


def test_a_countys_group_is_kept_by_the_city_and_out_of_reach_for_the_rest(
    app: Flask, office: Office
) -> None:
    channel_id = office.channel("east-key", region="east")
    admin = signed_in(app, "admin")
    admin.get("/channels")
    assert "群east-key" in admin.text
    clerk = signed_in(app, "clerk")
    assert clerk.get("/channels").status_code == 403
    path = f"/channels/{channel_id}/disable"
    assert clerk.post(path, via="/deliveries").status_code == 403
    assert admin.get("/channels/999999/address").status_code == 404


def test_a_test_message_takes_its_token_too(app: Flask, office: Office) -> None:
    office.set(digests_per_day=3, robot_messages_per_minute=3)
    channel_id = office.channel("own", ChannelKind.UNIT, unit="a")
    for number in range(1, 4):
        office.queue(number)
        office.deliver()
    admin = signed_in(app, "admin")
    admin.post(f"/channels/{channel_id}/test", via="/channels")
    admin.get("/channels")
    assert "秒后再测试" in admin.text
    assert len(office.contents("own")) == 3
    office.clock.advance(timedelta(minutes=1))
    admin.post(f"/channels/{channel_id}/test", via="/channels")
    assert len(office.contents("own")) == 4


def test_commands_add_and_test_a_group(app: Flask, office: Office) -> None:
    runner = app.test_cli_runner()
    added = runner.invoke(args=["channel", "add", "群甲", "bare-key-1234", "--region", "CITY"])
    assert added.exit_code == 0, added.output
    assert "****1234" in added.output
    assert "bare-key" not in added.output
    assert runner.invoke(args=["channel", "test", "群甲"]).exit_code == 0
    assert len(office.contents("bare-key-1234")) == 1
    own = ["channel", "add", "甲局群", "unit-key", "--kind", "unit", "--unit", "A01"]
    assert runner.invoke(args=own).exit_code == 0
    twice = runner.invoke(args=own)
    assert twice.exit_code == 1
    assert "已有名为" in twice.output
    office.sandbox.remove_robot("unit-key")
    failed = runner.invoke(args=["channel", "test", "CITY/甲局群"])
    assert failed.exit_code == 1
    assert "93000" in failed.output
    assert runner.invoke(args=["channel", "test", "没有"]).exit_code == 1
