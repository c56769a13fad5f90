"""The pages a person opens."""

import re

import pytest
import requests
from lxml import html

from tests.wecom_sandbox.conftest import HandClock
from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.server import RunningSandbox


def open_page(url: str) -> html.HtmlElement:
    response = requests.get(url, timeout=10)
    assert response.status_code == 200
    assert "style-src 'self'" in response.headers["Content-Security-Policy"]
    assert "style=" not in response.text
    assert "<script" not in response.text
    return html.fromstring(response.text)


def words(element: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", str(element.text_content())).strip()


def test_a_group_shows_time_robot_name_mentions_and_text(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    robot.say("今日到期 2 项", mentioned_list=["zhangsan"], mentioned_mobile_list=["@all"])
    page = open_page(sandbox.group_url(robot.key))
    assert words(page.xpath("//h1")[0]) == "整改联络员群"
    assert words(page.xpath("//h2")[0]) == "2026年11月20日 星期五"
    [message] = page.xpath("//article")
    assert words(message.xpath(".//time")[0]) == "09:30"
    assert "整改提醒机器人" in words(message)
    assert words(message.xpath(".//*[@class='text']")[0]) == "今日到期 2 项"
    assert [words(one) for one in message.xpath(".//*[@class='mention']")] == [
        "@zhangsan",
        "@所有人",
    ]


def test_a_text_is_shown_as_it_was_typed(robot: Robot, sandbox: RunningSandbox) -> None:
    robot.say("<script>alert(1)</script> <b>粗</b>")
    page = open_page(sandbox.group_url(robot.key))
    assert words(page.xpath("//*[@class='text']")[0]) == "<script>alert(1)</script> <b>粗</b>"


def test_markdown_is_shown_rendered(robot: Robot, sandbox: RunningSandbox) -> None:
    robot.answer({"msgtype": "markdown", "markdown": {"content": "# 提醒\n**逾期** 3 项"}})
    page = open_page(sandbox.group_url(robot.key))
    assert words(page.xpath("//*[contains(@class, 'md-heading')]")[0]) == "提醒"
    assert words(page.xpath("//strong")[0]) == "逾期"


def test_days_are_parted_at_midnight_in_beijing(
    robot: Robot, sandbox: RunningSandbox, clock: HandClock
) -> None:
    robot.say("一")
    clock.advance(hours=14, minutes=30)
    robot.say("二")
    page = open_page(sandbox.group_url(robot.key))
    assert [words(day) for day in page.xpath("//h2")] == [
        "2026年11月20日 星期五",
        "2026年11月21日 星期六",
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {
                "msgtype": "news",
                "news": {"articles": [{"title": "周报", "url": "https://x.invalid"}]},
            },
            "周报",
        ),
        (
            {
                "msgtype": "template_card",
                "template_card": {
                    "card_type": "text_notice",
                    "card_action": {"type": 1},
                    "main_title": {"title": "第3期", "desc": "已生成"},
                    "sub_title_text": "请登录查看",
                },
            },
            "第3期 已生成 请登录查看",
        ),
        ({"msgtype": "markdown_v2", "markdown_v2": {"content": "| a |"}}, "markdown_v2 原文 | a |"),
    ],
)
def test_other_kinds_have_their_bubble(
    robot: Robot, sandbox: RunningSandbox, body: dict[str, object], expected: str
) -> None:
    assert robot.errcode(body) == 0
    page = open_page(sandbox.group_url(robot.key))
    assert words(page.xpath("//*[contains(@class, 'bubble ')]")[0]) == expected


def test_a_file_shows_its_name_and_size(robot: Robot, sandbox: RunningSandbox) -> None:
    media_id = robot.upload(b"x" * 2048)["media_id"]
    robot.answer({"msgtype": "file", "file": {"media_id": media_id}})
    page = open_page(sandbox.group_url(robot.key))
    bubble = page.xpath("//*[contains(@class, 'bubble ')]")[0]
    assert words(bubble) == "整改报告.docx 文件 · 2.0 KB"


def test_the_list_names_groups_with_their_newest_message(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": "**周报**已生成"}}
    assert Robot(robot.url, "demo-office").errcode(body) == 0
    requests.post(
        f"{sandbox.url}/groups", json={"key": "demo-office", "name": "巡察办群"}, timeout=10
    )
    cards = open_page(f"{sandbox.url}/").xpath("//a[@data-key]")
    assert words(cards[0]) == "整 整改联络员群 还没有消息 0 条"
    assert words(cards[1]) == "巡 巡察办群 周报已生成 09:30 1 条"


def test_a_group_without_messages_says_so(sandbox: RunningSandbox) -> None:
    assert "群里还没有消息" in words(open_page(sandbox.group_url("demo-new")))
    assert len(open_page(f"{sandbox.url}/").xpath("//a[@data-key]")) == 1


def test_a_page_can_refresh_by_itself_when_asked(robot: Robot, sandbox: RunningSandbox) -> None:
    url = sandbox.group_url(robot.key)
    assert "Refresh" not in requests.get(url, timeout=10).headers
    assert requests.get(f"{url}?live=1", timeout=10).headers["Refresh"] == "5"


def test_an_address_that_leads_nowhere_is_answered_in_chinese(sandbox: RunningSandbox) -> None:
    for path in ("groups/没有", "nowhere"):
        response = requests.get(f"{sandbox.url}/{path}", timeout=10)
        assert response.status_code == 404
        assert "没有这个群或页面" in response.text


def test_a_malformed_key_cannot_be_registered(sandbox: RunningSandbox) -> None:
    response = requests.post(f"{sandbox.url}/groups", json={"key": "a b"}, timeout=10)
    assert response.status_code == 400
    assert response.json()["error"].startswith("key 只能由")


def test_the_stylesheet_comes_from_the_simulator(sandbox: RunningSandbox) -> None:
    [href] = open_page(f"{sandbox.url}/").xpath("//link[@rel='stylesheet']/@href")
    response = requests.get(f"{sandbox.url}{href}", timeout=10)
    assert response.headers["Content-Type"].startswith("text/css")
