"""发送到本人: who keeps the ways, what is shown of a secret, and the test to oneself."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from tests.notifications.mail_server import Behaviour, mail_server
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.config import Config
from tracker.notifications.accounts import read_app
from tracker.notifications.models import Channel
from tracker.notifications.rules import ChannelKind, ChannelState
from tracker.people.models import Person
from tracker.wecom_sandbox.server import RunningSandbox

SECRET = "typed-secret-4321"
APP = {"name": "应用消息", "corpid": "ww1", "agentid": "7", "typed_secret": SECRET}


@pytest.fixture
def mail() -> Iterator[tuple[Behaviour, int]]:
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        yield behaviour, port


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox, mail: tuple[Behaviour, int]) -> Config:
    """The product goes out to the simulator and to the mail server."""
    return Config(
        **{
            **{name: getattr(config, name) for name in config.__dataclass_fields__},
            "wecom_base_url": sandbox.url,
            "wecom_allowed_hosts": (sandbox.url,),
            "mail_allowed_servers": (f"127.0.0.1:{mail[1]}",),
        }
    )


def signed_in(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def only(office: Office) -> Channel:
    with office.database.reading() as session:
        return session.scalars(select(Channel)).one()


def register(office: Office, username: str, **fields: str) -> None:
    with office.database.writing() as session:
        person = session.get_one(Person, office.cast.actor(username).person_id)
        for name, value in fields.items():
            setattr(person, name, value)
        session.commit()


def test_the_lead_adds_an_application_tests_it_on_themself_and_alters_it_without_the_secret(
    app: Flask, office: Office
) -> None:
    office.sandbox.apps.add_app("ww1", SECRET, 7)
    lead = signed_in(app, "lead")
    fields = {**APP, "base": office.sandbox.url}
    assert lead.post("/ways/new-app", fields).status_code == 302
    way = only(office)
    assert SECRET not in way.sealed_url
    lead.get("/ways")
    assert "****4321" in lead.text
    assert SECRET not in lead.text

    lead.post(f"/ways/{way.id}/test", via="/ways")
    lead.get("/ways")
    assert "您自己没有登记企业微信账号" in lead.text
    register(office, "lead", wecom_userid="lead.one")
    lead.post(f"/ways/{way.id}/test", via="/ways")
    lead.get("/ways")
    assert "测试消息已发给您本人" in lead.text
    (seen,) = office.sandbox.apps.messages("lead.one")
    assert "测试消息" in seen.content

    lead.get(f"/ways/{way.id}/edit")
    assert SECRET not in lead.text
    assert "ww1" in lead.text
    changed = {**fields, "name": "新名称", "typed_secret": ""}
    assert lead.post(f"/ways/{way.id}/edit", changed).status_code == 302
    altered = only(office)
    assert altered.name == "新名称"
    assert read_app(office.sealer.open(altered.sealed_url)).secret == SECRET

    lead.post(f"/ways/{way.id}/disable", via="/ways")
    assert only(office).state is ChannelState.DISABLED
    with office.database.reading() as session:
        trail = session.scalars(select(AuditEntry)).all()
    actions = {entry.action for entry in trail}
    assert {"channel_added", "channel_tested", "channel_rotated", "channel_disabled"} <= actions
    assert not any(SECRET in entry.detail for entry in trail)


def test_a_test_says_what_is_wrong_and_what_to_do(app: Flask, office: Office) -> None:
    way = office.way(ChannelKind.APP)
    register(office, "lead", wecom_userid="lead.one")
    lead = signed_in(app, "lead")
    office.sandbox.apps.is_trusted = False
    lead.post(f"/ways/{way}/test", via="/ways")
    lead.get("/ways")
    assert "60020" in lead.text
    assert "企业可信IP" in lead.text
    assert only(office).state is ChannelState.BROKEN
    office.sandbox.apps.is_trusted = True
    lead.post(f"/ways/{way}/test", via="/ways")
    assert only(office).state is ChannelState.ACTIVE
    office.sandbox.apps.remove_member("lead.one")
    lead.post(f"/ways/{way}/test", via="/ways")
    lead.get("/ways")
    assert "请核对 userid" in lead.text
    assert only(office).state is ChannelState.ACTIVE


def test_a_mail_server_is_added_when_the_administrator_lists_it(
    app: Flask, office: Office, mail: tuple[Behaviour, int]
) -> None:
    behaviour, port = mail
    lead = signed_in(app, "lead")
    fields = {
        "name": "邮件",
        "host": "127.0.0.1",
        "port": "25",
        "security": "plain",
        "sender": "xcb@example.cn",
    }
    assert lead.post("/ways/new-mail", fields).status_code == 422
    assert "TRACKER_MAIL_ALLOWED_SERVERS" in lead.text
    assert lead.post("/ways/new-mail", {**fields, "port": str(port)}).status_code == 302
    register(office, "lead", email="lead@example.cn")
    lead.post(f"/ways/{only(office).id}/test", via="/ways")
    (letter,) = behaviour.mails
    assert letter["To"] == "lead@example.cn"
    assert "测试消息" in letter.get_content()
    assert lead.post("/ways/new-mail", {**fields, "port": str(port)}).status_code == 422
    assert "每种方式只设一个" in lead.text


def test_a_secret_that_was_typed_is_not_shown_again_on_a_refused_form(
    app: Flask, office: Office
) -> None:
    lead = signed_in(app, "lead")
    fields = {**APP, "base": "https://elsewhere.example"}
    assert lead.post("/ways/new-app", fields).status_code == 422
    assert "允许名单" in lead.text
    assert SECRET not in lead.text


def test_the_ways_of_a_region_are_its_leads_alone(app: Flask, office: Office) -> None:
    way = office.way(ChannelKind.APP)
    assert signed_in(app, "clerk").get("/ways").status_code == 403
    assert signed_in(app, "admin").get("/ways").status_code == 403
    neighbour = signed_in(app, "east_lead")
    neighbour.get("/ways")
    assert "还没有发送方式" in neighbour.text
    assert neighbour.get(f"/ways/{way}/edit").status_code == 404
    for press in ("disable", "test"):
        assert neighbour.post(f"/ways/{way}/{press}", via="/ways").status_code == 404
    group = office.channel("shared")
    assert signed_in(app, "lead").get(f"/ways/{group}/edit").status_code == 404


def test_an_administrator_of_groups_does_not_see_the_ways(app: Flask, office: Office) -> None:
    way = office.way(ChannelKind.APP)
    admin = signed_in(app, "admin")
    admin.get("/channels")
    assert "还没有群机器人" in admin.text
    assert admin.get(f"/channels/{way}/address").status_code == 404
