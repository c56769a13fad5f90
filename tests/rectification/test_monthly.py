"""本月填报: one page for all tasks of a unit, one submit, one signature; 代录 by the office."""

import html
import re
from datetime import date

import pytest
from flask import Flask

from tests.factories.cast import Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.rectification.month_page import (
    PAGE,
    fields_of,
    make_month,
    progress,
    reports,
    send,
    shown,
    with_lines,
)
from tests.rectification.office import enter
from tests.visitor import TOKEN, Visitor
from tracker.kernel.db import Database
from tracker.rectification import monthly_queries
from tracker.rectification.models import Task
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.working import Progress, report_progress

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    return make_month(database, people, clock)


@pytest.fixture
def liaison(app: Flask, work: Work) -> Visitor:
    return enter(app, "liaison_a")


def test_the_page_has_every_task_the_unit_works_on_and_no_other(liaison: Visitor) -> None:
    assert shown(liaison) == [1, 2, 3]


def test_more_tasks_than_a_page_holds_go_on_by_page_and_by_round(
    liaison: Visitor, database: Database, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "下一页" not in liaison.get(PAGE).get_data(as_text=True)
    monkeypatch.setattr(monthly_queries, "MAX_ROWS", 2)
    assert shown(liaison) == [1, 2]
    assert "在办 3 项，本月已报 0 项。本页列出 2 项" in liaison.text
    more = re.search(r'rel="next" href="([^"]+)"', liaison.text)
    assert more is not None
    following = html.unescape(more[1])
    assert shown(liaison, following) == [3]
    with database.writing() as session:
        session.get_one(Task, 3).due_on = date(2026, 1, 1)
        session.commit()
    assert shown(liaison) == [3, 1]
    assert send(liaison, f"{PAGE}?after=2026-01-01_3", t2_text="乙") == 302
    assert set(progress(database)) == {2}
    with database.writing() as session:
        session.get_one(Task, 3).round_id = None
        session.commit()
    assert shown(liaison, f"{PAGE}?round={work.round_id}") == [1, 2]
    assert liaison.get(f"{PAGE}?after=nonsense").status_code == 404


def test_what_a_page_was_sent_with_is_saved_though_the_task_stands_on_another_now(
    liaison: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monthly_queries, "MAX_ROWS", 2)
    page = liaison.get(PAGE).get_data(as_text=True)
    with database.writing() as session:
        session.get_one(Task, 1).due_on = date(2027, 6, 1)
        session.commit()
    token = TOKEN.search(page)
    assert token is not None
    sent = {**fields_of(page), "t2-text": "乙", "csrf_token": token[1]}
    assert liaison.post_raw(PAGE, {**sent, "t1-text": "甲"}).status_code == 409
    assert "甲</textarea>" in liaison.text
    assert liaison.post_raw(PAGE, sent).status_code == 302


def test_one_submit_reports_what_is_filled_in_and_names_how_much_is_left(
    liaison: Visitor, database: Database
) -> None:
    status = send(liaison, t1_text="已修订制度。", t1_completion="mostly", t3_is_no_change="y")
    assert status == 302
    said = progress(database)
    assert {number: report.text for number, report in said.items()} == {
        1: "已修订制度。",
        3: "无变化",
    }
    assert said[1].completion is CompletionClass.MOSTLY
    assert said[3].is_no_change
    page = liaison.get("/monthly-reports/1").get_data(as_text=True)
    assert "已提交 2 项。另有 1 项这次没有填写。" in page
    assert "当月以来没有填报的 1 项" in page
    assert [len(r.lines) for r in with_lines(database)] == [2]


def test_nothing_filled_in_is_not_a_report(liaison: Visitor, database: Database) -> None:
    assert send(liaison) == 422
    assert "没有变化的，请勾选“无变化”" in liaison.text
    assert reports(database) == []


def test_one_bad_row_holds_back_all_and_every_text_stays(
    liaison: Visitor, database: Database
) -> None:
    status = send(
        liaison, t1_text="已修订制度。", t2_next_step="下月完成", t3_rules_made="很多", t3_text="丙"
    )
    assert status == 422
    assert progress(database) == {}
    assert reports(database) == []
    for kept in ("已修订制度。</textarea>", "下月完成</textarea>", "丙</textarea>"):
        assert kept in liaison.text


def test_a_row_without_text_is_refused_where_it_stands(
    liaison: Visitor, database: Database
) -> None:
    assert send(liaison, t1_text="已修订制度。", t2_next_step="下月完成") == 422
    row = liaison.text.split('id="task-2"')[1].split('id="task-3"')[0]
    assert "请填写整改进展；没有变化请勾选“无变化”。" in row
    assert "有 1 项不能保存" in liaison.text
    assert "7-3-002-01：请填写整改进展" in liaison.text, "named in the list on top too"
    assert progress(database) == {}


def test_a_row_somebody_reported_meanwhile_shows_both_texts(
    liaison: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    page = liaison.get(PAGE).get_data(as_text=True)
    with database.writing() as session:
        said = Progress(text="办公室按纸质件补录。", completion=CompletionClass.PARTLY)
        report_progress(
            session, session.get_one(Task, 2), said, actor=people.actor("clerk"), now=clock.now()
        )
        session.commit()
    token = TOKEN.search(page)
    assert token is not None
    typed = {"t1-text": "甲", "t2-text": "我填写的", "csrf_token": token[1]}
    assert liaison.post_raw(PAGE, {**fields_of(page), **typed}).status_code == 409
    row = liaison.text.split('id="task-2"')[1].split('id="task-3"')[0]
    assert "您填写的" in row
    assert "办公室按纸质件补录。" in row
    assert "我填写的</textarea>" in row
    assert set(progress(database)) == {2}
    assert send(liaison, t1_text="甲", t2_text="我填写的") == 302


def test_an_untouched_row_is_no_obstacle_when_it_changed_meanwhile(
    liaison: Visitor, database: Database, clock: ManualClock
) -> None:
    page = liaison.get(PAGE).get_data(as_text=True)
    with database.writing() as session:
        session.get_one(Task, 2).measures[0].done_on = clock.now().date()
        session.get_one(Task, 2).remark = "改过"
        session.commit()
    token = TOKEN.search(page)
    assert token is not None
    sent = {**fields_of(page), "t1-text": "甲", "csrf_token": token[1]}
    assert liaison.post_raw(PAGE, sent).status_code == 302
    assert set(progress(database)) == {1}


def test_text_for_a_task_that_left_the_page_is_shown_not_lost(
    liaison: Visitor, database: Database
) -> None:
    page = liaison.get(PAGE).get_data(as_text=True)
    with database.writing() as session:
        session.get_one(Task, 2).state = TaskState.OFFICE_REVIEW
        session.commit()
    token = TOKEN.search(page)
    assert token is not None
    sent = {**fields_of(page), "t1-text": "甲", "t2-text": "写了很久的一段", "csrf_token": token[1]}
    assert liaison.post_raw(PAGE, sent).status_code == 422
    assert "写了很久的一段" in liaison.text
    assert "甲</textarea>" in liaison.text
    assert progress(database) == {}
    assert send(liaison, t1_text="甲") == 302


def test_running_totals_and_measures_go_on_from_the_last_report(
    liaison: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = session.get_one(Task, 1)
        said = Progress(
            text="十月", completion=CompletionClass.MOSTLY, rules_made=3, persons_held=2
        )
        report_progress(session, task, said, actor=people.actor("liaison_a"), now=clock.now())
        session.commit()
    assert send(liaison, t1_text="十一月") == 302
    last = progress(database)[1]
    assert (last.text, last.rules_made, last.persons_held) == ("十一月", 3, 2)
    assert last.completion is CompletionClass.MOSTLY


def test_a_measure_keeps_its_day_until_it_is_taken_back_in_so_many_words(
    liaison: Visitor, database: Database, clock: ManualClock
) -> None:
    def done_on() -> date | None:
        with database.reading() as session:
            return session.get_one(Task, 1).measures[0].done_on

    with database.reading() as session:
        measure = str(session.get_one(Task, 1).measures[0].id)
    first = date(2026, 11, 16)
    assert send(liaison, t1_text="甲", t1_measures=measure) == 302
    assert done_on() == first
    clock.set_local(date(2026, 11, 18))
    later = Visitor(liaison.app)
    later.sign_in("liaison_a")
    assert send(later, t1_text="没有再打勾") == 302
    assert done_on() == first
    page = "/tasks/1/progress"
    report = {"text": "又报一次", "completion": "partly"}
    assert later.post(page, report).status_code == 302
    assert done_on() == first
    later.get(page)
    assert "取消完成：1. 修订制度（已于 2026-11-16 完成）" in later.text
    both = {"measures": measure, "undone_measures": measure}
    assert later.post(page, report | both).status_code == 422
    assert done_on() == first
    closing = {"text": "完成", "completion": "done", "done_on": "2026-11-18"}
    undone = {"undone_measures": measure, "no_evidence_reason": "口头"}
    assert later.post("/tasks/1/closure", closing | undone).status_code == 422
    assert "还有 1 条整改措施没有完成" in later.text
    assert send(later, t1_undone_measures=measure, t1_is_no_change="y") == 302
    assert done_on() is None
    later.get("/tasks/1")
    assert "取消完成：第 1 条整改措施" in later.text
    assert later.post(page, report | {"measures": measure}).status_code == 302
    assert done_on() == date(2026, 11, 18)
