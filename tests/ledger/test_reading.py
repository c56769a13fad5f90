"""Every row of every sheet ends as item, ignored or refused — with its reason."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import load_workbook

from tests.ledger.reading import issue_of, outcome, read
from tests.ledgers import factory
from tests.ledgers.factory import HEADER, SHORT, full_row, ledger, row
from tracker.feedback.rules import IssueNature
from tracker.ledger.columns import Field
from tracker.ledger.reading_result import SheetReadingState
from tracker.ledger.rules import RowReading
from tracker.rectification.rules.words import CompletionClass, TaskKind

WHOLE = {"unit": "甲局", "measure": "措施", "due": "2025年6月底前"}


def test_the_everyday_ledger_is_read_row_by_row() -> None:
    reading = read(factory.everyday_ledger())
    assert outcome(reading) == [
        (1, "ignored", ["title"]),
        (2, "ignored", ["title"]),
        (3, "ignored", ["header"]),
        (4, "ignored", ["category"]),
        (5, "item", []),
        (6, "item", []),
        (7, "item", ["due_open_ended"]),
        (8, "ignored", ["category"]),
        (9, "item", ["due_immediate"]),
        (10, "ignored", ["total"]),
        (11, "ignored", ["blank"]),
        (12, "ignored", ["signature"]),
    ]
    assert reading.counts == {"issues": 2, "tasks": 2, "measures": 4, "doubtful": 1, "refused": 0}


def test_merged_values_are_repeated_inside_their_range() -> None:
    items = read(factory.everyday_ledger()).items
    assert [item.text(Field.ISSUE_NO) for item in items] == ["3-01", "3-01", "3-01", "3-02"]
    assert {item.text(Field.ISSUE) for item in items[:3]} == {"理论学习不深入，落实上级部署有差距"}
    assert [item.units for item in items] == [("甲县公安局",)] * 4
    assert [item.owners for item in items] == [("李四", "王五"), ("赵六",), ("李四",), ("孙八",)]
    assert [item.due.due_on for item in items[:3]] == [date(2025, 6, 30), date(2025, 5, 31), None]


def test_nothing_is_filled_down_past_a_merged_range() -> None:
    rows = [row(issue="问题甲", **WHOLE), row(measure="第二条"), row(measure="第三条", unit="甲局")]
    reading = read(ledger(rows, merges=["D2:D3"]))
    assert [(r.row, r.reading.value, issue_of(r)) for r in reading.rows] == [
        (1, "ignored", ""), (2, "item", "问题甲"), (3, "item", "问题甲"), (4, "refused", ""),
    ]  # fmt: skip
    assert reading.rows[3].notes[0].code == "issue_missing"
    assert reading.counts["refused"] == 1


def test_sub_headings_become_categories_and_numbering_starts_again() -> None:
    items = read(factory.everyday_ledger()).items
    assert [item.cat_l1 for item in items] == ["党的领导方面"] * 3 + ["作风建设方面"]
    rows = [
        ["一、落实职责情况"],
        ["（一）贯彻部署方面"],
        row(issue="甲", **WHOLE),
        ["二、队伍建设"],
        row(issue="乙", **WHOLE),
    ]
    items = read(ledger(rows, merges=["A2:J2", "A3:J3", "A5:J5"])).items
    assert [(i.cat_l1, i.cat_l2) for i in items] == [
        ("落实职责情况", "贯彻部署方面"),
        ("队伍建设", ""),
    ]


def test_a_measure_that_begins_like_a_heading_stays_a_measure() -> None:
    rows = [
        row(issue="问题甲", **WHOLE),
        row(measure="（二）抓好作风方面"),
        row(measure="一、再学习"),
    ]
    reading = read(ledger(rows, merges=["D2:D4"]))
    assert [item.measures for item in reading.items] == [
        ("措施",),
        ("（二）抓好作风方面",),
        ("一、再学习",),
    ]


def test_an_issue_alone_in_its_row_is_an_item() -> None:
    reading = read(
        ledger([row(issue="（一）学习不够。"), row(issue="截至目前仍有欠款未收回")]), unit="甲局"
    )
    assert [r.reading for r in reading.rows[1:]] == [RowReading.ITEM, RowReading.ITEM]


def test_a_header_of_two_rows_is_read() -> None:
    reading = read(factory.two_row_header_ledger(), unit="甲局")
    assert outcome(reading)[:4] == [
        (1, "ignored", ["title"]), (2, "ignored", ["header"]), (3, "ignored", ["header"]), (4, "item", []),
    ]  # fmt: skip
    (item,) = reading.items
    assert (item.lead_leaders, item.owners, item.due.due_on) == (
        ("张三",),
        ("李四",),
        date(2025, 6, 30),
    )


def test_the_first_row_of_data_is_never_taken_for_a_header() -> None:
    header = ["序号", "反馈问题", "整改措施", "某栏"]
    reading = read(ledger([[1, "问题甲", "措施甲", "备注"]], header=header), unit="甲局")
    assert [r.reading.value for r in reading.rows] == ["ignored", "item"]
    assert reading.items[0].extra == {"某栏": "备注"}


def test_a_header_repeated_on_every_page_and_a_row_of_column_numbers_are_passed_over() -> None:
    rows = [list(range(1, 11)), row(issue="甲", **WHOLE), SHORT, row(issue="乙", **WHOLE)]
    assert [codes for _, _, codes in outcome(read(ledger(rows)))] == [
        ["header"], ["column_numbers"], [], ["header"], [],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "word", ["完成时限", "整改期限", "时限", "整改 时限", "整改时限*", "整改时限（年月）"]
)
def test_other_words_for_a_column_are_known(word: str) -> None:
    header = ["序号", "被巡察单位", "存在问题", "整改措施", word]
    (item,) = read(ledger([[1, "甲局", "问题", "措施", "2025年6月底前"]], header=header)).items
    assert item.due.due_on == date(2025, 6, 30)


def test_hidden_rows_are_read_with_a_note_and_hidden_sheets_are_named() -> None:
    reading = read(factory.hidden_ledger())
    assert [(s.name, s.state) for s in reading.sheets] == [
        ("整改台账", SheetReadingState.READ), ("字典", SheetReadingState.HIDDEN), ("系统", SheetReadingState.HIDDEN),
    ]  # fmt: skip
    assert outcome(reading) == [
        (1, "ignored", ["title"]), (2, "ignored", ["header"]), (3, "item", ["row_hidden"]), (4, "item", []),
        (1, "ignored", ["sheet_hidden"]), (2, "ignored", ["sheet_hidden"]),
        (1, "ignored", ["sheet_hidden"]), (2, "ignored", ["sheet_hidden"]),
    ]  # fmt: skip


def test_formulas_without_a_saved_value_and_errors_are_reported() -> None:
    reading = read(factory.formula_ledger())
    assert outcome(reading)[1:] == [
        (2, "item", ["formula_uncached"]),
        (3, "item", ["error_value", "due_missing"]),
        (4, "refused", ["issue_missing", "formula_uncached"]),
    ]


def test_dates_of_the_1904_calendar_are_right_as_date_number_and_text() -> None:
    assert {item.due.due_on for item in read(factory.mac_dates_ledger()).items} == {
        date(2025, 6, 30)
    }


def test_a_bad_date_is_kept_as_text_and_flagged() -> None:
    (found,) = [
        r
        for r in read(
            ledger([row(unit="甲局", issue="甲", measure="乙", due="2025年2月30日")])
        ).rows
        if r.item
    ]
    assert found.item is not None
    assert (found.item.due.raw, found.item.due.due_on, found.doubtful) == (
        "2025年2月30日",
        None,
        True,
    )


@pytest.mark.parametrize(
    ("closed", "closed_on", "expected", "codes"),
    [
        ("是", "2025.3.12", (True, date(2025, 3, 12)), []),
        ("已销号", date(2025, 3, 12), (True, date(2025, 3, 12)), []),
        ("已销号（长期坚持）", 45728, (True, date(2025, 3, 12)), []),
        (None, "2025年3月12日", (True, date(2025, 3, 12)), []),
        ("√", None, (True, None), ["closed_without_date"]),
        ("是", "2025年3月", (True, date(2025, 3, 31)), ["date_incomplete"]),
        ("是", "春节前", (True, None), ["date_unreadable", "closed_without_date"]),
        ("否", None, (False, None), []),
        ("未销号", "/", (False, None), []),
        ("否", "2025.3.12", (False, None), ["closed_conflict"]),
        ("部分", None, (False, None), ["closed_unknown"]),
    ],
)
def test_closed_rows_are_known_by_flag_or_day(
    closed: str | None, closed_on: object, expected: tuple[bool, date | None], codes: list[str]
) -> None:
    reading = read(ledger([row(issue="甲", closed=closed, closed_on=closed_on, **WHOLE)]))
    assert [(i.closed, i.closed_on) for i in reading.items] == [expected]
    assert [note.code for note in reading.rows[1].notes] == codes


def test_numbers_with_words_are_tolerated_and_noted() -> None:
    values = {
        "被巡察单位": "甲局", "反馈问题": "问题", "整改措施": "1.甲；2.乙", "整改时限": "长期坚持", "问题性质": "个性", "整改类型": "限期",
        "完成情况": "基本完成", "建章立制": "出台制度3项", "追责问责": "２人次", "挽回损失": "5000元", "责任领导": "张 三", "联系电话": 13800000000,
    }  # fmt: skip
    reading = read(ledger([full_row(values)], header=HEADER))
    (item,) = reading.items
    assert (item.institutions, item.accountability, str(item.recovered)) == (3, 2, "0.5")
    assert (item.nature, item.kind, item.completion) == (
        IssueNature.INDIVIDUAL,
        TaskKind.DATED,
        CompletionClass.MOSTLY,
    )
    assert (item.measures, item.lead_leaders, item.text(Field.PHONE)) == (
        ("甲", "乙"),
        ("张三",),
        "13800000000",
    )
    codes = [note.code for note in reading.rows[1].notes]
    assert codes == ["due_open_ended", "number_in_text", "amount_converted"]


def test_every_column_of_the_template_is_known() -> None:
    values = {title.split("(")[0]: f"值{place}" for place, title in enumerate(HEADER)}
    (item,) = read(ledger([full_row(values)], header=HEADER)).items
    assert len(item.texts) == len(HEADER) == len(Field)
    assert item.extra == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["合  计", None, None, "8个", "20条", "6人"], "total"),
        (["总计：共8个问题"], "total"),
        (
            ["主要负责人签字：", None, "填报人：周九", "审核人：吴十", "填报日期：2025年4月1日"],
            "signature",
        ),
        (["单位负责人（签字）：", None, None, None, None, "2025年4月1日"], "signature"),
        (["注：本表一式两份。"], "remark"),
        (["截至2025年4月30日，已完成整改6个。"], "as_of"),
        ([7], "number_only"),
        (["（三）", "群众身边腐败问题方面"], "category"),
        (["（三）", "作风方面存在的问题（3个）"], "category"),
    ],
)
def test_rows_that_are_no_items_say_why(line: list[object], code: str) -> None:
    reading = read(ledger([row(issue="甲", **WHOLE), line, row(issue="乙", **WHOLE)]))
    assert [r.reading.value for r in reading.rows] == ["ignored", "item", "ignored", "item"]
    assert reading.rows[2].notes[0].code == code


def test_an_issue_that_begins_like_a_total_stays_an_item() -> None:
    rows = [row(issue="合计发放补贴不合规", measure="清退", unit="甲局", due="长期")]
    assert len(read(ledger(rows)).items) == 1


def test_a_header_of_two_rows_repeated_on_the_next_page_is_passed_over() -> None:
    header = ["序号", "存在问题", "具体措施", "责任落实", None, "完成时限"]
    second = [None, None, None, "分管领导", "具体责任人", None]
    data = [1, "问题", "措施", "张三", "李四", "2025年6月底前"]
    content = ledger([second, data, header, second, data], header=header, merges=["D1:E1", "D4:E4"])
    reading = read(content, unit="甲局")
    assert [r.reading.value for r in reading.rows] == ["ignored", "ignored", "item"] * 2
    assert reading.items[1].owners == ("李四",)


def test_a_unit_named_above_the_header_stands_in() -> None:
    rows = [row(issue="甲", measure="乙", due="2025年6月底前")]
    reading = read(ledger(rows, above=[["填报单位：甲县民政局   填报日期：2025年4月"]]))
    assert reading.items[0].unit == "甲县民政局"
    assert read(ledger(rows), unit="乙局").items[0].unit == "乙局"
    assert [n.code for n in read(ledger(rows)).rows[1].notes] == ["unit_missing"]


def test_a_file_without_a_ledger_is_refused_but_its_rows_are_listed() -> None:
    reading = read(ledger([["甲", "乙"]], header=["姓名", "电话"]))
    assert reading.refused is not None
    assert reading.refused.code == "no_header"
    assert outcome(reading) == [(1, "ignored", ["no_header"]), (2, "ignored", ["no_header"])]


CORPUS = [
    factory.everyday_ledger, factory.two_row_header_ledger, factory.mac_dates_ledger, factory.hidden_ledger, factory.formula_ledger,
]  # fmt: skip


@pytest.mark.parametrize("make", CORPUS)
def test_every_row_of_a_file_is_accounted_for_once(make: Callable[[], bytes]) -> None:
    content = make()
    book = load_workbook(io.BytesIO(content))
    expected = [(sheet.title, number) for sheet in book for number in range(1, sheet.max_row + 1)]
    reading = read(content)
    assert [(r.sheet, r.row) for r in reading.rows] == expected
    assert all(r.notes for r in reading.rows if r.reading is not RowReading.ITEM)
