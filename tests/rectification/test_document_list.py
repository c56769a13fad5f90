"""单位材料 as listed: what is owed and since when, and who sees whose."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from tests.bench.statements import counted
from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.papers import PAGE, M, Papers, fields, make_office
from tracker.kernel.db import Database, born
from tracker.rectification import document_queries
from tracker.rectification.document_queries import Line, due_of, list_documents
from tracker.rectification.models import Task, TaskUnit, UnitDocument
from tracker.rectification.rules.words import DocumentKind, DocumentState
from tracker.rounds.models import Round
from tracker.rounds.rules import RoundStatus

K, S = DocumentKind, DocumentState
MONDAY = date(2026, 11, 16)
LISTS = "/documents"


@pytest.fixture
def papers(app: Flask, database: Database, people: Cast, clock: ManualClock) -> Papers:
    return Papers(app, database, people, make_office(database, people, clock))


def lines(papers: Papers, name: str, *, with_accepted: bool = False) -> list[Line]:
    with papers.database.reading() as session:
        actor = papers.people.actor(name)
        return list_documents(session, actor=actor, with_accepted=with_accepted).lines


def listed(papers: Papers, name: str) -> list[tuple[str, DocumentKind, DocumentState, int]]:
    return [
        (line.unit.name, line.kind, line.state, line.days_late(MONDAY))
        for line in lines(papers, name)
    ]


def test_what_a_unit_owes_is_listed_with_its_lateness_before_anybody_wrote_a_word(
    papers: Papers,
) -> None:
    assert listed(papers, "liaison_a") == [
        ("市甲局", K.PROGRESS_REPORT, S.OWED, 14),
        ("市甲局", K.HEAD_REPORT, S.OWED, 0),
        ("市甲局", K.PUBLIC_NOTICE, S.OWED, 0),
    ]
    liaison = papers.by("liaison_a")
    liaison.get(LISTS)
    assert "逾期" in liaison.text
    assert f"of={papers.of()}" in liaison.text


def test_a_unit_without_issued_tasks_owes_nothing_yet(papers: Papers) -> None:
    assert listed(papers, "liaison_b") == []
    assert papers.begin("liaison_b", unit="b") == 422


def test_what_the_office_has_registered_or_exempted_is_not_owed(papers: Papers) -> None:
    papers.change_milestone(M.PROGRESS_REPORT, done_on=MONDAY)
    papers.change_milestone(M.PARTY_NOTICE, exempt_reason="不宜通报")
    assert [kind for _, kind, *_ in listed(papers, "liaison_a")] == [
        K.HEAD_REPORT,
        K.PUBLIC_NOTICE,
    ]
    papers.change_milestone(M.PUBLIC_NOTICE, exempt_reason="不宜公开")
    assert [kind for _, kind, *_ in listed(papers, "liaison_a")] == [K.HEAD_REPORT]


def test_an_archived_round_owes_nothing(papers: Papers) -> None:
    with papers.database.writing() as session:
        session.get_one(Round, papers.work.round_id).status = RoundStatus.ARCHIVED
        session.commit()
    assert listed(papers, "clerk") == []


def test_what_was_begun_stands_once_and_its_lateness_ends_when_it_is_handed_in(
    papers: Papers, clock: ManualClock
) -> None:
    papers.submitted()
    first = listed(papers, "liaison_a")[0]
    assert first == ("市甲局", K.PROGRESS_REPORT, S.HEAD_CHECK, 14)
    assert len(listed(papers, "liaison_a")) == 3
    page = papers.by("clerk").get(LISTS).get_data(as_text=True)
    assert "迟报 14 天" in page
    assert lines(papers, "clerk")[0].days_late(date(2026, 12, 31)) == 14


def test_accepted_ones_are_listed_when_asked_for(papers: Papers) -> None:
    papers.signed()
    papers.press("clerk", "accept")
    kinds = [line.kind for line in lines(papers, "liaison_a")]
    assert K.PROGRESS_REPORT not in kinds
    assert lines(papers, "liaison_a", with_accepted=True)[-1].state is S.ACCEPTED
    clerk = papers.by("clerk")
    clerk.get(f"{LISTS}?only=all")
    assert "已通过" in clerk.text
    clerk.get(f"{LISTS}?only=all&unit={papers.people.units['e']}")
    assert PAGE not in clerk.text


def test_the_due_date_is_the_milestones_else_the_profiles(papers: Papers) -> None:
    papers.begin()
    papers.begin(kind="head_report")
    papers.begin(kind="public_notice", is_for_party="y")
    with papers.database.reading() as session:
        rows = list(session.scalars(select(UnitDocument).order_by(UnitDocument.id)))
        found = [due_of(session, row) for row in rows]
    assert found == [date(2026, 11, 2), date(2027, 3, 1), None]
    papers.change_milestone(M.PROGRESS_REPORT, due_on=date(2026, 12, 9))
    papers.change_milestone(M.PUBLIC_NOTICE, due_on=date(2027, 1, 5))
    papers.change_milestone(M.PARTY_NOTICE, due_on=date(2027, 1, 2))
    with papers.database.reading() as session:
        rows = list(session.scalars(select(UnitDocument).order_by(UnitDocument.id)))
        found = [due_of(session, row) for row in rows]
    assert found == [date(2026, 12, 9), date(2027, 3, 1), date(2027, 1, 2)]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("liaison_a", 200),
        ("head_a", 200),
        ("clerk", 200),
        ("lead", 200),
        ("leader", 200),
        ("supervisor", 200),
        ("liaison_b", 404),
        ("head_b", 404),
        ("east_clerk", 404),
        ("west_clerk", 404),
        ("admin", 403),
        ("auditor", 403),
    ],
)
def test_a_document_is_seen_by_its_unit_its_office_its_supervisors_and_nobody_else(
    papers: Papers, name: str, status: int
) -> None:
    papers.submitted()
    visitor = papers.by(name)
    pages = (PAGE, "/document-versions/1/file")
    assert [visitor.get(page).status_code for page in pages] == [status] * 2
    missing = ("/documents/999", "/document-versions/999/file")
    assert {visitor.get(page).status_code for page in missing} == {403 if status == 403 else 404}
    if status == 404:
        page = visitor.get(LISTS).get_data(as_text=True)
        assert "市甲局" not in page
        assert PAGE not in page


def test_a_co_responsible_unit_does_not_see_the_leading_units_document(
    papers: Papers,
) -> None:
    papers.submitted()
    with papers.database.writing() as session:
        task = session.scalars(select(Task).order_by(Task.id)).first()
        assert task is not None
        session.add(TaskUnit(task_id=task.id, unit_id=papers.people.units["b"]))
        session.commit()
    assert papers.by("liaison_b").get(f"/tasks/{task.id}").status_code == 200
    assert papers.by("liaison_b").get(PAGE).status_code == 404
    assert listed(papers, "liaison_b") == []


def test_the_county_reads_its_units_document_for_the_city_and_writes_nothing(
    papers: Papers,
) -> None:
    papers.switch(needs_sign_off=False)
    papers.submitted("east_liaison", unit="e")
    county = papers.by("east_clerk")
    county.get(PAGE)
    assert "审核通过" not in county.text
    assert county.get(f"{PAGE}/edit").status_code == 404
    sent = {"version": str(papers.document.version)}
    for step in ("submit", "withdraw", "accept"):
        answer = county.post(f"{PAGE}/{step}", sent, via="/account/password")
        assert answer.status_code == 404
    said = {"reason": "x", "supplement": "y", **sent}
    assert county.post(f"{PAGE}/return", said).status_code == 404
    assert papers.state == "office_review"
    assert papers.begin("east_clerk", unit="e", kind="head_report") == 422
    county.get(LISTS)
    assert "/documents/new?of" not in county.text


@pytest.mark.parametrize("unit", ["b", "e"])
def test_a_liaison_begins_nothing_in_another_units_name(papers: Papers, unit: str) -> None:
    assert papers.begin(unit=unit) == 422
    assert papers.begin(of="999-999") == 422
    assert papers.begin(of="x") == 422
    with papers.database.reading() as session:
        assert session.scalars(select(UnitDocument)).all() == []


def test_the_office_enters_for_any_unit_it_inspects(papers: Papers) -> None:
    assert papers.begin("clerk", unit="e") == 302
    assert papers.document.unit_id == papers.people.units["e"]
    assert papers.by("lead").get("/documents/new").status_code == 403
    assert papers.by("head_a").get("/documents/new").status_code == 403


def test_a_feedback_that_is_not_of_our_rounds_has_documents_and_no_milestone(
    papers: Papers, clock: ManualClock
) -> None:
    with papers.database.writing() as session:
        task = session.scalars(select(Task).order_by(Task.id)).first()
        assert task is not None
        task.feedback.round_id = task.feedback.inspection_id = task.round_id = None
        session.commit()
    assert listed(papers, "liaison_a") == []
    papers.signed()
    papers.press("clerk", "accept")
    assert papers.state == "accepted"
    assert papers.done() == {}


def test_a_document_of_another_unit_cannot_be_reached_by_its_number(
    papers: Papers, clock: ManualClock
) -> None:
    with papers.database.writing() as session:
        session.add(
            UnitDocument(
                feedback_id=papers.work.feedback_ids["b"],
                unit_id=papers.people.units["b"],
                kind=DocumentKind.HEAD_REPORT,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    liaison = papers.by("liaison_a")
    assert liaison.get(f"{PAGE}/edit").status_code == 404
    assert liaison.post(f"{PAGE}/edit", fields(), via=LISTS).status_code == 404
    assert liaison.post(f"{PAGE}/submit", via=LISTS).status_code == 404


def test_more_documents_cost_no_more_statements(papers: Papers) -> None:
    papers.begin()
    clerk = papers.by("clerk")
    with counted() as few:
        clerk.get(f"{LISTS}?only=all")
    papers.begin(kind="head_report")
    papers.begin("clerk", unit="e")
    with counted() as many:
        clerk.get(f"{LISTS}?only=all")
    assert len(lines(papers, "clerk")) == 6
    assert len(few) == len(many) <= 9


def test_a_long_list_goes_on_by_page_and_nothing_is_left_out(
    papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers.begin()
    papers.begin(kind="head_report")
    whole = [(line.unit.id, line.kind) for line in lines(papers, "clerk")]
    monkeypatch.setattr(document_queries, "PAGE_SIZE", 4)
    actor = papers.people.actor("clerk")
    with papers.database.reading() as session:
        pages = [list_documents(session, actor=actor, page=page) for page in (1, 2, 3)]
    assert [len(page.lines) for page in pages] == [4, 2, 0]
    assert [(line.unit.id, line.kind) for page in pages for line in page.lines] == whole
    assert {page.total for page in pages} == {6}
    clerk = papers.by("clerk")
    clerk.get(f"{LISTS}?only=all")
    assert "共 6 份" in clerk.text
    assert "only=all" in clerk.text[clerk.text.index("翻页") :]
    assert "上一页" not in clerk.text
    clerk.get(f"{LISTS}?only=all&page=2")
    assert "上一页" in clerk.text
    assert "下一页" not in clerk.text
