"""A draft as somebody meets it: typed, the page closed, opened again, put back or given up."""

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.people import Desk
from tests.browser.product import Product
from tests.factories.work import make_work
from tracker.drafts.models import Draft
from tracker.rectification.models import ProgressReport, Task

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(browser: Browser, product: Product) -> Desk:
    now = product.clock.now()
    with product.context.database.writing() as session:
        work = make_work(session, product.people, now=now)
        for _ in range(2):
            work.task(session, product.people, now=now)
        session.commit()
    return Desk(browser, product.url, "liaison_a")


def drafts(product: Product) -> list[str]:
    with product.context.database.reading() as session:
        return [draft.form_key for draft in session.scalars(select(Draft))]


def test_a_text_is_kept_while_typing_and_put_back_when_the_page_is_opened_again(
    desk: Desk, product: Product
) -> None:
    desk.go("/tasks/1/progress")
    desk.fill(整改进展="已召开专题会 2 次。", 未完成原因="等待审计")
    desk.choose("完成情况", "基本完成")
    desk.tick("1. 修订制度")
    expect(desk.page.locator(".draft-status")).to_have_text("已保存 09:00")
    desk.go("/tasks/1")  # saved, so nothing asks
    desk.go("/tasks/1/progress")
    expect(desk.page.get_by_label(re.compile("^整改进展"))).to_have_value("")
    desk.press("恢复草稿")
    expect(desk.page.get_by_label(re.compile("^整改进展"))).to_have_value("已召开专题会 2 次。")
    expect(desk.page.get_by_label(re.compile("^未完成原因"))).to_have_value("等待审计")
    expect(desk.page.get_by_label("1. 修订制度")).to_be_checked()
    expect(desk.page.get_by_role("button", name="恢复草稿")).to_have_count(0)
    desk.press("保存进展")
    desk.sees("进展已保存")
    with product.context.database.reading() as session:
        assert session.scalars(select(ProgressReport.text)).one() == "已召开专题会 2 次。"
    assert drafts(product) == []
    desk.go("/tasks/1/progress")
    expect(desk.page.locator(".draft-offer")).to_have_count(0)
    desk.leave()


def test_leaving_at_once_keeps_the_text_too_and_it_can_be_given_up(
    desk: Desk, product: Product
) -> None:
    desk.page.on("dialog", lambda dialog: dialog.accept())
    desk.go("/fill-in")
    desk.page.locator("#t2-text").fill("没等保存就走了")
    desk.go("/tasks")
    desk.go("/fill-in")
    desk.press("恢复草稿")
    expect(desk.page.locator("#t2-text")).to_have_value("没等保存就走了")
    assert drafts(product) == ["/fill-in"]
    desk.go("/fill-in")
    desk.press("放弃")
    expect(desk.page.locator(".draft-status")).to_have_text("草稿已放弃。")
    assert drafts(product) == []
    desk.leave()


def test_a_draft_older_than_the_row_leads_to_both_texts(desk: Desk, product: Product) -> None:
    desk.go("/tasks/1/progress")
    desk.fill(整改进展="我先写的草稿")
    expect(desk.page.locator(".draft-status")).to_have_text("已保存 09:00")
    with product.context.database.writing() as session:
        session.get_one(Task, 1).remark = "别人改过"
        session.commit()
    desk.go("/tasks/1/progress")
    desk.sees("此后这里的内容有过改动")
    desk.press("恢复草稿")
    desk.press("保存进展")
    desk.sees("已被别人修改")
    expect(desk.page.get_by_label(re.compile("^整改进展"))).to_have_value("我先写的草稿")
    desk.press("保存进展")
    desk.sees("进展已保存")


def test_what_has_no_place_any_more_is_shown(desk: Desk, product: Product) -> None:
    desk.go("/fill-in")
    desk.page.locator("#t1-text").fill("写给已离开的任务")
    expect(desk.page.locator(".draft-status")).to_have_text("已保存 09:00")
    with product.context.database.writing() as session:
        session.get_one(Task, 1).state = "office_review"  # type: ignore[assignment]
        session.commit()
    desk.go("/fill-in")
    desk.press("恢复草稿")
    expect(desk.page.get_by_label(re.compile("^草稿中还有这些内容"))).to_have_value(
        "写给已离开的任务"
    )
    desk.leave()
