"""An office of two in 简易模式: one enters for the units, the other closes; nobody does both."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.people import Desk
from tests.browser.product import Product
from tests.factories.files import pdf
from tests.factories.work import make_work
from tracker.people.models import User
from tracker.rectification.models import Task, TaskTransition

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

SHORT_MENU = ["工作台", "问题台账", "报表", "提醒", "设置"]
TASK_NO = "7-3-101-01"


def menu(desk: Desk) -> list[str]:
    return desk.page.get_by_role("navigation", name="主菜单").get_by_role("link").all_inner_texts()


def office_with_a_feedback(product: Product) -> int:
    """A round with a feedback, its issues not yet recorded; units have no sign-ins."""
    with product.context.database.writing() as session:
        work = make_work(session, product.people, now=product.clock.now(), units=("a",))
        for user in session.scalars(select(User).where(User.unit_id.is_not(None))):
            user.is_active = False
        session.commit()
        return work.feedback_ids["a"]


def switch_to_simple_mode(admin: Desk) -> None:
    admin.go("/office-mode")
    admin.tick("简易模式")
    admin.press("切换")
    admin.sees("已切换为简易模式")
    admin.sees("不满足三员分立要求")


def record_and_issue(clerk: Desk, feedback_id: int) -> None:
    clerk.go(f"/feedbacks/{feedback_id}")
    clerk.follow("录入问题")
    clerk.fill(问题编号="101", 反馈问题="公务用车台账登记不全。")
    clerk.press("保存")
    clerk.follow("下发整改任务")
    clerk.fill(整改时限="2026-12-15")
    clerk.press("下发整改任务")
    clerk.sees("已下发 1 项整改任务")


def to_task(desk: Desk) -> None:
    desk.follow("问题台账")
    desk.follow(TASK_NO)


def prove_for_the_unit(clerk: Desk, evidence: Path) -> None:
    clerk.follow("填报进展")
    clerk.fill(整改进展="单位来文：台账已补登。")
    clerk.press("保存进展")
    clerk.sees("代 市甲局 录入")
    clerk.follow("上传材料")
    clerk.attach("文件", evidence)
    clerk.fill(材料日期="2026-11-13")
    clerk.tick("我确认材料不涉密")
    clerk.press("上传")
    clerk.sees("用车台账.pdf")


def ask_for_closing(clerk: Desk) -> None:
    clerk.follow("申请销号")
    clerk.fill(整改进展="台账已补登，制度已印发。", 完成日期="2026-11-14")
    clerk.press("提交销号申请")
    clerk.sees("待审核销号")


def test_an_office_of_two_does_it_all_and_who_entered_cannot_close(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    evidence = tmp_path / "用车台账.pdf"
    evidence.write_bytes(pdf())
    feedback_id = office_with_a_feedback(product)
    admin, clerk, lead = (Desk(browser, product.url, name) for name in ("admin", "clerk", "lead"))
    switch_to_simple_mode(admin)
    for desk in (clerk, lead):
        desk.go("/")
        assert menu(desk) == SHORT_MENU
    clerk.follow("设置")
    clerk.follow("反馈问题")
    clerk.follow("巡察反馈意见")
    record_and_issue(clerk, feedback_id)

    to_task(clerk)
    clerk.sees("整改中")
    clerk.sees("2026-12-15")
    prove_for_the_unit(clerk, evidence)
    ask_for_closing(clerk)
    expect(clerk.page.get_by_role("link", name="审核销号")).to_have_count(0)

    lend_closing_to_the_clerk(lead)
    to_task(clerk)
    clerk.follow("审核销号")
    clerk.press("同意销号")
    clerk.sees("不能由您销号")
    assert "422" in clerk.complaints.pop()  # the page says no

    to_task(lead)
    lead.follow("审核销号")
    lead.sees("单位来文：台账已补登。")
    lead.press("同意销号")
    lead.sees("已销号")
    with product.context.database.reading() as session:
        task = session.scalars(select(Task)).one()
        assert task.original_due == date(2026, 12, 15)
        steps = session.scalars(
            select(TaskTransition.to_state)
            .where(TaskTransition.task_id == task.id)
            .order_by(TaskTransition.id)
        )
        assert [step.value for step in steps] == ["draft", "in_progress", "office_review", "closed"]
    for desk in (admin, clerk, lead):
        desk.leave()


def lend_closing_to_the_clerk(lead: Desk) -> None:
    """Even with the lead's power in hand, whoever entered does not close."""
    lead.go("/delegations/new")
    lead.choose("代理人", "巡察办经办人clerk")
    lead.fill(开始日期="2026-11-16", 结束日期="2026-11-16", 授权事由="外出开会")
    lead.press("授权")
    lead.sees("生效中")
