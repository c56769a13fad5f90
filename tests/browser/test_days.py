"""A working day of each role in a real browser: what waits, what is done, what cannot be done."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Desk
from tests.browser.product import Product
from tests.browser.ready_work import ReadyWork
from tests.factories.files import pdf
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

S = TaskState
Enter = Callable[[str], Desk]


@pytest.fixture
def enter(browser: Browser, product: Product) -> Iterator[Enter]:
    """Sign somebody in; what the browser complained about fails the test at its end."""
    desks: list[Desk] = []

    def come_in(username: str) -> Desk:
        desks.append(Desk(browser, product.url, username))
        return desks[-1]

    yield come_in
    for desk in desks:
        desk.leave()


@contextmanager
def morning(product: Product, *, needs_cosign: bool = False) -> Iterator[ReadyWork]:
    """What was done before the day began."""
    with product.context.database.writing() as session:
        yield ReadyWork(product, session, needs_cosign=needs_cosign)
        session.commit()


def state_of(product: Product, task_id: int) -> TaskState:
    with product.context.database.reading() as session:
        return session.get_one(Task, task_id).state


def offered(desk: Desk) -> list[str]:
    """Return the words of what stands at the head of the page to be done."""
    return [text.strip() for text in desk.page.locator(".page-actions .btn").all_inner_texts()]


def open_task(desk: Desk, task_id: int) -> None:
    desk.go(f"/tasks/{task_id}")


def test_a_liaison_fills_in_the_month_proves_a_task_and_asks(
    enter: Enter, product: Product, tmp_path: Path
) -> None:
    with morning(product) as work:
        fresh, first, second = work.task(S.ISSUED).id, work.task().id, work.task().id
    evidence = tmp_path / "考勤制度.pdf"
    evidence.write_bytes(pdf(2))
    desk = enter("liaison_a")
    desk.sees("等我办理")
    desk.follow("7-3-001-01")
    desk.press("签收")
    desk.sees("待报整改方案")
    assert state_of(product, fresh) is S.PLANNING

    desk.go("/fill-in")
    desk.page.locator(f"#task-{first}").get_by_label("无变化").check()
    desk.page.locator(f"#t{second}-text").fill("考勤制度已印发，11 月起执行。")
    desk.press("提交本月填报")
    desk.sees("已提交 2 项")

    open_task(desk, second)
    desk.follow("上传材料")
    desk.attach("文件", evidence)
    desk.fill(材料日期="2026-11-13")
    desk.tick("我确认材料不涉密")
    desk.press("上传")
    desk.follow("预览")
    picture = desk.page.locator(".page-picture img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("img => img.naturalWidth") > 300
    desk.follow("下一页")
    desk.sees("第 2 页，共 2 页")

    for again in (False, True):
        open_task(desk, second)
        desk.follow("申请销号")
        desk.fill(整改进展="考勤制度已执行。", 完成日期="2026-11-14")
        if not again:  # what is done stays done; the box would take it back
            desk.tick("1. 修订制度")
        desk.press("提交销号申请")
        desk.sees("待主要负责人审签")
        if not again:
            desk.press("撤回申请", confirm="撤回申请")
            desk.sees("整改中")
            assert state_of(product, second) is S.IN_PROGRESS
    assert state_of(product, second) is S.UNIT_CHECK

    open_task(desk, first)
    desk.follow("申请延期")
    desk.fill(新的整改时限="2026-12-20", 理由="采购流程须公示 20 天")
    desk.press("提交申请")
    open_task(desk, first)
    desk.sees("2026-12-20")
    assert "申请延期" not in offered(desk)  # one at a time


def test_a_head_signs_the_month_and_a_closing_returns_another_and_authorises_a_deputy(
    enter: Enter, product: Product
) -> None:
    with morning(product) as work:
        reported = work.task()
        work.month_reported(reported)
        good, bad, hard = work.asked_to_close().id, work.asked_to_close().id, work.task().id
        left = work.asked_to_close().id
    desk = enter("head_a")
    desk.go("/monthly-reports")
    desk.follow("2026-11")
    desk.sees("已召开专题会。")
    desk.press("审签报送", confirm="审签报送")
    desk.sees("月报已报送巡察办")

    open_task(desk, good)
    desk.follow("审签")
    desk.sees("制度文本")
    desk.press("签字并送巡察办")
    desk.sees("已签字背书")
    assert state_of(product, good) is S.OFFICE_REVIEW

    open_task(desk, bad)
    desk.follow("退回联络员")
    desk.fill(理由="制度没有党组会议记录")
    desk.press("退回")
    desk.sees("制度没有党组会议记录")
    assert state_of(product, bad) is S.IN_PROGRESS

    open_task(desk, hard)
    desk.follow("申请转长期整改")
    desk.fill(理由="涉及历史遗留用地", 下一阶段目标="完成权属核查", 下次复查日期="2027-01-15")
    desk.press("提交申请")
    desk.sees("等待巡察办审批")
    assert state_of(product, hard) is S.IN_PROGRESS  # the office decides

    desk.go("/delegations")
    desk.page.locator(".page-actions").get_by_role("link", name="授权代理").click()
    desk.choose("代理人", "单位联络员deputy_a")
    desk.fill(开始日期="2026-11-16", 结束日期="2026-11-20", 授权事由="外出学习")
    desk.press("授权")
    desk.sees("生效中")
    deputy = enter("deputy_a")
    open_task(deputy, left)
    deputy.follow("审签")
    deputy.press("签字并送巡察办")
    deputy.sees("党组织主要负责人head_a")
    assert state_of(product, left) is S.OFFICE_REVIEW


def test_a_clerk_issues_enters_for_a_unit_recommends_returns_writes_and_draws(
    enter: Enter, product: Product
) -> None:
    with morning(product) as work:
        paper = work.task(unit="b").id
        good, bad = work.before_the_office().id, work.before_the_office().id
        for _ in range(3):
            work.closed()
        feedback = work.work.feedback_ids["a"]
    desk = enter("clerk")
    desk.go(f"/feedbacks/{feedback}")
    desk.follow("录入问题")
    desk.fill(问题编号="101", 反馈问题="公务用车台账登记不全。")
    desk.press("保存")
    desk.follow("下发整改任务")
    desk.press("下发整改任务")
    desk.sees("已下发 1 项整改任务")

    desk.go("/fill-in/units")
    desk.page.get_by_role("row", name=re.compile("市乙局")).get_by_role("link", name="代录").click()
    desk.page.locator(f"#t{paper}-text").fill("来文称：制度已修订。")
    desk.press("提交本月填报")
    desk.sees("已提交 1 项")
    open_task(desk, paper)
    desk.sees("代 市乙局 录入")

    desk.go("/reviews")
    desk.follow("7-3-002-01")
    desk.follow("建议销号")
    desk.fill(意见="材料齐全，建议销号。")
    desk.press("建议销号")
    desk.sees("已建议销号，等待巡察办主任审核")
    assert state_of(product, good) is S.OFFICE_REVIEW
    assert "审核销号" not in offered(desk)

    open_task(desk, bad)
    desk.follow("退回整改")
    desk.fill(理由="没有执行记录", 需要补充的内容="附近两个月执行记录")
    desk.press("退回整改")
    desk.sees("附近两个月执行记录")
    assert state_of(product, bad) is S.IN_PROGRESS

    desk.go("/letters")
    desk.follow("拟稿")
    desk.choose("主送单位", "市乙局")
    desk.choose("函件种类", "督办函（巡办督）")
    desk.press("下一步")
    desk.fill(标题="关于加快整改的督办函", 正文="请于月底前完成整改。")
    desk.press("保存拟稿")
    desk.sees("编号在签发时产生")
    assert "签发" not in offered(desk)

    desk.go("/spot-checks")
    desk.follow("抽取")
    desk.choose("抽取方式", "按项数")
    desk.fill(销号日期从="2026-11-01", 数量="2", 随机种子="2026-11-16")
    desk.press("抽取", confirm="抽取")
    desk.sees("已抽取 2 项")
    desk.follow("重新抽取核对")
    desk.sees("结果与当时完全一致")


def test_a_lead_passes_grants_closes_signs_watches_and_reopens(
    enter: Enter, product: Product, tmp_path: Path
) -> None:
    with morning(product) as work:
        plan = work.plan_signed()
        late, long = work.extension_signed().id, work.long_term_asked().id
        good, closed = work.before_the_office().id, work.closed().id
        bad = work.task().id
        letter = work.letter_drafted()
    desk = enter("lead")
    desk.go("/plans")
    desk.follow("市甲局")
    desk.press("审核通过", confirm="审核通过")
    desk.sees("原定时限已固定")
    assert state_of(product, plan) is S.IN_PROGRESS

    open_task(desk, late)
    desk.follow("审批延期")
    desk.sees("采购流程须公示 20 天")
    desk.choose("审批意见", "批准")
    desk.press("确定")
    desk.sees("2026-12-20")

    open_task(desk, long)
    desk.follow("审批长期整改")
    desk.choose("审批意见", "批准")
    desk.fill(说明="同意分阶段办理")
    desk.press("确定")
    assert state_of(product, long) is S.LONG_TERM

    open_task(desk, good)
    desk.follow("审核销号")
    desk.sees("制度文本")
    desk.fill(审核意见="同意销号")
    desk.press("同意销号")
    desk.sees("已销号")
    desk.follow("销号审批表")
    with desk.page.expect_download() as download:
        desk.follow("下载 Word 文件")
    form = tmp_path / download.value.suggested_filename
    download.value.save_as(form)
    desk.follow("审批表核验")
    desk.attach("或上传审批表", form)
    desk.press("核验")
    desk.sees("完全一致")

    desk.go(f"/letters/{letter}")
    desk.press("签发", confirm="签发")
    expect(desk.page.get_by_role("heading", level=1)).to_have_text(re.compile(r"〔2026〕1号"))

    open_task(desk, bad)
    desk.follow("挂牌督办")
    desk.choose("督办级别", "领导小组挂牌督办")
    desk.fill(包案领导="方一鸣", 理由="群众反映强烈")
    desk.press("确定")
    desk.go("/watches")
    desk.sees("方一鸣")

    open_task(desk, closed)
    desk.follow("重新整改")
    desk.fill(理由="抽查发现制度没有执行", 新的整改时限="2026-12-31")
    desk.press("重新整改")
    desk.sees("重新整改 1 次")
    assert state_of(product, closed) is S.IN_PROGRESS


def test_a_supervisor_cosigns_comments_and_sees_only_its_units(
    enter: Enter, product: Product
) -> None:
    with morning(product, needs_cosign=True) as work:
        good, foreign, running = (
            work.before_the_office().id,
            work.before_the_office(unit="b").id,
            work.task().id,
        )
    desk = enter("supervisor")
    desk.go("/tasks")
    desk.sees("7-3-001-01")
    assert "市乙局" not in desk.page.locator("main").inner_text()
    desk.go("/reviews/cosign")
    desk.follow("等本部门会签")
    print(
        desk.page.url,
        desk.page.locator("main").inner_text(),
        desk.page.locator("label").all_inner_texts(),
    )
    desk.choose("会签意见", "同意销号")
    desk.fill(说明="已实地核实")
    desk.press("提交会签意见")
    desk.sees("会签意见已提交")
    desk.sees("已实地核实")

    open_task(desk, good)
    assert sorted(offered(desk)) == ["会签", "发表意见"]
    desk.follow("发表意见")
    desk.fill(意见="建议两个月后回访。")
    desk.press("发表意见")
    desk.sees("建议两个月后回访。")
    open_task(desk, running)
    assert offered(desk) == ["发表意见"]
    assert state_of(product, good) is S.OFFICE_REVIEW
    answer = desk.page.request.get(f"{product.url}/tasks/{foreign}")
    assert answer.status == 404


def test_a_leader_reads_figures_lists_and_watches_and_has_nothing_to_press(
    enter: Enter, product: Product
) -> None:
    with morning(product) as work:
        running, waiting = work.task().id, work.before_the_office().id
        work.watched(running)
    desk = enter("leader")
    desk.follow("查看统计")
    desk.sees("数据截至 2026-11-16")
    expect(desk.page.locator("td .number").first).to_be_visible()
    desk.go("/tasks")
    for number in ("7-3-001-01", "7-3-002-01"):
        desk.sees(number)
    desk.go("/watches")
    desk.sees("方一鸣")
    for task_id in (running, waiting):
        open_task(desk, task_id)
        assert offered(desk) == []
    for path in ("close", "return", "watch", "recommend", "comment"):
        answer = desk.page.request.get(f"{product.url}/tasks/{waiting}/{path}")
        assert answer.status in (403, 404), path
