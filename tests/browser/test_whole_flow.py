"""The product's whole job once, in a real browser: from a round to a closed task and its reminders."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.people import Desk
from tests.browser.product import Product
from tracker.rectification.models import Task, TaskTransition
from tracker.workdays.queries import load_calendar

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
GROUP = "unit-a-robot-key-0001"
PATH = ["draft", "issued", "planning", "plan_review", "in_progress", "unit_check", "office_review"]


def desks(browser: Browser, product: Product, *names: str) -> tuple[Desk, ...]:
    return tuple(Desk(browser, product.url, name) for name in names)


def record_round_and_feedback(clerk: Desk) -> None:
    clerk.go("/rounds")
    clerk.follow("登记届")
    clerk.fill(届次="7", 开始日期="2026-09-01")
    clerk.press("登记")
    clerk.go("/rounds/new")
    clerk.fill(轮次="3", 代码="R7-3", 名称="七届市委第三轮巡察")
    clerk.choose("状态", "整改中")
    clerk.press("登记")
    clerk.follow("添加巡察对象")
    clerk.choose("单位", "市甲局")
    clerk.fill(进驻开始日期="2026-09-10", 进驻结束日期="2026-10-20")
    clerk.press("添加")
    clerk.go("/rounds")
    clerk.follow("七届市委第三轮巡察")
    clerk.follow("登记反馈")
    clerk.fill(标题="关于巡察市甲局的反馈意见", 代码="F7-3-A01", 反馈日期="2026-11-02")
    clerk.press("登记")
    for number, text in (
        ("012", "“三重一大”议事规则执行不严，有 3 次会议没有记录。"),
        ("013", "公务接待审批单与报销凭证不一致。"),
    ):
        clerk.follow("录入问题")
        clerk.fill(问题编号=number, 反馈问题=text)
        clerk.press("保存")
    clerk.follow("下发整改任务")
    clerk.press("下发整改任务")
    clerk.sees("已下发 2 项整改任务")


def open_robot_and_push(admin: Desk, lead: Desk, product: Product) -> None:
    product.robots.name_group(GROUP, "市甲局整改群")
    admin.go("/channels/new")
    admin.fill(群名称="市甲局整改群", 机器人地址=product.robots.webhook_url(GROUP))
    admin.choose("类型", "单位群")
    admin.choose("地区", "云州市")
    admin.choose("单位", "市甲局")
    admin.press("添加")
    admin.sees("****0001")
    lead.go("/reminders")
    lead.press("开启推送", confirm="开启推送")
    lead.sees("已开启")


def plan_and_pass(liaison: Desk, head: Desk, lead: Desk) -> None:
    liaison.go("/tasks")
    for task_no in ("7-3-012-01", "7-3-013-01"):
        liaison.go("/tasks")
        liaison.follow(task_no)
        liaison.press("签收")
    liaison.go("/plans")
    liaison.follow("市甲局")
    for index in range(2):
        liaison.page.get_by_role("link", name="填写", exact=True).nth(index).click()
        liaison.fill(
            整改目标="议事决策全程留痕",
            整改措施="1. 修订议事规则\n2. 补录会议记录",
            责任领导="方一鸣",
            责任人="柳青",
            牵头部门="办公室",
            整改时限="2026-11-18",
        )
        liaison.press("保存")
    liaison.press("报送方案", confirm="报送方案")
    liaison.sees("整改方案已提交")
    head.go("/plans")
    head.follow("市甲局")
    head.press("签字背书", confirm="签字背书")
    lead.go("/plans")
    lead.follow("市甲局")
    lead.press("审核通过", confirm="审核通过")
    lead.sees("原定时限已固定")


def ask_for_closing(liaison: Desk, head: Desk, evidence: Path, *, first: bool) -> None:
    liaison.go("/tasks")
    liaison.follow("7-3-012-01")
    if first:
        liaison.follow("上传材料")
        liaison.attach("文件", evidence)
        liaison.fill(材料日期="2026-11-16")
        liaison.tick("我确认材料不涉密")
        liaison.press("上传")
        liaison.sees("议事规则（修订）.pdf")
    liaison.follow("申请销号")
    liaison.fill(整改进展="已修订议事规则，补录 3 次会议记录。", 完成日期="2026-11-16")
    if first:  # what is done stays done; its box would take it back
        liaison.tick("1. 修订议事规则", "2. 补录会议记录")
    liaison.press("提交销号申请")
    liaison.sees("待主要负责人审签")
    head.go("/tasks")
    head.follow("7-3-012-01")
    head.follow("审签")
    head.press("签字并送巡察办")
    head.sees("已签字背书")


def sign_in_again(*people: Desk) -> None:
    """A day later every session has ended."""
    for desk in people:
        desk.sign_in()


def told(product: Product, browser: Browser) -> list[str]:
    """Return what the group's page shows, message by message, oldest first."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(product.robots.group_url(GROUP))
    messages = page.locator("article.message").all_inner_texts()
    context.close()
    return messages


def workdays_after(product: Product, day: date, count: int) -> list[date]:
    with product.context.database.reading() as session:
        calendar = load_calendar(session)
    days: list[date] = []
    while len(days) < count:
        day = calendar.next_workday(day + timedelta(days=1))
        days.append(day)
    return days


def test_reminders_come_until_the_task_closes_and_go_on_for_its_sibling(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    evidence = tmp_path / "议事规则（修订）.pdf"
    evidence.write_bytes(PDF)
    clerk, lead, liaison, head, admin = desks(
        browser, product, "clerk", "lead", "liaison_a", "head_a", "admin"
    )
    record_round_and_feedback(clerk)
    open_robot_and_push(admin, lead, product)
    plan_and_pass(liaison, head, lead)

    product.at(date(2026, 11, 18))
    assert product.queue() >= 2
    product.deliver()
    first = told(product, browser)
    assert any(
        "7-3-012-01" in text and "7-3-013-01" in text and "今天到期" in text for text in first
    )
    assert not any("三重一大" in text for text in first), "no issue text in chat"

    product.at(date(2026, 11, 18), 10)
    sign_in_again(liaison, head, lead)
    ask_for_closing(liaison, head, evidence, first=True)
    lead.go("/tasks")
    lead.follow("7-3-012-01")
    lead.follow("退回整改")
    lead.fill(理由="会议记录没有签名", 需要补充的内容="附签名页")
    lead.press("退回整改")
    liaison.go("/tasks")
    liaison.follow("7-3-012-01")
    liaison.sees("附签名页")

    product.at(date(2026, 11, 19))
    assert product.queue() == 2  # T+1 for both, the next message now waits in the outbox
    sign_in_again(liaison, head, lead)
    ask_for_closing(liaison, head, evidence, first=False)
    lead.go("/tasks")
    lead.follow("7-3-012-01")
    lead.follow("审核销号")
    lead.press("同意销号")
    lead.sees("已销号")
    product.at(date(2026, 11, 19), 11)
    product.deliver()

    heard = [told(product, browser)]
    for day in workdays_after(product, date(2026, 11, 19), 10):
        product.at(day)
        product.queue()
        product.deliver()
    heard.append(told(product, browser))
    after_closing = heard[1][len(first) :]
    assert after_closing != []
    assert not any("7-3-012-01" in text for text in after_closing)
    assert (
        sum("7-3-013-01" in text for text in after_closing) >= 3
    )  # T+1, T+7, then every 5 working days
    with product.context.database.reading() as session:
        closed = session.scalars(select(Task).where(Task.task_no == "7-3-012-01")).one()
        steps = session.scalars(
            select(TaskTransition.to_state)
            .where(TaskTransition.task_id == closed.id)
            .order_by(TaskTransition.id)
        )
        assert [step.value for step in steps] == [
            *PATH,
            "in_progress",
            "unit_check",
            "office_review",
            "closed",
        ]
    for desk in (clerk, lead, liaison, head, admin):
        desk.leave()


def test_the_weekly_report_is_made_on_monday_and_told_without_figures(
    browser: Browser, product: Product
) -> None:
    clerk, lead, liaison, head, admin = desks(
        browser, product, "clerk", "lead", "liaison_a", "head_a", "admin"
    )
    record_round_and_feedback(clerk)
    open_robot_and_push(admin, lead, product)
    plan_and_pass(liaison, head, lead)
    product.at(date(2026, 11, 23), 8, 37)
    assert product.report() == 1
    assert product.report() == 0
    lead.sign_in()
    lead.go("/reports")
    lead.page.get_by_role("link", name=re.compile("第1期")).first.click()
    for words in ("012", "议事决策全程留痕", "逾期"):
        expect(lead.page.get_by_role("main")).to_contain_text(words)
    with lead.page.expect_download() as download:
        lead.page.get_by_role("link", name=re.compile("Word|docx")).first.click()
    assert download.value.suggested_filename.endswith(".docx")
    for desk in (clerk, lead, liaison, head, admin):
        desk.leave()
