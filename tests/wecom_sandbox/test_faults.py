"""Scripted faults, met through a real socket."""

from typing import Any

import pytest
import requests

from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.server import RunningSandbox

HELLO = {"msgtype": "text", "text": {"content": "你好"}}


def script(sandbox: RunningSandbox, **fault: Any) -> requests.Response:
    return requests.post(f"{sandbox.url}/faults", json=fault, timeout=10)


@pytest.mark.parametrize("errcode", [45009, -1, 45033, 93000, 93004, 40058])
def test_an_errcode_is_answered_for_the_next_requests_and_then_no_more(
    robot: Robot, sandbox: RunningSandbox, errcode: int
) -> None:
    assert script(sandbox, kind=str(errcode), times=2).status_code == 201
    assert [robot.say("你好") for _ in range(3)] == [errcode, errcode, 0]
    assert len(sandbox.seen()) == 1


def test_a_fault_can_concern_one_robot(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind=45033, key="demo-office")
    assert robot.say("你好") == 0
    assert Robot(robot.url, "demo-office").say("你好") == 45033


def test_a_fault_can_concern_uploads_alone(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="-1", endpoint="upload")
    assert robot.say("你好") == 0
    assert robot.upload(b"123456")["errcode"] == -1


def test_faults_come_in_the_order_of_the_script(robot: Robot, sandbox: RunningSandbox) -> None:
    for errcode in (-1, 45033):
        sandbox.script_fault(errcode)
    assert [robot.say("你好") for _ in range(3)] == [-1, 45033, 0]


def test_deleting_the_faults_makes_it_honest_again(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="http500", times=5)
    assert requests.delete(f"{sandbox.url}/faults", timeout=10).status_code == 204
    assert requests.get(f"{sandbox.url}/faults", timeout=10).json() == []
    assert robot.say("你好") == 0


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_error_is_a_page_of_html(
    robot: Robot, sandbox: RunningSandbox, status: int
) -> None:
    script(sandbox, kind=f"http{status}")
    response = robot.post(HELLO)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("text/html")
    assert sandbox.seen() == []


def test_html_comes_with_status_200(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="html")
    response = robot.post(HELLO)
    assert response.status_code == 200
    assert response.text.startswith("<!doctype html>")
    assert sandbox.seen() == []


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"errcode": "0"}', "{"])
def test_any_body_can_be_answered(robot: Robot, sandbox: RunningSandbox, body: str) -> None:
    script(sandbox, kind="body", body=body)
    response = robot.post(HELLO)
    assert (response.status_code, response.text) == (200, body)


def test_a_redirect_names_another_address(robot: Robot, sandbox: RunningSandbox) -> None:
    target = sandbox.webhook_url("demo-trap")
    script(sandbox, kind="redirect", location=target)
    response = robot.post(HELLO)
    assert response.status_code == 307
    assert response.headers["Location"] == target
    assert sandbox.attempts("demo-trap") == []


def test_a_followed_redirect_is_caught_in_the_act(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="redirect", location=sandbox.webhook_url("demo-trap"))
    requests.post(sandbox.webhook_url(robot.key), json=HELLO, timeout=10)
    assert len(sandbox.seen("demo-trap")) == 1


def test_a_hanging_host_answers_nothing_and_posts_nothing(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    script(sandbox, kind="hang", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        robot.post(HELLO, timeout=0.2)
    assert sandbox.seen() == []
    [attempt] = sandbox.attempts()
    assert (attempt["errcode"], attempt["fault"]) == (None, "hang")


def test_a_host_can_hang_after_it_accepted(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="hang", seconds=60, accepted=True)
    with pytest.raises(requests.ReadTimeout):
        robot.post(HELLO, timeout=0.2)
    assert [one["content"] for one in sandbox.seen()] == ["你好"]


def test_a_hang_ends_in_a_dropped_connection(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="hang", seconds=0)
    with pytest.raises(requests.ConnectionError):
        robot.post(HELLO)


def test_stopping_releases_whoever_waits(robot: Robot, sandbox: RunningSandbox) -> None:
    script(sandbox, kind="hang", seconds=600)
    with pytest.raises(requests.ReadTimeout):
        robot.post(HELLO, timeout=0.1)
    sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        robot.post(HELLO)


def test_a_drip_outlives_a_read_timeout_and_is_valid_in_the_end(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    script(sandbox, kind="drip", seconds=0.5)
    response = robot.post(HELLO, timeout=0.3)
    assert response.json() == {"errcode": 0, "errmsg": "ok"}
    assert response.content.startswith(b" " * 10)
    assert len(sandbox.seen()) == 1


def test_accept_then_drop_posts_the_message_and_answers_nothing(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    script(sandbox, kind="accept-then-drop")
    with pytest.raises(requests.ConnectionError):
        robot.post(HELLO)
    assert [one["content"] for one in sandbox.seen()] == ["你好"]
    assert robot.say("你好") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "sulk"},
        {"kind": 0},
        {},
        {"kind": "hang", "seconds": -1},
        {"kind": "hang", "seconds": "ten"},
        {"kind": "-1", "times": 0},
        {"kind": "-1", "times": True},
        {"kind": "-1", "endpoint": "login"},
        {"kind": "redirect", "location": "https://x.invalid/\r\nSet-Cookie: a"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(
    sandbox: RunningSandbox, wrong: dict[str, Any]
) -> None:
    response = script(sandbox, **wrong)
    assert response.status_code == 400
    assert response.json()["error"].endswith("。")
    assert requests.get(f"{sandbox.url}/faults", timeout=10).json() == []


def test_control_wants_json_declared_as_such(sandbox: RunningSandbox) -> None:
    for path in ("faults", "groups"):
        response = requests.post(
            f"{sandbox.url}/{path}",
            data='{"kind": "-1"}',
            headers={"Content-Type": "text/plain"},
            timeout=10,
        )
        assert response.status_code == 400
