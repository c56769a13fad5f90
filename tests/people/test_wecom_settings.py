"""企业微信登录 is switched on by the administrator, and whose userid lets whom in is theirs to say."""

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.notifications.office import Office
from tests.people.wecom_house import House, config, house, office, refusal, sandbox, tokens, way
from tests.visitor import Visitor
from tracker.notifications import personal_channels
from tracker.notifications.accounts import AppAccount
from tracker.notifications.models import Channel
from tracker.people.rules import WecomRefusal

__all__ = ["config", "house", "office", "sandbox", "tokens", "way"]
R = WecomRefusal


def test_an_application_that_became_another_ones_lets_nobody_in(house: House, way: int) -> None:
    """The lead keeps the application; whose members are let in is the administrator's word."""
    stranger = AppAccount(
        base=house.office.sandbox.url, corpid="ww-other", agentid=7, secret="another-secret"
    )
    with house.database.writing() as session:
        personal_channels.alter_way(
            session,
            session.get_one(Channel, way),
            "应用",
            stranger,
            sealer=house.office.sealer,
            actor=house.office.cast.actor("lead"),
            now=house.office.clock.now(),
        )
        session.commit()
    visitor = Visitor(house.app)
    assert visitor.get("/sign-in/wecom").status_code == 404
    visitor.get("/sign-in")
    assert "企业微信登录" not in visitor.text
    admin = Visitor(house.app)
    admin.sign_in("admin")
    admin.get("/wecom-sign-in")
    assert "改成了另一个企业" in admin.text


def test_members_of_a_county_come_in_where_the_administrator_says_so(
    house: House, way: int
) -> None:
    house.name("east_clerk", "li.si")
    visitor = Visitor(house.app)
    assert refusal(visitor, house.agree(visitor, "li.si")) is R.NOBODY
    house.switch_on(way, with_counties="1")
    house.come_in("li.si")
    assert house.signed_in() == [house.office.cast.users["east_clerk"]]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"in_app_url": "https://evil.example/authorize"}, "允许名单"),
        ({"scan_url": "javascript:alert(1)"}, "https://"),
        ({"scan_url": "https://open.work.weixin.qq.com/x?y=1"}, "不带"),
        ({"scan_url": "https://a@open.work.weixin.qq.com/x"}, "不带"),
        ({"scan_url": "http://open.work.weixin.qq.com/x"}, "允许名单"),
        ({"way_id": "999"}, "请选择用哪个"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(
    app: Flask, office: Office, way: int, fields: dict[str, str], said: str
) -> None:
    admin = Visitor(app)
    admin.sign_in("admin")
    answer = admin.post("/wecom-sign-in", {"is_on": "1", "way_id": str(way), **fields})
    assert answer.status_code == 422
    assert said in admin.text
    assert Visitor(app).get("/sign-in/wecom").status_code == 404


def test_while_it_is_on_an_offices_clerk_gives_nobody_the_key_to_an_account(
    house: House, people: Cast
) -> None:
    clerk, admin = Visitor(house.app), Visitor(house.app)
    clerk.sign_in("clerk")
    admin.sign_in("admin")
    lead = people.actor("lead").person_id
    page = f"/persons/{lead}/edit"
    answer = clerk.post(page, {"name": "主任", "wecom_userid": "mine"})
    assert answer.status_code == 422
    assert "请系统管理员在“人员账号”中修改" in clerk.text
    assert clerk.post(page, {"name": "主任"}).status_code == 302
    account = f"/accounts/{people.users['lead']}/wecom-userid"
    assert admin.post(account, {"wecom_userid": "boss"}).status_code == 302
    house.office.sandbox.apps.name_member("boss")
    house.come_in("boss")
    assert people.users["lead"] in house.signed_in()
