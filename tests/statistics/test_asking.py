"""Filters in an address, in Excel and on the command line: kept in links, said in words, scoped."""

import html
import io
import json
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.feedback.models import IssueTag
from tracker.kernel.db import Database
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Round

THEME = "营商环境"
CHIP = re.compile(r'<a class="chip" href="([^"]+)"[^>]*>([^<]+)</a>')


@pytest.fixture(autouse=True)
def work(database: Database, people: Cast, clock: ManualClock) -> None:
    with database.writing() as session:
        city = make_work(session, people, now=clock.now())
        session.get_one(Round, city.round_id).theme = THEME
        first = city.task(session, people, state=TaskState.CLOSED, now=clock.now())
        second = city.task(session, people, unit="b", due_on=date(2026, 11, 1), now=clock.now())
        first.issue.tags = [IssueTag(tag="民生")]
        second.issue.tags = [IssueTag(tag="一把手")]
        east = make_work(session, people, region="east", units=("e",), now=clock.now())
        east.task(session, people, unit="e", now=clock.now())
        session.commit()


def signed_in(app: Flask, username: str = "lead") -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def of_page(page: str) -> dict[str, str]:
    rows = re.findall(
        r'data-label="指标">(.*?)</td>.*?class="number"[^>]*>(.*?)<', page, flags=re.DOTALL
    )
    undivided = re.findall(r'<span class="undivided">(.*?)</span>', page)
    told = [*rows, *((name, "—") for name in undivided)]
    return {html.unescape(name): html.unescape(text) for name, text in told}


def of_sheet(visitor: Visitor, address: str) -> tuple[dict[str, str], Any]:
    answer = visitor.get(address)
    assert answer.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    return {str(row[1]): str(row[3]) for row in rows if not row[2]}, sheet


def of_command(app: Flask, *options: str) -> dict[str, Any]:
    result = app.test_cli_runner().invoke(
        args=["stats", "show", "--json", "--region", "CITY", *options]
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


FILTERS = [
    ("unit=A01", ("--unit", "A01"), "单位：市甲局"),
    ("theme=营商环境", ("--theme", THEME), "专项主题：营商环境"),
    ("tag=民生", ("--tag", "民生"), "问题标签：民生"),
    ("source=audit", ("--source", "审计"), "反馈来源：审计"),
    ("source=city_inspection", ("--source", "city_inspection"), "反馈来源：市委巡察"),
    ("round=R7-3", ("--round", "R7-3"), "轮次：第三轮巡察"),
    ("round_kind=special", ("--round-kind", "专项"), "巡察类型：专项"),
    ("kind=town", ("--category", "town"), "单位类别：乡镇（街道）"),
    ("since=2026-09-02", ("--since", "2026-09-02"), "起始日：2026年9月2日起"),
    ("tag=民生&unit=B01", ("--tag", "民生", "--unit", "CITY/B01"), "单位：市乙局；问题标签：民生"),
    ("year_on_year=1", ("--year-on-year",), "起始日：2026年1月1日起"),
]


@pytest.mark.parametrize(("asked", "options", "words"), FILTERS)
def test_page_excel_and_command_answer_alike_and_say_what_they_are_narrowed_to(
    app: Flask, asked: str, options: tuple[str, ...], words: str
) -> None:
    visitor = signed_in(app)
    page = visitor.get(f"/figures?{asked}").get_data(as_text=True)
    told, sheet = of_sheet(visitor, f"/figures/export?{asked}")
    command = of_command(app, *options)
    said = {one["name"]: one["text"] for one in command["figures"]}
    assert of_page(page) == told == said
    assert words in page
    assert words in str(sheet["A2"].value)
    assert "；".join(command["filters"].values()) == words


def test_a_term_is_asked_for_by_its_number_on_the_command_line(app: Flask) -> None:
    found = of_command(app, "--term", "7")
    assert found["filters"] == {"term": "届次：第7届"}
    refused = app.test_cli_runner().invoke(
        args=["stats", "show", "--region", "CITY", "--term", "3"]
    )
    assert refused.exit_code == 1
    assert "没有第“3”届，可选：7。" in refused.output


def test_links_keep_the_filter_and_each_chip_takes_one_away(app: Flask) -> None:
    visitor = signed_in(app)
    page = visitor.get("/figures?tag=民生&unit=A01&as_of=2026-11-10").get_data(as_text=True)
    chips = {words: html.unescape(href) for href, words in CHIP.findall(page)}
    assert set(chips) == {"问题标签：民生", "单位：市甲局"}
    left = visitor.get(chips["问题标签：民生"]).get_data(as_text=True)
    assert "问题标签：民生" not in left
    assert "单位：市甲局" in left
    assert "2026-11-10" in left
    links = re.findall(r'href="(/figures/[a-z_]+/rows\?[^"]+)"', page)
    assert links
    for link in links:
        rows = visitor.get(html.unescape(link))
        assert rows.status_code == 200, link
        assert "单位：市甲局；问题标签：民生" in visitor.text
        assert "市乙局" not in visitor.text
    assert "/figures/letters_issued/rows" not in page


def test_rows_and_their_file_are_narrowed_too(app: Flask) -> None:
    visitor = signed_in(app)
    rows = visitor.get("/figures/issues_fed_back/rows?tag=民生").get_data(as_text=True)
    assert "明细：1条" in rows
    exported = re.search(r'href="(/figures/issues_fed_back/rows/export[^"]*)"', rows)
    assert exported is not None
    answer = visitor.get(html.unescape(exported[1]))
    sheet: Any = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    assert "问题标签：民生" in sheet["A2"].value
    assert len(list(sheet.iter_rows(min_row=5))) == 1


def test_a_figure_that_is_not_divided_so_shows_no_number_but_the_reason(app: Flask) -> None:
    visitor = signed_in(app)
    page = visitor.get("/figures?tag=民生").get_data(as_text=True)
    assert of_page(page)["巡察覆盖率"] == "—"
    assert "这项数字不按问题标签分列。" in page
    assert visitor.get("/figures/coverage_rate/rows?tag=民生").status_code == 404
    assert visitor.get("/figures/letters_issued/rows?round=R7-3").status_code == 404


@pytest.mark.parametrize(
    ("username", "query"),
    [
        ("clerk", "unit=NOPE"),
        ("clerk", "unit=EAST/E01"),
        ("clerk", "tag=没有"),
        ("clerk", "theme=没有"),
        ("clerk", "source=nobody"),
        ("clerk", "region=EAST&unit=E01"),
        ("supervisor", "unit=B01"),
        ("supervisor", "tag=一把手"),
        ("head_a", "unit=B01"),
        ("head_a", "tag=一把手"),
        ("head_a", "region=EAST"),
        ("east_clerk", "unit=CITY/A01"),
        ("east_clerk", "theme=营商环境"),
        ("east_head", "region=CITY&round=R7-3"),
    ],
)
def test_what_is_not_there_or_not_for_this_reader_is_not_found(
    app: Flask, username: str, query: str
) -> None:
    visitor = signed_in(app, username)
    assert visitor.get("/figures").status_code == 200
    for path in ("/figures", "/figures/export", "/figures/issues_fed_back/rows"):
        assert visitor.get(f"{path}?{query}").status_code == 404, path


@pytest.mark.parametrize(
    ("username", "offered", "withheld"),
    [
        ("supervisor", ("民生",), ("一把手</option>", "市乙局")),
        ("head_a", ("民生", "第三轮巡察", "市甲局 · 数据截至"), ("一把手</option>", "市乙局")),
        ("lead", ("民生", "一把手", "市甲局", "市乙局", "云州市 · 数据截至"), ("东岭县丙局",)),
    ],
)
def test_a_reader_is_offered_only_what_is_theirs(
    app: Flask, username: str, offered: tuple[str, ...], withheld: tuple[str, ...]
) -> None:
    page = signed_in(app, username).get("/figures").get_data(as_text=True)
    assert [words for words in offered if words not in page] == []
    assert [words for words in withheld if words in page] == []


@pytest.mark.parametrize("text", ["2026-13-01", "2027-01-01", "x"])
def test_a_bad_start_is_said_and_left_out(app: Flask, text: str) -> None:
    page = signed_in(app).get(f"/figures?since={text}").get_data(as_text=True)
    assert "已不按起始日统计" in page
    refused = app.test_cli_runner().invoke(args=["stats", "show", "--since", text])
    assert refused.exit_code == 1
    assert "起始日" in refused.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--region", "CITY", "--unit", "NOPE"), "没有代码为“NOPE”的单位"),
        (("--region", "CITY", "--tag", "没有"), "可选：一把手、民生"),
        (("--region", "CITY", "--theme", "没有"), "可选：营商环境"),
        (("--source", "没有"), "可选：中央巡视"),
        (("--unit", "A01"), "请用 --region 指明地区"),
    ],
)
def test_a_command_says_what_there_is(app: Flask, options: tuple[str, ...], words: str) -> None:
    result = app.test_cli_runner().invoke(args=["stats", "show", *options])
    assert result.exit_code == 1
    assert words in result.output


def test_the_year_before_stands_beside_on_page_and_in_excel(app: Flask) -> None:
    visitor = signed_in(app)
    page = visitor.get("/figures?year_on_year=1").get_data(as_text=True)
    assert "上年同期" in page
    assert "无同期可比数" in page
    _told, sheet = of_sheet(visitor, "/figures/export?year_on_year=1")
    heads = [cell.value for cell in sheet[3]]
    assert heads[-3:] == ["上年同期", "同比", "上年同期起止"]
    printed = app.test_cli_runner().invoke(args=["stats", "show", "--year-on-year"])
    assert "上年同期 0条，无同期可比数" in printed.output
