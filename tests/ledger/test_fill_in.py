"""填报表: a unit's workbook goes out, is filled in without the network, and comes back."""

import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.ledger.filling_in import (
    FIRST_ROW,
    NEW,
    WORKBOOK,
    bring_back,
    confirm,
    download,
    sheet_of,
    titles_of,
    typed,
)
from tests.rectification.month_page import make_month, progress, reports
from tests.rectification.office import enter
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.fill_in_fields import FillField, canonical, faults_of
from tracker.ledger.fill_in_landing import apply_return
from tracker.ledger.fill_in_queries import get_return
from tracker.ledger.models import FillInReturn
from tracker.rectification.models import Measure, Task
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.working import Progress, report_progress


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    return make_month(database, people, clock)


@pytest.fixture
def liaison(app: Flask, work: Work) -> Visitor:
    return enter(app, "liaison_a")


def report_meanwhile(
    database: Database, people: Cast, clock: ManualClock, text: str, task_id: int = 1
) -> None:
    with database.writing() as session:
        said = Progress(text=text, completion=CompletionClass.MOSTLY)
        report_progress(
            session,
            session.get_one(Task, task_id),
            said,
            actor=people.actor("clerk"),
            now=clock.now(),
        )
        session.commit()


def test_the_workbook_holds_the_units_own_open_tasks_and_opens_only_what_is_to_fill(
    liaison: Visitor, database: Database
) -> None:
    content = download(liaison)
    sheet = sheet_of(content)
    places = titles_of(sheet)
    numbers = [row[0].value for row in sheet.iter_rows(min_row=FIRST_ROW)]
    with database.reading() as session:
        own = select(Task.task_no).where(Task.id.in_([1, 2, 3])).order_by(Task.id)
        assert numbers == list(session.scalars(own))
    assert sheet.protection.sheet
    assert not sheet.protection.password
    open_titles = {
        title
        for title, place in places.items()
        if not sheet.cell(FIRST_ROW, place).protection.locked
    }
    assert open_titles == {field.label for field in FillField}
    marked = {str(cell.value) for cell in sheet[FIRST_ROW - 1] if "【填】" in str(cell.value)}
    assert marked == {field.header for field in FillField}
    letters = {title: get_column_letter(place) for title, place in places.items()}
    hidden = {
        title
        for title, place in places.items()
        for group in sheet.column_dimensions.values()
        if group.hidden and place in range(group.min or 0, (group.max or 0) + 1)
    }
    assert hidden == {"行标识（请勿改动）", "表格版本（请勿改动）"}
    rules = {str(rule.sqref): rule.type for rule in sheet.data_validations.dataValidation}
    last = FIRST_ROW + 2
    for title, kind in (
        ("完成情况", "list"),
        ("累计问责（人次）", "whole"),
        ("累计挽回损失（万元）", "decimal"),
    ):
        assert rules[f"{letters[title]}{FIRST_ROW}:{letters[title]}{last}"] == kind
    assert sheet.freeze_panes == f"C{FIRST_ROW}"
    guide = load_workbook(io.BytesIO(content))["填写说明"]
    assert "没有密码" in "".join(str(row[0].value) for row in guide.iter_rows())


def test_what_comes_back_is_the_months_report_that_the_page_would_have_made(
    liaison: Visitor, database: Database
) -> None:
    with database.writing() as session:
        session.get_one(Task, 1).issue.text = "=理论学习\n不深入"
        session.commit()
    filled = typed(
        download(liaison),
        {
            "本月进展": "=1+1 已修订\n制度",
            "完成情况": "基本完成",
            "累计建章立制（项）": 3,
            "累计挽回损失（万元）": 1.25,
            "本次完成的措施序号": "1",
            "下步打算": "抓落实",
        },
        {},
        {"本月无变化": "是"},
    )
    page = bring_back(liaison, filled)
    liaison.get(page)
    assert "=1+1 已修订" in liaison.text
    assert "确认提交 2 项" in liaison.text
    assert "锁定的栏目" not in liaison.text
    assert progress(database) == {}
    assert confirm(liaison, page) == 302
    said = progress(database)
    assert {number: report.text for number, report in said.items()} == {
        1: "=1+1 已修订\n制度",
        3: "无变化",
    }
    first = said[1]
    assert (first.completion, first.rules_made) == (CompletionClass.MOSTLY, 3)
    assert (first.recovered_wan, first.next_step) == (Decimal("1.25"), "抓落实")
    assert first.on_behalf_of is None
    with database.reading() as session:
        assert session.get_one(Task, 1).measures[0].done_on is not None
    (report,) = reports(database)
    assert report.needs_sign_off
    assert report.signed_on is None


def test_the_same_file_twice_writes_nothing_the_second_time(
    liaison: Visitor, database: Database
) -> None:
    filled = typed(download(liaison), {"本月进展": "甲", "本次完成的措施序号": 1})
    first, second = bring_back(liaison, filled), bring_back(liaison, filled)
    assert confirm(liaison, first) == 302
    assert confirm(liaison, first) == 422, "a second press"
    liaison.get(second)
    assert "没有需要写入的内容" in liaison.text
    assert confirm(liaison, second) == 422
    assert bring_back(liaison, filled) == ""
    assert "没有再次写入" in liaison.text
    saved_again = typed(filled, {"本月进展": "甲"})
    assert "没有需要写入的内容" in liaison.get(bring_back(liaison, saved_again)).get_data(
        as_text=True
    )
    assert len(progress(database)) == 1
    assert len(reports(database)) == 1


@pytest.mark.parametrize(("choice", "stands"), [("theirs", "表里写的"), ("ours", "网页上写的")])
def test_where_both_wrote_one_has_to_be_chosen(
    liaison: Visitor,
    database: Database,
    people: Cast,
    clock: ManualClock,
    choice: str,
    stands: str,
) -> None:
    sent = download(liaison)
    report_meanwhile(database, people, clock, "网页上写的")
    filled = typed(sent, {"本月进展": "表里写的"}, {"本月进展": "另一项"})
    page = bring_back(liaison, filled)
    liaison.get(page)
    assert "表里写的" in liaison.text
    assert "网页上写的" in liaison.text
    assert confirm(liaison, page) == 422
    assert "请逐项选择" in liaison.text
    assert set(progress(database)) == {1}
    assert confirm(liaison, page, choice_1=choice) == 302
    said = progress(database)
    assert (said[1].text, said[2].text) == (stands, "另一项")
    assert said[1].completion is CompletionClass.MOSTLY, "what only the page changed stays"


def test_a_preview_is_confirmed_only_as_it_was_seen(
    liaison: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    page = bring_back(liaison, typed(download(liaison), {"本月进展": "表里写的"}))
    shown = liaison.get(page).get_data(as_text=True)
    version = shown.split('name="version"')[1].split('value="')[1].split('"')[0]
    report_meanwhile(database, people, clock, "网页上写的")
    assert liaison.post(page, {"version": version, "choice-1": "theirs"}).status_code == 409
    assert progress(database)[1].text == "网页上写的"


def test_bad_cells_are_named_and_left_out_and_the_rest_is_written(
    liaison: Visitor, database: Database
) -> None:
    filled = typed(
        download(liaison),
        {"本月进展": "甲", "累计建章立制（项）": "很多"},
        {"下步打算": "下月完成"},
        {"本月进展": "丙", "反馈问题": "改过的问题"},
    )
    page = bring_back(liaison, filled)
    liaison.get(page)
    assert "“填报”第 4 行" in liaison.text
    assert "“累计建章立制（项）【填】”请填 0 至 9999 的整数，现在是“很多”。" in liaison.text
    assert "请填写本月进展" in liaison.text
    assert "“反馈问题”是锁定的栏目，改动没有采用。" in liaison.text
    assert confirm(liaison, page) == 302
    assert {n: report.text for n, report in progress(database).items()} == {3: "丙"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (FillField.COMPLETION, "差不多"),
        (FillField.NO_CHANGE, "也许"),
        (FillField.DONE, "7"),
        (FillField.DONE, "第一条"),
        (FillField.ORGS, "-1"),
        (FillField.PERSONS, "10000"),
        (FillField.PERSONS, "1.5"),
        (FillField.RECOVERED, "1,5"),
        (FillField.RECOVERED, "NaN"),
        (FillField.TEXT, "长" * 20_001),
    ],
)
def test_each_cell_holds_what_the_page_would_take(field: FillField, text: str) -> None:
    good = {
        **dict.fromkeys(FillField, ""),
        FillField.COMPLETION: "已完成",
        FillField.RULES: "0",
        FillField.ORGS: "0",
        FillField.PERSONS: "9999",
        FillField.RECOVERED: "1,234.5",
    }
    read = {each: canonical(each, words) for each, words in good.items()}
    assert faults_of(read, [1, 2]) == []
    bad = {**read, field: canonical(field, text)}
    assert [fault.field for fault in faults_of(bad, [1, 2])] == [field]


def test_another_unit_cannot_bring_it_and_sees_nothing_of_it(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    filled = typed(download(liaison), {"本月进展": "甲局的内容"})
    page = bring_back(liaison, filled)
    other = enter(app, "liaison_b")
    assert bring_back(other, filled) == ""
    assert "不是您可以填报的单位的" in other.text
    assert "甲局" not in other.text
    assert other.get(page).status_code == 404
    assert other.post(page, via=NEW).status_code == 404
    assert other.get(f"{WORKBOOK}?unit=1").status_code == 404
    assert enter(app, "east_clerk").get(f"{WORKBOOK}?unit=1").status_code == 404
    assert enter(app, "head_a").get(WORKBOOK).status_code == 403
    assert progress(database) == {}


def test_a_row_of_another_units_workbook_is_refused_alone(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    """The key is copied into a workbook of one's own."""
    foreign = sheet_of(download(enter(app, "liaison_b")))
    key = foreign.cell(FIRST_ROW, titles_of(foreign)["行标识（请勿改动）"]).value
    filled = typed(
        download(liaison),
        {"本月进展": "夹带", "行标识（请勿改动）": key},
        {"本月进展": "乙"},
        {"本月进展": "丢了标识", "行标识（请勿改动）": "乱写"},
    )
    page = bring_back(liaison, filled)
    liaison.get(page)
    assert "来自另一份填报表" in liaison.text
    assert "行标识缺失或被改动" in liaison.text
    assert confirm(liaison, page) == 302
    assert {n: report.text for n, report in progress(database).items()} == {2: "乙"}


def test_a_row_of_an_older_workbook_of_the_unit_is_not_held_against_this_one(
    liaison: Visitor, database: Database
) -> None:
    older = sheet_of(download(liaison))
    key = older.cell(FIRST_ROW, titles_of(older)["行标识（请勿改动）"]).value
    filled = typed(download(liaison), {"本月进展": "旧表的一行", "行标识（请勿改动）": key})
    page = bring_back(liaison, filled)
    assert "来自另一份填报表" in liaison.get(page).get_data(as_text=True)
    assert confirm(liaison, page) == 422
    assert progress(database) == {}


def test_the_task_list_offers_the_workbook_to_the_unit_alone(app: Flask, liaison: Visitor) -> None:
    assert f'href="{WORKBOOK}"' in liaison.get("/tasks").get_data(as_text=True)
    clerk = enter(app, "clerk")
    assert WORKBOOK not in clerk.get("/tasks").get_data(as_text=True)
    assert f"{WORKBOOK}?unit=" in clerk.get("/fill-in/units").get_data(as_text=True)


def test_the_office_brings_a_units_workbook_as_written_on_behalf(
    app: Flask, liaison: Visitor, database: Database, people: Cast
) -> None:
    clerk = enter(app, "clerk")
    filled = typed(download(clerk, f"?unit={people.units['a']}"), {"本月进展": "纸面报送"})
    page = bring_back(clerk, filled)
    assert enter(app, "east_clerk").get(page).status_code == 404
    assert confirm(clerk, page) == 302
    assert progress(database)[1].on_behalf_of is not None


def test_a_task_that_is_closed_or_elsewhere_by_now_is_named_and_the_rest_is_written(
    liaison: Visitor, database: Database, people: Cast
) -> None:
    filled = typed(download(liaison), *({"本月进展": text} for text in "甲乙丙"))
    with database.writing() as session:
        session.get_one(Task, 1).state = TaskState.CLOSED
        session.get_one(Task, 2).lead_unit_id = people.units["b"]
        session.commit()
    page = bring_back(liaison, filled)
    liaison.get(page)
    assert "任务现在是“已销号”，不能填报进展" in liaison.text
    assert "这项任务已不在本单位名下" in liaison.text
    assert confirm(liaison, page) == 302
    assert {n: report.text for n, report in progress(database).items()} == {3: "丙"}


def test_what_comes_after_the_signature_is_a_report_of_its_own(
    app: Flask, liaison: Visitor, database: Database
) -> None:
    sent = download(liaison)
    assert confirm(liaison, bring_back(liaison, typed(sent, {"本月进展": "甲"}))) == 302
    head = enter(app, "head_a")
    assert head.post("/monthly-reports/1/sign", via="/monthly-reports/1").status_code == 302
    late = typed(sent, {}, {"本月进展": "乙"})
    assert confirm(liaison, bring_back(liaison, late)) == 302
    assert [report.seq for report in reports(database)] == [1, 2]


def test_an_abandoned_workbook_writes_nothing_and_stays(
    liaison: Visitor, database: Database
) -> None:
    page = bring_back(liaison, typed(download(liaison), {"本月进展": "甲"}))
    liaison.post(f"{page}/cancel", via=page)
    assert "已放弃" in liaison.get(NEW).get_data(as_text=True)
    assert confirm(liaison, page) == 422
    assert progress(database) == {}
    with database.reading() as session:
        assert session.scalars(select(FillInReturn)).one().file.size_bytes > 0


def test_files_that_are_no_fill_in_workbook_are_refused_with_a_sentence(
    app: Flask, liaison: Visitor, work: Work
) -> None:
    assert bring_back(liaison, b"PK\x03\x04 nonsense") == ""
    assert bring_back(liaison, b"x", "填报表.et") == ""
    assert "另存为" in liaison.text
    clerk = enter(app, "clerk")
    ledger = clerk.get(f"/ledger/export?round={work.round_id}").data
    assert bring_back(liaison, ledger) == ""
    old = typed(
        download(liaison), {"本月进展": "甲", "表格版本（请勿改动）": "9|2026-11|abcdefgh|A01"}
    )
    assert bring_back(liaison, old) == ""
    assert "另一个版本的格式" in liaison.text


def test_deleted_rows_and_emptied_totals_change_nothing(
    liaison: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        said = Progress(text="十月", completion=CompletionClass.DONE, rules_made=4)
        task = session.get_one(Task, 2)
        report_progress(session, task, said, actor=people.actor("liaison_a"), now=clock.now())
        session.add(
            Measure(task_id=2, seq=2, text="第二条", created_at=clock.now(), created_by="测试")
        )
        session.commit()
    book = load_workbook(io.BytesIO(download(liaison)))
    book["填报"].delete_rows(FIRST_ROW)
    saved = io.BytesIO()
    book.save(saved)
    filled = typed(
        saved.getvalue(),
        {"本月进展": "乙", "累计建章立制（项）": None, "本次完成的措施序号": "2、1"},
    )
    assert confirm(liaison, bring_back(liaison, filled)) == 302
    last = progress(database)
    assert set(last) == {2}
    assert (last[2].rules_made, last[2].completion) == (4, CompletionClass.DONE)
    with database.reading() as session:
        assert all(m.done_on for m in session.get_one(Task, 2).measures)


def test_of_two_who_confirm_at_once_one_writes(
    liaison: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    bring_back(liaison, typed(download(liaison), {"本月进展": "甲"}))
    who: dict[str, Any] = {"actor": people.actor("liaison_a"), "now": clock.now()}
    with database.reading() as early:
        seen = get_return(early, 1, actor=people.actor("liaison_a"))
        early.expunge_all()
    with database.writing() as session:
        found = get_return(session, 1, actor=people.actor("liaison_a"))
        apply_return(session, found, {}, **who)
        session.commit()
    with database.writing() as session:
        late = session.merge(seen, load=False)
        with pytest.raises(DomainError, match="刚被别人办理过"):
            apply_return(session, late, {}, **who)
    assert len(reports(database)) == 1
