"""The authorize pages and the codes they send people back with."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.wecom_sandbox.conftest import HandClock
from tracker.wecom_sandbox.server import RunningSandbox

ASKED = {"appid": "ww1", "agentid": "7", "redirect_uri": "http://127.0.0.1:9/back", "state": "s1"}
IN_APP = {**ASKED, "response_type": "code", "scope": "snsapi_base"}
PAGES = [("/connect/oauth2/authorize", IN_APP), ("/wwopen/sso/qrConnect", ASKED)]


def links(sandbox: RunningSandbox, path: str, asked: dict[str, str]) -> list[str]:
    page = requests.get(f"{sandbox.url}{path}?{urlencode(asked)}", timeout=5)
    assert page.status_code == 200
    return [unescape(link) for link in re.findall(r'href="(/sign-in-sandbox/[^"]+)"', page.text)]


def code(sandbox: RunningSandbox, number: int = 0) -> str:
    link = links(sandbox, *PAGES[0])[number]
    answer = requests.get(sandbox.url + link, allow_redirects=False, timeout=5)
    back = urlsplit(answer.headers["Location"])
    assert (answer.status_code, back.netloc, back.path) == (302, "127.0.0.1:9", "/back")
    assert parse_qs(back.query)["state"] == ["s1"]
    return parse_qs(back.query)["code"][0]


def token(sandbox: RunningSandbox) -> str:
    asked = {"corpid": "ww1", "corpsecret": "x"}
    answer = requests.get(f"{sandbox.url}/cgi-bin/gettoken", params=asked, timeout=5)
    return str(answer.json()["access_token"])


def told(sandbox: RunningSandbox, given: str, known: str | None = None) -> dict[str, Any]:
    asked = {"access_token": known or token(sandbox), "code": given}
    answer = requests.get(f"{sandbox.url}/cgi-bin/auth/getuserinfo", params=asked, timeout=5)
    assert answer.status_code == 200
    return dict(answer.json())


@pytest.fixture(autouse=True)
def _members(sandbox: RunningSandbox) -> None:
    sandbox.apps.name_member("zhang", "张三")


@pytest.mark.parametrize(("path", "asked"), PAGES)
def test_both_pages_offer_the_members_and_an_outsider(
    sandbox: RunningSandbox, path: str, asked: dict[str, str]
) -> None:
    zhang, outsider = links(sandbox, path, asked)
    assert "userid=zhang" in zhang
    assert "openid=" in outsider


@pytest.mark.parametrize("missing", ["appid", "agentid", "redirect_uri", "state", "scope"])
def test_an_incomplete_address_is_refused(sandbox: RunningSandbox, missing: str) -> None:
    asked = {name: value for name, value in IN_APP.items() if name != missing}
    page = requests.get(f"{sandbox.url}/connect/oauth2/authorize", params=asked, timeout=5)
    assert page.status_code == 400


def test_a_code_names_its_member_once(sandbox: RunningSandbox) -> None:
    given = code(sandbox)
    assert told(sandbox, given)["userid"] == "zhang"
    assert told(sandbox, given)["errcode"] == 40029
    assert told(sandbox, "made-up")["errcode"] == 40029


def test_an_outsider_has_an_openid_and_no_userid(sandbox: RunningSandbox) -> None:
    answer = told(sandbox, code(sandbox, 1))
    assert answer["errcode"] == 0
    assert answer["openid"]
    assert "userid" not in answer


@pytest.mark.parametrize(("seconds", "errcode"), [(300, 0), (301, 40029)])
def test_a_code_lasts_five_minutes(
    sandbox: RunningSandbox, clock: HandClock, seconds: int, errcode: int
) -> None:
    given = code(sandbox)
    clock.advance(seconds=seconds)
    assert told(sandbox, given)["errcode"] == errcode


def test_a_token_is_asked_for_and_faults_can_be_scripted(sandbox: RunningSandbox) -> None:
    given = code(sandbox)
    assert told(sandbox, given, "wrong")["errcode"] == 40014
    sandbox.script_fault("50001", endpoint="userinfo")
    assert told(sandbox, given)["errcode"] == 50001
    assert told(sandbox, given)["errcode"] == 0
