"""What the host takes and what it refuses, over real HTTP."""

import base64
import hashlib
from typing import Any

import pytest
import requests

from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
CARD = {"card_type": "text_notice", "card_action": {"type": 1, "url": "https://x.invalid"}}


def text(content: Any) -> dict[str, Any]:
    return {"msgtype": "text", "text": {"content": content}}


def test_an_accepted_text_is_answered_ok_and_kept(robot: Robot, sandbox: RunningSandbox) -> None:
    answer = robot.answer(
        {
            "msgtype": "text",
            "text": {
                "content": "今日到期 2 项 <@lisi>",
                "mentioned_list": ["zhangsan", "@all"],
                "mentioned_mobile_list": ["13800001111"],
            },
        }
    )
    assert answer == {"errcode": 0, "errmsg": "ok"}
    [seen] = requests.get(f"{sandbox.url}/seen", timeout=10).json()
    assert seen["key"] == robot.key
    assert seen["msgtype"] == "text"
    assert seen["content"] == "今日到期 2 项 <@lisi>"
    assert seen["mentioned_list"] == ["zhangsan", "@all"]
    assert seen["mentioned_mobile_list"] == ["13800001111"]
    assert seen["mentions"] == ["zhangsan", "@all", "13800001111", "lisi"]
    assert seen["received_at"] == "2026-11-20T01:30:00+00:00"
    assert seen["seq"] == 1
    assert sandbox.seen() == [seen]


def test_messages_are_listed_in_order_and_by_group(robot: Robot, sandbox: RunningSandbox) -> None:
    other = Robot(robot.url, "demo-office")
    for one, content in ((robot, "一"), (other, "二"), (robot, "三")):
        assert one.say(content) == 0
    assert [one["content"] for one in sandbox.seen()] == ["一", "二", "三"]
    listed = requests.get(f"{sandbox.url}/seen?key={robot.key}", timeout=10).json()
    assert [one["seq"] for one in listed] == [1, 3]


def test_deleting_what_was_seen_forgets_it_but_not_the_count(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    robot.say("一")
    assert requests.delete(f"{sandbox.url}/seen", timeout=10).status_code == 204
    assert sandbox.seen() == []
    robot.say("二")
    assert [one["seq"] for one in sandbox.seen()] == [2]


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        pytest.param("汉" * 682, 0, id="682 Chinese characters"),
        pytest.param("汉" * 682 + "ab", 0, id="exactly 2048 bytes"),
        pytest.param("汉" * 682 + "abc", 40058, id="2049 bytes"),
        pytest.param("😀" * 512, 0, id="512 emoji"),
        pytest.param("😀" * 512 + "a", 40058, id="a byte more"),
    ],
)
def test_a_text_is_measured_in_bytes(robot: Robot, content: str, errcode: int) -> None:
    assert robot.say(content) == errcode


@pytest.mark.parametrize("msgtype", ["markdown", "markdown_v2"])
def test_markdown_ends_at_4096_bytes(robot: Robot, msgtype: str) -> None:
    assert robot.errcode({"msgtype": msgtype, msgtype: {"content": "汉" * 1365 + "a"}}) == 0
    answer = robot.answer({"msgtype": msgtype, msgtype: {"content": "汉" * 1366}})
    assert answer["errcode"] == 40058
    assert answer["errmsg"].startswith(
        f"{msgtype}.content exceed max length 4096. invalid Request Parameter, hint: ["
    )


def test_a_refusal_says_hint_caller_and_where_to_read_on(robot: Robot) -> None:
    answer = robot.answer(text("长" * 700))
    assert answer["errmsg"].startswith(
        "text.content exceed max length 2048. invalid Request Parameter, hint: ["
    )
    assert "], from ip: 127.0.0.1, more info at https://" in answer["errmsg"]
    assert answer["errmsg"].endswith("?e=40058")


@pytest.mark.parametrize(
    ("body", "errcode", "errmsg"),
    [
        pytest.param(b"msgtype=text", 40008, "Warning: wrong json format.", id="a form"),
        pytest.param(b'{"msgtype":', 40008, "Warning: wrong json format.", id="cut off"),
        pytest.param(b"\xff\xfe", 40008, "Warning: wrong json format.", id="not UTF-8"),
        pytest.param([1], 40008, "Warning: wrong json format.", id="a list"),
        pytest.param(b"[" * 100_000, 40008, "Warning: wrong json format.", id="far too deep"),
        pytest.param({"msg_type": "text"}, 40008, "invalid message type", id="misnamed msgtype"),
        pytest.param({"msgtype": "fax", "fax": {}}, 40008, "invalid message type", id="unknown"),
        pytest.param({"msgtype": ["text"]}, 40008, "invalid message type", id="msgtype a list"),
        pytest.param({"msgtype": "text"}, 44004, "empty content", id="no text"),
        pytest.param({"msgtype": "text", "text": "你好"}, 44004, "empty content", id="text flat"),
        pytest.param(text(""), 44004, "empty content", id="empty"),
        pytest.param(text(" \n"), 44004, "empty content", id="blank"),
        pytest.param(text(12), 40058, "text.content type error", id="a number"),
        pytest.param(text("\ud83d"), 40033, "invalid character", id="half a surrogate pair"),
        pytest.param(
            {"msgtype": "text", "text": {"content": "好", "mentioned_list": "zhangsan"}},
            40058,
            "text.mentioned_list type error",
            id="mentions not a list",
        ),
        pytest.param({"msgtype": "news", "news": {"articles": []}}, 40058, "news", id="no news"),
        pytest.param(
            {"msgtype": "news", "news": {"articles": [{"title": "一", "url": "x.cn"}]}},
            45034,
            "url without scheme",
            id="no scheme",
        ),
        pytest.param({"msgtype": "template_card", "template_card": {}}, 40058, "t", id="no card"),
        pytest.param({"msgtype": "template_card", "template_card": CARD}, 44004, "e", id="bare"),
        pytest.param({"msgtype": "file", "file": {"media_id": "x"}}, 40007, "invalid", id="file"),
    ],
)
def test_a_bad_message_is_refused_with_status_200(
    robot: Robot, sandbox: RunningSandbox, body: Any, errcode: int, errmsg: str
) -> None:
    answer = robot.answer(body)
    assert answer["errcode"] == errcode
    assert answer["errmsg"].startswith(errmsg)
    assert sandbox.seen() == []
    assert [one["errcode"] for one in sandbox.attempts()] == [errcode]


def test_mentions_outside_the_text_are_lost(robot: Robot, sandbox: RunningSandbox) -> None:
    robot.answer({**text("到期"), "mentioned_list": ["zhangsan"]})
    robot.answer(
        {"msgtype": "markdown", "markdown": {"content": "到期", "mentioned_list": ["zhangsan"]}}
    )
    assert [one["mentions"] for one in sandbox.seen()] == [[], []]


def test_an_image_must_match_its_md5(robot: Robot, sandbox: RunningSandbox) -> None:
    image = {
        "base64": base64.b64encode(PNG).decode(),
        "md5": hashlib.md5(PNG).hexdigest(),
    }
    assert robot.errcode({"msgtype": "image", "image": image}) == 0
    assert robot.errcode({"msgtype": "image", "image": {**image, "md5": "0" * 32}}) == 301019
    assert robot.errcode({"msgtype": "image", "image": {"base64": "好"}}) == 40058
    assert [one["content"] for one in sandbox.seen()] == ["[图片]"]


def test_only_news_are_cut_and_between_characters(robot: Robot, sandbox: RunningSandbox) -> None:
    article = {"title": "汉" * 50, "url": "https://tracker.invalid/1"}
    assert robot.errcode({"msgtype": "news", "news": {"articles": [article]}}) == 0
    assert [one["content"] for one in sandbox.seen()] == ["汉" * 42]


def test_a_card_shows_its_title(robot: Robot, sandbox: RunningSandbox) -> None:
    for card in (
        {**CARD, "main_title": {"title": "本周周报", "desc": "第3期"}},
        {**CARD, "main_title": "not an object", "sub_title_text": "已生成"},
    ):
        assert robot.errcode({"msgtype": "template_card", "template_card": card}) == 0
    assert [one["content"] for one in sandbox.seen()] == ["本周周报", "已生成"]


@pytest.mark.parametrize("key", ["", "没有", "a b", "x" * 65, "../x"])
def test_a_malformed_key_is_an_invalid_webhook(sandbox: RunningSandbox, key: str) -> None:
    answer = Robot(sandbox.url, key).answer(text("你好"))
    assert answer["errcode"] == 93000
    assert answer["errmsg"].startswith("invalid webhook url, hint: [")


def test_a_request_without_a_key_is_an_invalid_webhook(sandbox: RunningSandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/cgi-bin/webhook/send", json=text("你好"), timeout=10
    ).json()
    assert answer["errcode"] == 93000


def test_a_removed_robot_is_dead_until_it_is_registered_again(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    requests.delete(f"{sandbox.url}/groups/{robot.key}", timeout=10)
    assert robot.say("你好") == 93000
    sandbox.name_group(robot.key, "整改联络员群")
    assert robot.say("你好") == 0


def test_a_closed_simulator_knows_only_its_own_keys() -> None:
    with start_sandbox(groups={"demo-office": "巡察办群"}, open_to_any_key=False) as sandbox:
        assert Robot(sandbox.url, "demo-office").say("你好") == 0
        stranger = Robot(sandbox.url, "demo-county")
        assert stranger.say("你好") == 93000
        requests.post(f"{sandbox.url}/groups", json={"key": "demo-county"}, timeout=10)
        assert stranger.say("你好") == 0
