"""企业微信登录, over HTTP against the simulator: who gets in, who does not, and what is said."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.notifications.office import Office
from tests.people.wecom_house import House, config, house, office, refusal, sandbox, tokens, way
from tests.visitor import PASSWORD, Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.settings import get_setting
from tracker.notifications.channels import members
from tracker.people import wecom
from tracker.people.models import SignInFailure, User, WecomReturn
from tracker.people.rules import WecomRefusal

__all__ = ["config", "house", "office", "sandbox", "tokens", "way"]
IN_WECOM = "Mozilla/5.0 (Linux; Android 14) wxwork/4.1.30 MicroMessenger/7.0.1"
R = WecomRefusal


@pytest.mark.parametrize(
    ("agent", "place"),
    [(IN_WECOM, "/connect/oauth2/authorize"), ("Mozilla/5.0 Chrome/120", "/wwopen/sso/qrConnect")],
)
def test_a_member_comes_in_from_inside_wecom_and_by_scanning(
    house: House, agent: str, place: str
) -> None:
    visitor = Visitor(house.app)
    assert urlsplit(house.start(visitor, agent=agent)).path == place
    back = house.agree(visitor, "Zhang.San", agent=agent, target="/tasks?only=all")
    answer = visitor.get(back)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tasks?only=all")
    assert visitor.get("/tasks").status_code == 200
    assert house.signed_in() == [house.office.cast.users["clerk"]]
    with house.database.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "sign_in").order_by(AuditEntry.id.desc())
        ).first()
        assert entry is not None
        assert (entry.object_id, "wecom" in entry.detail) == (
            house.office.cast.users["clerk"],
            True,
        )


def test_the_sign_in_page_has_a_button_that_leads_there(house: House) -> None:
    visitor = Visitor(house.app)
    visitor.get("/sign-in?next=/tasks")
    assert 'href="/sign-in/wecom?next=/tasks"' in visitor.text


def test_what_was_typed_before_the_session_ended_is_not_lost_over_the_button(house: House) -> None:
    visitor = Visitor(house.app)
    headers = {"Origin": "http://localhost"}
    answer = visitor.post_raw("/persons/new", {"name": "张三"}, headers=headers)
    assert answer.status_code == 401
    assert 'name="kept"' in visitor.text
    assert "/sign-in/wecom" not in visitor.text


def test_it_is_off_by_default_and_leaves_no_trace_of_itself(
    app: Flask, office: Office, way: int
) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    assert "企业微信" not in visitor.text
    assert visitor.get("/sign-in/wecom").status_code == 404
    assert visitor.get("/sign-in/wecom/return?code=a&state=b").status_code == 404
    assert office.sandbox.apps.attempts() == []


def test_switching_off_closes_the_way_at_once(house: House, way: int) -> None:
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    admin = Visitor(house.app)
    admin.sign_in("admin")
    assert admin.post("/wecom-sign-in", {"way_id": str(way)}).status_code == 302
    assert visitor.get(back).status_code == 404
    with house.database.reading() as session:
        assert get_setting(session, wecom.SETTING, "unset") == ""


@pytest.mark.parametrize("userid", ["zhang.san", "ZHANG.SAN", "Zhang.San"])
def test_upper_and_lower_case_are_the_same_member(house: House, userid: str) -> None:
    house.office.sandbox.apps._codes._members.clear()
    house.office.sandbox.apps.name_member(userid)
    house.come_in(userid)
    assert house.signed_in() == [house.office.cast.users["clerk"]]


def test_the_older_answer_with_a_capital_letter_is_understood(house: House) -> None:
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    body = '{"errcode": 0, "errmsg": "ok", "UserId": "zhang.san"}'
    house.office.sandbox.script_fault("body", endpoint="userinfo", body=body)
    assert visitor.get(back).headers["Location"] == "/"
    assert house.signed_in() == [house.office.cast.users["clerk"]]


def test_an_unknown_a_disabled_and_a_doubtful_member_read_the_same(
    house: House, people: Cast
) -> None:
    apps = house.office.sandbox.apps
    apps.name_member("stranger")
    house.name("liaison_a", "twice")
    house.name("liaison_b", "TWICE")
    house.name("head_a", "gone")
    with house.database.writing() as session:
        session.get_one(User, people.users["head_a"]).is_active = False
        session.commit()
    for userid in ("stranger", "gone", "twice"):
        visitor = Visitor(house.app)
        assert refusal(visitor, house.agree(visitor, userid)) is R.NOBODY
    assert house.signed_in() == []
    with house.database.reading() as session:
        assert session.scalar(select(func.count(User.id))) == len(people.users)
        assert session.scalar(select(func.count(SignInFailure.id))) == 3


def test_an_outsider_is_refused(house: House) -> None:
    visitor = Visitor(house.app)
    assert refusal(visitor, house.agree(visitor, "outsider")) is R.OUTSIDER
    assert house.signed_in() == []


def test_a_state_that_is_missing_wrong_old_or_anothers_is_refused(
    house: House, clock: ManualClock
) -> None:
    visitor, thief = Visitor(house.app), Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    code = parse_qs(urlsplit(back).query)["code"][0]
    path = "/sign-in/wecom/return"
    for query in (f"code={code}", f"code={code}&state=", f"code={code}&state={'0' * 32}"):
        assert refusal(visitor, f"{path}?{query}") is R.STATE
    assert refusal(thief, back) is R.STATE
    house.start(thief)  # a state of its own is not this one
    assert refusal(thief, back) is R.STATE
    clock.advance(timedelta(minutes=5, seconds=1))
    assert refusal(visitor, back) is R.STATE
    assert house.office.sandbox.apps.attempts() == []  # the host was never asked
    assert house.signed_in() == []


def test_five_minutes_are_enough(house: House, clock: ManualClock) -> None:
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    clock.advance(timedelta(minutes=5))
    assert visitor.get(back).headers["Location"] == "/"


def test_a_way_back_is_good_once_whoever_brings_the_cookie(house: House) -> None:
    visitor, copy = Visitor(house.app), Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    cookie = visitor.client.get_cookie("session")
    assert cookie is not None
    copy.client.set_cookie("session", cookie.value)
    assert visitor.get(back).headers["Location"] == "/"
    assert refusal(copy, back) is R.STATE
    assert refusal(visitor, back, follow=False) is R.STATE
    assert len(house.office.sandbox.apps.attempts("userinfo")) == 1
    assert house.signed_in() == [house.office.cast.users["clerk"]]


def test_a_code_is_good_once_even_with_another_state(house: House) -> None:
    first, second = Visitor(house.app), Visitor(house.app)
    code = parse_qs(urlsplit(house.agree(first, "Zhang.San")).query)["code"][0]
    back = house.agree(first, "Zhang.San")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert first.get(f"/sign-in/wecom/return?code={code}&state={state}").status_code == 302
    other = parse_qs(urlsplit(house.start(second)).query)["state"][0]
    assert refusal(second, f"/sign-in/wecom/return?code={code}&state={other}") is R.STATE
    assert len(house.office.sandbox.apps.attempts("userinfo")) == 1


def test_of_many_who_come_back_at_once_one_is_let_in(house: House) -> None:
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    cookie = visitor.client.get_cookie("session")
    assert cookie is not None

    def come(_number: int) -> str:
        copy = Visitor(house.app)
        copy.client.set_cookie("session", cookie.value)
        return str(copy.get(back).headers["Location"])

    with ThreadPoolExecutor(6) as pool:
        places = list(pool.map(come, range(6)))
    assert sorted(places)[0] == "/"
    assert sum(place == "/" for place in places) == 1


@pytest.mark.parametrize(
    ("fault", "endpoint", "why"),
    [
        ("40029", "userinfo", R.CODE),
        ("50001", "userinfo", R.SETUP),
        ("60020", "userinfo", R.SETUP),
        ("40001", "gettoken", R.SETUP),
        ("-1", "userinfo", R.HOST),
        ("http500", "userinfo", R.HOST),
        ("html", "gettoken", R.HOST),
        ("accept_then_drop", "userinfo", R.HOST),
        ("redirect", "userinfo", R.HOST),
    ],
)
def test_what_the_host_says_becomes_one_sentence(
    house: House, fault: str, endpoint: str, why: WecomRefusal
) -> None:
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    house.office.sandbox.script_fault(fault, endpoint=endpoint)
    assert refusal(visitor, back) is why
    assert house.signed_in() == []


def test_a_code_nobody_gave_out_and_none_at_all_are_refused(house: House) -> None:
    for code in ("made-up", "", "x" * 513, "a%00b"):
        visitor = Visitor(house.app)
        state = parse_qs(urlsplit(house.start(visitor)).query)["state"][0]
        assert refusal(visitor, f"/sign-in/wecom/return?code={code}&state={state}") is R.CODE


def test_a_host_that_hangs_gets_a_sentence_and_the_password_still_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "PATIENCE_SECONDS", 0.5)
    visitor = Visitor(house.app)
    back = house.agree(visitor, "Zhang.San")
    house.office.sandbox.script_fault("hang", endpoint="userinfo", seconds=5)
    assert refusal(visitor, back) is R.HOST
    visitor.sign_in("clerk")
    assert visitor.get("/tasks").status_code == 200
    with house.database.reading() as session:  # a dead host is nobody's failure
        assert session.scalar(select(func.count(SignInFailure.id))) == 0


def test_too_many_failures_of_an_address_are_not_passed_on_to_the_host(
    house: House, clock: ManualClock
) -> None:
    with house.database.writing() as session:
        for _ in range(30):
            session.add(SignInFailure(username="x", address="127.0.0.1", at=clock.now()))
        session.commit()
    visitor = Visitor(house.app)
    assert refusal(visitor, house.agree(visitor, "Zhang.San")) is R.NOBODY
    assert house.office.sandbox.apps.attempts() == []


def test_a_name_locked_for_its_password_is_locked_here_too(house: House) -> None:
    thief = Visitor(house.app)
    for _ in range(5):
        thief.post("/sign-in", {"username": "clerk", "password": "wrong"})
    visitor = Visitor(house.app)
    assert refusal(visitor, house.agree(visitor, "Zhang.San")) is R.NOBODY


def test_signing_in_over_a_live_session_ends_the_old_one(house: House) -> None:
    visitor = Visitor(house.app)
    visitor.sign_in("lead")
    visitor.get(house.agree(visitor, "Zhang.San"))
    assert house.signed_in() == [house.office.cast.users["clerk"]]


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "/" * 600])
def test_it_leads_to_paths_of_our_own_only(house: House, target: str) -> None:
    visitor = Visitor(house.app)
    answer = visitor.get(house.agree(visitor, "Zhang.San", target=target))
    assert answer.headers["Location"] == "/"


def test_no_code_token_userid_or_secret_is_in_any_log_or_row(
    house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    house.office.sandbox.apps.name_member("stranger")
    secret = []
    for userid, fault in (
        ("Zhang.San", None),
        ("stranger", None),
        ("Zhang.San", "40013"),
        ("Zhang.San", "40029"),
        ("Zhang.San", "http500"),
        ("Zhang.San", "accept_then_drop"),
    ):
        visitor = Visitor(house.app)
        back = house.agree(visitor, userid)
        secret += [value for values in parse_qs(urlsplit(back).query).values() for value in values]
        if fault:
            house.office.sandbox.script_fault(fault, endpoint="userinfo")
        visitor.get(back)
    secret += [*house.office.sandbox.apps._tokens, "app-secret-1234", "stranger", "Zhang.San"]
    said = capsys.readouterr()
    ours = "\n".join(each.getMessage() for each in caplog.records if each.name != "tests")
    noise = ours + said.out + said.err
    assert [each for each in secret if each in noise] == []
    with house.database.reading() as session:
        rows = [repr(tuple(row)) for row in session.execute(select(WecomReturn.__table__))]
        rows += [repr(tuple(row)) for row in session.execute(select(AuditEntry.__table__))]
    assert len(rows) > 6
    assert [each for each in secret if any(each in row for row in rows)] == []


def test_what_was_good_once_is_forgotten_after_a_day(house: House, clock: ManualClock) -> None:
    house.come_in("Zhang.San")
    clock.advance(timedelta(days=1, minutes=1))
    house.come_in("Zhang.San")
    with house.database.reading() as session:
        assert session.scalar(select(func.count(WecomReturn.id))) == 1


def test_a_one_time_password_is_to_be_changed_all_the_same(house: House, people: Cast) -> None:
    with house.database.writing() as session:
        session.get_one(User, people.users["clerk"]).must_change_password = True
        session.commit()
    visitor = house.come_in("Zhang.San")
    assert visitor.get("/tasks").headers["Location"].endswith("/account/password")
    assert PASSWORD not in visitor.text


def test_the_sentences_say_what_to_do_next() -> None:
    assert all("登录名和密码" in why.label for why in R)
