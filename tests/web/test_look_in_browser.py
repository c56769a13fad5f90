"""The look in a real Chromium under the strict content policy, with its small comforts."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string, request
from playwright.sync_api import Browser, Dialog, Page, expect
from werkzeug.serving import make_server

from tests.web.look_app import make_look_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def posts() -> list[str]:
    """Return the submitted values of the button `draft`, one per POST that arrived."""
    return []


@pytest.fixture(scope="module")
def address(posts: list[str]) -> Iterator[str]:
    app: Flask = make_look_app()

    @app.post("/")
    def receive() -> tuple[str, int]:
        posts.append(request.form.get("draft", ""))
        return "", 204  # the page stays, as it does while a slow answer is awaited

    @app.get("/part")
    def part() -> str:
        return render_template_string(
            """{% extends "base.html" %}{% block title %}局部更新{% endblock %}{% block content %}
            <button hx-post="/part" hx-target="#out">更新</button><p id="out">旧</p>{% endblock %}"""
        )

    @app.post("/part")
    def answer_part() -> tuple[str, int]:
        return "新", 422  # a refused form comes back as 422 and is shown

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 800, 360])
def test_pages_fit_and_break_no_policy(page: Page, address: str, width: int, scheme: str) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("", "error"):
        page.goto(address + path)
        too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0
    assert [words for words in complaints if "[DOM]" not in words] == []


def test_nothing_but_overdue_is_drawn_in_red(page: Page, address: str) -> None:
    page.goto(address)
    reds = page.evaluate("""
        () => [...document.querySelectorAll("body *")].filter(element => {
          const looks = getComputedStyle(element);
          return [looks.color, looks.backgroundColor, looks.borderTopColor].some(colour => {
            const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
            return r > 150 && r - Math.max(g, b) > 70 && Math.abs(g - b) < 40;
          });
        }).map(element => element.closest('[class*="overdue"]') ? "overdue" : element.outerHTML)
    """)
    assert set(reds) == {"overdue"}


def test_the_first_thing_read_on_a_refused_form_is_the_list_of_errors(
    page: Page, address: str
) -> None:
    page.goto(address)
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="任务名称：请填写任务名称。").click()
    expect(page.locator("#title")).to_be_focused()


def test_a_step_hard_to_take_back_asks_first(page: Page, address: str, posts: list[str]) -> None:
    posts.clear()
    page.goto(address)
    page.get_by_role("button", name="撤销任务").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert posts == []
    page.get_by_role("button", name="撤销任务").click()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("dialog").get_by_role("button", name="撤销任务").click()
    assert posts == [""]


def test_a_second_press_sends_nothing_and_the_button_keeps_its_value(
    page: Page, address: str, posts: list[str]
) -> None:
    posts.clear()
    page.goto(address)
    draft = page.locator('button[name="draft"]')
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        draft.click()
    expect(draft).to_be_disabled()
    assert posts == ["1"]
    refused = page.evaluate("""
        () => new Promise(resolve => {
          window.addEventListener("submit", event => resolve(event.defaultPrevented));
          document.querySelector('button[name="draft"]').form.requestSubmit();
        })
    """)
    assert refused is True


def test_a_part_of_a_page_is_fetched_with_the_token_and_a_refusal_is_shown(
    page: Page, address: str
) -> None:
    page.goto(address + "part")
    page.get_by_role("button", name="更新").click()
    expect(page.locator("#out")).to_have_text("新")


def test_leaving_with_unsent_text_asks_and_leaving_without_does_not(
    page: Page, address: str
) -> None:
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.goto(address)
    page.goto(address + "error")
    assert asked == []
    page.goto(address)
    page.locator("#progress").press_sequentially("已整改")
    page.goto(address + "error")
    assert asked == ["beforeunload"]


def test_the_menu_of_a_phone_opens_without_any_script(browser: Browser, address: str) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="zh-CN"
    )
    page = context.new_page()
    page.goto(address)
    page.locator("summary", has_text="菜单").click()
    expect(page.get_by_role("link", name="周报")).to_be_visible()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    context.close()


def test_paper_carries_the_facts_and_no_buttons(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    expect(page.get_by_role("link", name="登记问题")).to_be_hidden()
    expect(page.get_by_text("数据截至 2026-11-20")).to_be_visible()
