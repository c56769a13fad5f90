"""What ships, what an office makes of it, and the figures of the demonstration in sentences."""

import html
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests.bench.statements import counted
from tests.conftest import MONDAY, make_config
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker import create_app
from tracker.demo.load import load
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.organizations.models import Region
from tracker.statistics.registry import METRICS
from tracker.summaries.models import SummaryTemplate
from tracker.summaries.rules import BLANK, FACTS, FORMS, Purpose, Slot, parse
from tracker.summaries.service import bodies, wording
from tracker.summaries.slots import BY_NAME, check_body, coded, shown
from tracker.summaries.texts import shipped

NOW = at_local(MONDAY, 9, 30)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Any]:
    """Return the paragraphs of the demonstration by region and purpose, as the command says them."""
    template = request.getfixturevalue(f"{request.param}_template")
    folder = tmp_path_factory.mktemp("summaries")
    with template.copy(folder) as url:
        database = Database(url)
        with database.writing() as session:
            load(session, Sealer(("test-secret-key-of-at-least-32-bytes!",)), now=NOW)
            session.commit()
        app = create_app(make_config(url, folder), clock=ManualClock(NOW), store=database)
        result = app.test_cli_runner().invoke(args=["stats", "summary", "--json"])
        assert result.exit_code == 0, result.output
        database.dispose()
    found = json.loads(result.stdout)["paragraphs"]
    return {(each["region"], each["purpose"]): each for each in found}


def test_the_city_year_report_says_what_the_city_reported(
    told: dict[tuple[str, str], Any],
) -> None:
    assert told["YZ", "city_year"]["text"] == (
        "本届市委已开展四轮巡察，对41个市直单位和25个乡镇（街道）开展了常规巡察，完成了全覆盖任务的42.9%，"
        "共发现问题线索215件，已立案39件，给予党纪政务处分17人。县级巡察完成了全覆盖任务的50%，"
        "共发现问题线索882件，已立案188件，给予党纪政务处分174人。"
    )
    assert told["YZ", "city_year"]["blanks"] == []


def test_feedback_from_above_is_told_source_by_source(told: dict[tuple[str, str], Any]) -> None:
    text = told["YZ", "sources"]["text"]
    assert "中央巡视组反馈的34项整改任务已完成6项" in text
    assert "办结移交问题线索246个、信访事项50件" in text
    assert "省委巡视组反馈的38项整改任务已完成2项，办结移交问题线索116个" in text


def test_a_countys_round_is_told(told: dict[tuple[str, str], Any]) -> None:
    assert told["YL", "county_half_year"]["text"] == (
        "七届县委第三轮巡察对7家党组织和18个行政村、1个社区开展了巡察。发现共性问题8个，个性问题25个，"
        "移交问题线索10件，向有关部门提出意见建议12条。"
    )


def test_a_round_and_its_whole_term_stand_in_one_sentence(
    told: dict[tuple[str, str], Any],
) -> None:
    text = told["YL", "district"]["text"]
    assert "第三轮巡察工作，对7家" in text
    assert "实现对19家区直单位、31个村、2个社区" in text


def test_a_year_is_compared_with_the_one_before(told: dict[tuple[str, str], Any]) -> None:
    assert told["YZ", "year_on_year"]["text"] == (
        "处置问题线索4841件、增长41.3%，立案1782件、增长57.1%，结案1683件、增长50.4%，"
        "给予党纪政务处分1708人、增长46%。"
    )


def test_a_city_with_its_counties_names_both_parts_in_the_note(
    told: dict[tuple[str, str], Any],
) -> None:
    paragraph = told["YZ", "city_coverage"]
    assert "市县巡察共发现问题线索1097件" in paragraph["text"]
    both = next(each for each in paragraph["figures"] if each["code"] == "all_clues_found")
    assert [(part["label"], part["text"]) for part in both["parts"]] == [
        ("本级", "215件"),
        ("县区", "882件"),
    ]


def test_what_nobody_entered_is_blank_and_says_why(told: dict[tuple[str, str], Any]) -> None:
    paragraph = told["YL", "year_on_year"]
    assert "0" not in paragraph["text"]
    assert {each["reason"] for each in paragraph["blanks"]} == {"还没有填报本期数字。"}
    assert BLANK in told["LX", "county_half_year"]["text"]


@pytest.mark.parametrize("purpose", Purpose)
def test_what_ships_can_be_saved(purpose: Purpose) -> None:
    check_body(shipped(purpose))
    slots = [piece for piece in parse(shipped(purpose)) if isinstance(piece, Slot)]
    assert slots
    kept = coded(shipped(purpose))
    named = [piece.name for piece in parse(kept) if isinstance(piece, Slot) and not piece.fact]
    assert set(named) <= set(METRICS)
    assert shown(kept) == shipped(purpose)


def test_names_of_figures_are_unique_and_none_is_a_fact() -> None:
    names = [metric.definition.name for metric in METRICS.values()]
    assert len(set(names)) == len(names)
    assert not set(names) & set(FACTS)
    assert not [name for name in names if set(name) & set(":：.|{}")]


def test_an_office_changes_the_words_and_the_earlier_stay(app: Flask, people: Cast) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    page = "/summaries/city_year/edit"
    clerk.get(page)
    first = "我市开展{已开展巡察轮次|汉字}轮。"
    assert clerk.post(page, {"body": first, "version": "0", "submit": "保存"}).status_code == 302
    assert "我市开展" in clerk.get("/summaries").get_data(as_text=True)
    clerk.get(page)
    second = "全市开展{已开展巡察轮次|数}轮。"
    assert clerk.post(page, {"body": second, "version": "1", "submit": "保存"}).status_code == 302
    text = clerk.get(page).get_data(as_text=True)
    assert first in text
    assert second in text
    with app.extensions["tracker_database"].reading() as session:
        rows = session.scalars(select(SummaryTemplate).order_by(SummaryTemplate.seq)).all()
        assert [(row.seq, row.body) for row in rows] == [
            (1, "我市开展{rounds_done|汉字}轮。"),
            (2, "全市开展{rounds_done|数}轮。"),
        ]


def test_a_wrong_slot_is_named_and_the_text_kept(app: Flask, people: Cast) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    page = "/summaries/city_year/edit"
    clerk.get(page)
    for body, word in (
        ("{没有的指标}", "没有的指标"),
        ("{已巡察对象.月球}", "月球"),
        ("{巡察覆盖率|余}", "余"),
        ("{专项:巡察覆盖率}", "不能按巡察类型"),
    ):
        answer = clerk.post(page, {"body": body, "version": "0", "submit": "保存"})
        assert answer.status_code == 422
        assert word in clerk.text
        assert body in clerk.text


def save(clerk: Visitor, body: str, version: int = 0) -> None:
    page = "/summaries/city_year/edit"
    clerk.get(page)
    answer = clerk.post(page, {"body": body, "version": str(version), "submit": "保存"})
    assert answer.status_code == 302, clerk.text


def renamed(monkeypatch: pytest.MonkeyPatch, code: str, name: str | None) -> None:
    """Call a figure otherwise; None: it is no more."""
    old = METRICS[code]
    monkeypatch.delitem(BY_NAME, old.definition.name)
    if name is None:
        monkeypatch.delitem(METRICS, code)
        return
    new = replace(old, definition=replace(old.definition, name=name))
    monkeypatch.setitem(METRICS, code, new)
    monkeypatch.setitem(BY_NAME, name, new)


def test_a_renamed_figure_stays_in_its_slot_under_the_new_name(
    app: Flask, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    save(clerk, "对{已巡察对象.行政村|数}个村。")
    renamed(monkeypatch, "units_inspected", "巡察过的对象")
    assert clerk.get("/summaries").status_code == 200
    assert "已巡察对象" not in clerk.text.split("市年度报告")[1].split("</section>")[0]
    clerk.get("/summaries/city_year/edit")
    assert clerk.text.count("{巡察过的对象.行政村|数}") == 2  # to be edited, and in the history
    save(clerk, "对{巡察过的对象.行政村|数}个村！", version=1)


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_slot_that_can_no_longer_be_is_a_blank_and_the_page_stands(
    app: Flask, people: Cast, monkeypatch: pytest.MonkeyPatch, *, is_gone: bool
) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    save(clerk, "甲{已巡察对象|数}乙{督查}丙")
    if is_gone:
        renamed(monkeypatch, "units_inspected", None)
        reason = "“units_inspected”不是统计指标"
    else:
        monkeypatch.delitem(FORMS, "数")
        reason = "“数”不是写法"
    assert clerk.get("/summaries").status_code == 200
    section = html.unescape(clerk.text).split("市年度报告")[1].split("</section>")[0]
    assert reason in section
    assert BLANK in section
    assert "丙" in section
    clerk.get("/summaries/city_year/edit")
    answer = clerk.post(
        "/summaries/city_year/edit",
        {"body": "{units_inspected|数}", "version": "1", "preview": "预览"},
    )
    assert answer.status_code == 422  # whoever writes is told at once


def test_only_the_last_saving_is_read(app: Flask, people: Cast) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    for version in range(3):
        save(clerk, f"第{version}次。", version=version)
    with app.extensions["tracker_database"].reading() as session:
        city = session.get_one(Region, people.regions["city"])
        with loads(session) as rows:
            kept = wording(session, city.id, Purpose.CITY_YEAR)
            said = bodies(session, city)
        assert (kept.body, kept.version) == ("第2次。", 3)
        assert said[Purpose.CITY_YEAR] == "第2次。"
        assert len(rows) == 1


@contextmanager
def loads(session: Session) -> Iterator[list[SummaryTemplate]]:
    """Collect the savings that are read meanwhile."""
    rows: list[SummaryTemplate] = []

    def keep(row: SummaryTemplate, _context: object) -> None:
        rows.append(row)

    event.listen(SummaryTemplate, "load", keep)
    yield rows
    event.remove(SummaryTemplate, "load", keep)


def test_a_preview_saves_nothing(app: Flask, people: Cast) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    page = "/summaries/city_year/edit"
    clerk.get(page)
    answer = clerk.post(page, {"body": "试{地区}", "version": "0", "preview": "预览"})
    assert answer.status_code == 200
    assert "尚未保存" in clerk.text
    clerk.get("/summaries")
    assert "试" not in clerk.text.split("市年度报告")[1].split("</section>")[0]


def test_counties_are_figures_only_and_another_purpose_is_not_found(
    app: Flask, people: Cast
) -> None:
    county, leader, city = Visitor(app), Visitor(app), Visitor(app)
    county.sign_in("east_clerk")
    assert county.get("/summaries/city_year/edit").status_code == 404
    assert county.get("/summaries/nothing/edit").status_code == 404
    leader.sign_in("leader")
    assert leader.get("/summaries").status_code == 200
    assert leader.get("/summaries/city_year/edit").status_code == 403
    city.sign_in("clerk")
    page = city.get("/summaries?region=DL").get_data(as_text=True)
    assert "/figures/" not in page.split("<main")[1]


def test_every_figure_that_is_a_link_opens(app: Flask, people: Cast, database: Database) -> None:
    with database.writing() as session:
        make_work(session, people, now=NOW).task(session, people, now=NOW)
        session.commit()
    for who in ("clerk", "leader", "supervisor"):
        visitor = Visitor(app)
        visitor.sign_in(who)
        page = visitor.get("/summaries").get_data(as_text=True)
        links = {html.unescape(each) for each in re.findall(r'href="(/figures/[^"]+)"', page)}
        assert links
        for link in links:
            assert visitor.get(link).status_code == 200, link


def test_a_longer_template_measures_each_figure_once(app: Flask, people: Cast) -> None:
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    clerk.get("/summaries")
    with counted() as before:
        clerk.get("/summaries")
    clerk.get("/summaries/city_year/edit")
    body = shipped(Purpose.CITY_YEAR) * 3
    clerk.post("/summaries/city_year/edit", {"body": body, "version": "0", "submit": "保存"})
    clerk.get("/summaries")
    with counted() as after:
        clerk.get("/summaries")
    assert len(after) == len(before)
