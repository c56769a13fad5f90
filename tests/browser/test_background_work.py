"""后台办理 as somebody meets it: the page moves by itself, goes on by itself, and can be cancelled."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Desk
from tests.browser.product import Product
from tests.factories.work import make_work
from tests.jobs.background import done_by
from tracker.job_runs.works import beat, claim
from tracker.kernel.settings import put_setting

pytestmark = pytest.mark.browser


@pytest.fixture
def round_id(product: Product) -> int:
    """A round with a task, and every export counts as large."""
    now = product.clock.now()
    with product.context.database.writing() as session:
        work = make_work(session, product.people, now=now, fed_back_on=date(2026, 9, 1))
        work.task(session, product.people, now=now)
        put_setting(session, "background_export_tasks", "1", by="tests", now=now)
        session.commit()
    return work.round_id


def test_the_page_shows_how_far_the_work_is_and_then_the_file(
    browser: Browser, product: Product, round_id: int
) -> None:
    desk = Desk(browser, product.url, "clerk")
    desk.go(f"/ledger/export?round={round_id}")
    expect(desk.page.locator("#work")).to_contain_text("排队中")
    work_id, database = int(desk.page.url.rsplit("/", 1)[1]), product.context.database
    now = product.clock.now()
    with database.writing() as session:
        held = claim(session, work_id, worker="tests", now=now)
        assert held is not None
        beat(session, held, step="整理任务", done=3, total=8, now=now)
        session.commit()
    bar = desk.page.locator("#work progress")
    expect(bar).to_have_attribute("value", "3")
    expect(desk.page.locator("#work")).to_contain_text("整理任务 3/8")
    desk.press("停止办理", confirm="停止办理")
    expect(desk.page.locator("#work")).to_contain_text("正在停止")
    desk.go(f"/ledger/export?round={round_id}")
    assert desk.page.url.endswith(f"/works/{work_id}")  # it has not stopped yet: still the same
    product.clock.advance(timedelta(minutes=2))  # its worker is dead by now
    done_by(product.context)
    expect(desk.page.locator("#work")).to_contain_text("已取消")
    desk.go(f"/ledger/export?round={round_id}")
    done_by(product.context)
    with desk.page.expect_download() as download:
        desk.page.get_by_role("link", name="下载", exact=True).click()
    assert download.value.suggested_filename.endswith(".xlsx")
    desk.leave()
