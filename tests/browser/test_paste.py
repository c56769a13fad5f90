"""A ledger pasted from Excel in a real browser: filled, filled down, undone, previewed, corrected, imported."""

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.browser.people import Desk
from tests.browser.product import Product
from tests.factories.work import make_work
from tests.ledger.importing import FED_BACK
from tracker.rectification.models import Task
from tracker.spreadsheets.clipboard import read_clipboard, write_tsv

pytestmark = pytest.mark.browser

EXCEL = (
    '市甲局\t3-1\t"理论学习不深入\n""走过场""\t两张皮"\t制定计划\r\n'
    '市甲局\t3-2\t"三重一大"不落实\t修订制度\r\n'
    "市无此局\t3-3\t台账缺失\t补建台账\r\n"
)
PASTE = """([control, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  control.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def desk(browser: Browser, product: Product) -> Desk:
    now = product.clock.now()
    with product.context.database.writing() as session:
        make_work(session, product.people, now=now, units=("a", "b"), fed_back_on=FED_BACK)
        session.commit()
    clerk = Desk(browser, product.url, "clerk")
    clerk.go("/imports/paste")
    return clerk


class Grid:
    """The grid of the page, cells by row and column from 1."""

    def __init__(self, desk: Desk) -> None:
        self.page = desk.page

    def cell(self, row: int, column: int):  # type: ignore[no-untyped-def]
        return self.page.locator(f".sheet-grid tbody tr:nth-child({row}) td textarea").nth(
            column - 1
        )

    def paste(self, row: int, column: int, text: str) -> None:
        self.cell(row, column).click()
        self.page.evaluate(PASTE, [self.cell(row, column).element_handle(), text])

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def column(self, column: int, rows: int = 3) -> list[str]:
        return [self.cell(row, column).input_value() for row in range(1, rows + 1)]

    @property
    def text(self) -> str:
        return self.page.locator("#table").input_value()


def test_a_ledger_is_pasted_filled_down_undone_previewed_corrected_and_imported(
    desk: Desk, product: Product
) -> None:
    grid = Grid(desk)
    expect(grid.page.locator("#table")).to_be_hidden()
    grid.paste(1, 1, EXCEL)
    assert grid.column(3) == ['理论学习不深入\n"走过场"\t两张皮', '"三重一大"不落实', "台账缺失"]
    grid.cell(1, 9).click()
    grid.page.keyboard.type("尽快完成")
    grid.press("Escape")
    assert grid.column(9) == ["", "", ""]
    grid.page.keyboard.type("2026年12月底前")
    grid.press("Enter", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowDown", "Control+d")
    assert grid.column(9) == ["2026年12月底前"] * 3
    grid.press("Control+z")
    assert grid.column(9) == ["2026年12月底前", "", ""]
    grid.press("Control+y")
    assert grid.column(9) == ["2026年12月底前"] * 3
    grid.cell(3, 9).click()
    grid.page.keyboard.type("尽快")
    expect(grid.page.locator(".draft-status")).to_have_text("已保存 09:00")
    desk.press("读取并预览")
    desk.sees("单位库里没有“市无此局”")
    desk.sees("不能识别为日期")
    desk.page.get_by_label("第 4 行 被巡察单位更正为").fill("市乙局")
    desk.page.get_by_label("或者选择日期：第 4 行 整改时限").fill("2026-12-31")
    desk.press("保存更正并重新读取")
    desk.sees("已按更正重新读取")
    desk.go(desk.page.url.partition("?")[0] + "?show=corrected")
    desk.sees("已更正为“市乙局”，原为“市无此局”")
    desk.press("确认导入", confirm="确认导入")
    desk.sees("已导入：新建 3 个问题、3 项任务")
    with product.context.database.reading() as session:
        assert sorted(task.due_text_raw or "" for task in session.scalars(select(Task))) == [
            "2026-12-31",
            "2026年12月底前",
            "2026年12月底前",
        ]
    desk.leave()


def test_the_grid_writes_what_the_server_reads(desk: Desk) -> None:
    grid = Grid(desk)
    table = [
        ['"', '""', '"a"', "'", " 前后 "],
        ["\n", "\t", 'x"\n', "a\n\nb", '"\t"'],
        ["甲", "", "丙", '末"', "=1+1"],
    ]
    grid.paste(1, 1, write_tsv(table))
    assert read_clipboard(grid.text) == table
    grid.paste(5, 2, "乙\t丁\n戊")
    assert read_clipboard(grid.text) == [*table, [""], ["", "乙", "丁"], ["", "戊"]]


def test_keys_buttons_and_limits(desk: Desk) -> None:
    grid = Grid(desk)
    grid.paste(1, 1, "被巡察单位\t反馈问题\t整改措施\n市甲局\t问题\t措施\n")
    desk.sees("已识别：粘贴的内容自带表头")
    expect(desk.page.get_by_label("粘贴的内容自带表头")).to_be_checked()
    expect(desk.page.locator(".sheet-grid thead th").nth(1)).to_have_text("A")
    desk.press("撤销")
    expect(desk.page.get_by_label("粘贴的内容自带表头")).not_to_be_checked()
    assert grid.text == ""
    desk.press("重做")
    grid.cell(1, 1).click()
    desk.press("删除行")
    assert read_clipboard(grid.text) == [["市甲局", "问题", "措施"]]
    grid.cell(1, 2).click()
    grid.press("F2", "Alt+Enter")
    grid.page.keyboard.type("二")
    grid.press("Tab", "Shift+Tab", "ArrowRight", "ArrowDown")
    grid.page.keyboard.type("丁")
    assert read_clipboard(grid.text) == [["市甲局", "问题\n二", "措施"], ["", "", "丁"]]
    before = desk.page.locator(".sheet-grid tbody tr").count()
    desk.press("添加 10 行")
    expect(desk.page.locator(".sheet-grid tbody tr")).to_have_count(before + 10)
    grid.paste(1, 1, "甲\n" * 1001)
    desk.sees("最多 1000 行")
    grid.paste(1, 1, "甲\t" * 60 + "乙")
    desk.sees("最多 60 列")
    assert read_clipboard(grid.text) == [["市甲局", "问题\n二", "措施"], ["", "", "丁"]]


def test_a_draft_and_a_refused_form_fill_the_grid_again(desk: Desk) -> None:
    desk.page.on("dialog", lambda dialog: dialog.accept())
    grid = Grid(desk)
    grid.paste(1, 1, EXCEL)
    expect(grid.page.locator(".draft-status")).to_have_text("已保存 09:00")
    desk.go("/imports/paste")
    assert grid.text == ""
    desk.press("恢复草稿")
    assert grid.column(2) == ["3-1", "3-2", "3-3"]
    desk.page.get_by_label(re.compile("^反馈日期")).fill("2030-01-01")
    desk.press("读取并预览")
    desk.sees("反馈日期不能晚于今天")
    assert grid.column(2) == ["3-1", "3-2", "3-3"]


def test_nothing_sticks_out_on_a_phone(desk: Desk) -> None:
    grid = Grid(desk)
    desk.page.set_viewport_size({"width": 360, "height": 740})
    grid.paste(1, 1, EXCEL)
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert desk.page.evaluate(fits)
    desk.press("读取并预览")
    desk.sees("单位库里没有“市无此局”")
    assert desk.page.evaluate(fits)
