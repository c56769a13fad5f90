"""单位材料 through the pages: written, submitted, signed, returned, accepted, its milestone done."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import DatabaseError

from tests.conftest import MONDAY
from tests.factories.cast import TESTER, Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import PDF
from tests.rectification.papers import NEWER, PAGE, M, Papers, fields, make_office
from tests.rectification.test_signing import lend
from tracker.files.models import StoredFile
from tracker.kernel.config import Config
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.people.models import User
from tracker.rectification.models import DocumentSignature, DocumentVersion, UnitDocument
from tracker.rectification.rules.words import DocumentEventKind as E
from tracker.rectification.rules.words import SignatureWay
from tracker.rectification.service.document_steps import return_document


@pytest.fixture
def papers(app: Flask, database: Database, people: Cast, clock: ManualClock) -> Papers:
    return Papers(app, database, people, make_office(database, people, clock))


def test_a_report_goes_from_the_liaison_over_the_head_to_the_office_and_is_then_fixed(
    papers: Papers,
) -> None:
    assert papers.begin() == 302
    assert papers.state == "draft"
    papers.press("liaison_a", "submit")
    assert papers.state == "head_check"
    papers.press("head_a", "sign")
    assert papers.state == "office_review"
    papers.press("clerk", "accept")
    assert papers.state == "accepted"
    found = papers.document
    assert (found.submitted_on, found.signed_on, found.passed_on) == (MONDAY, MONDAY, MONDAY)
    assert papers.events() == [E.SUBMITTED, E.SIGNED, E.PASSED]
    for name, step in (("liaison_a", "submit"), ("liaison_a", "withdraw"), ("clerk", "accept")):
        papers.press(name, step)
    assert papers.by("liaison_a").get(f"{PAGE}/edit").status_code == 422
    assert papers.returned() == 422
    assert papers.events() == [E.SUBMITTED, E.SIGNED, E.PASSED]
    assert len(papers.document.versions) == 1


def test_the_accepted_report_completes_its_milestone_with_its_file(papers: Papers) -> None:
    papers.signed()
    assert papers.done() == {}
    papers.press("lead", "accept")
    assert papers.done() == {M.PROGRESS_REPORT: MONDAY}
    milestone = papers.milestone(M.PROGRESS_REPORT)
    assert milestone.file_id == papers.document.file_id
    leader = papers.by("leader")
    assert leader.get(f"/milestones/{milestone.id}/file").get_data() == PDF
    leader.get(f"/milestones/{milestone.id}")
    assert "登记完成" in leader.text


def test_what_the_office_exempted_or_registered_itself_stays(papers: Papers) -> None:
    papers.change_milestone(M.PROGRESS_REPORT, exempt_reason="合并报送")
    papers.signed()
    papers.press("clerk", "accept")
    assert papers.state == "accepted"
    assert papers.done() == {}


@pytest.mark.parametrize(
    ("uses", "done"),
    [
        ({"is_for_party": "y"}, {M.PARTY_NOTICE}),
        ({"is_for_public": "y"}, {M.PUBLIC_NOTICE}),
        ({"is_for_party": "y", "is_for_public": "y"}, {M.PARTY_NOTICE, M.PUBLIC_NOTICE}),
    ],
)
def test_a_notice_completes_what_it_is_for(
    papers: Papers, uses: dict[str, str], done: set[M]
) -> None:
    assert papers.begin(kind="public_notice") == 422
    assert "请选择公开稿用于" in papers.by("liaison_a").text
    papers.submitted(kind="public_notice", **uses)
    papers.press("head_a", "sign")
    papers.press("clerk", "accept")
    assert set(papers.done()) == done


def test_a_report_is_not_for_publication_whatever_was_ticked(papers: Papers) -> None:
    papers.begin(is_for_public="y")
    assert not papers.document.versions[0].is_for_public


def test_the_plan_is_on_no_page_of_documents_and_is_begun_nowhere_here(
    papers: Papers, clock: ManualClock
) -> None:
    with papers.database.writing() as session:
        session.add(
            UnitDocument(
                feedback_id=papers.work.feedback_ids["a"],
                unit_id=papers.people.units["a"],
                kind="plan",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    assert papers.by("liaison_a").get(PAGE).status_code == 404
    assert papers.begin(kind="plan") == 422


def test_without_sign_off_a_report_goes_straight_to_the_office(papers: Papers) -> None:
    papers.switch(needs_sign_off=False)
    papers.submitted()
    assert papers.state == "office_review"
    papers.press("clerk", "accept")
    assert papers.document.signed_on is None
    assert papers.done() == {M.PROGRESS_REPORT: MONDAY}


def test_in_simple_mode_clerk_and_lead_do_it_between_them(papers: Papers) -> None:
    with papers.database.writing() as session:
        region = session.get_one(Region, papers.work.region_id)
        region.mode = OfficeMode.SIMPLE
        session.commit()
    papers.submitted("clerk")
    assert papers.state == "office_review"
    papers.press("clerk", "accept")
    assert papers.state == "office_review"
    papers.press("lead", "accept")
    assert papers.state == "accepted"


def test_the_scan_of_the_signed_paper_does_what_a_signature_online_does(papers: Papers) -> None:
    papers.submitted()
    assert papers.scanned("liaison_a") == 302
    assert papers.state == "office_review"
    with papers.database.reading() as session:
        signature = session.scalars(select(DocumentSignature)).one()
        assert signature.way is SignatureWay.SCAN
    page = f"/plan-signatures/{signature.id}/file"
    assert papers.by("supervisor").get(page).get_data() == PDF
    assert papers.by("liaison_b").get(page).status_code == 404


def test_a_way_to_sign_that_the_round_does_not_allow_is_refused(papers: Papers) -> None:
    papers.switch(allows_scan_sign=False, allows_online_sign=False)
    papers.submitted()
    papers.by("liaison_a").get(PAGE)
    assert "上传签字扫描件" not in papers.by("liaison_a").text
    assert papers.scanned("liaison_a") == 422
    papers.press("head_a", "sign")
    assert papers.state == "head_check"


def test_a_deputy_signs_for_the_head_but_never_what_they_submitted(papers: Papers) -> None:
    lend(papers.app, "head_a", papers.people.users["deputy_a"])
    papers.submitted("deputy_a")
    papers.press("deputy_a", "sign")
    assert papers.state == "head_check"
    papers.press("liaison_a", "withdraw")
    papers.press("liaison_a", "submit")
    papers.press("deputy_a", "sign")
    assert papers.state == "office_review"
    assert papers.document.events[-1].lent_by == "党组织主要负责人head_a"
    papers.switch(allows_deputy_sign=False)


@pytest.mark.parametrize("name", ["liaison_a", "clerk", "lead", "head_b", "supervisor"])
def test_nobody_but_the_units_head_signs(papers: Papers, name: str) -> None:
    papers.submitted()
    visitor = papers.by(name)
    sent = {"version": str(papers.document.version)}
    answer = visitor.post(f"{PAGE}/sign", sent, via="/account/password")
    assert answer.status_code in (403, 404)
    assert papers.state == "head_check"


def test_the_head_returns_it_with_a_reason(papers: Papers) -> None:
    papers.submitted()
    head = papers.by("head_a")
    assert head.post(f"{PAGE}/return-by-head", {"reason": " "}).status_code == 422
    assert head.post(f"{PAGE}/return-by-head", {"reason": "措辞不准"}).status_code == 302
    assert papers.state == "returned"
    assert papers.document.submitted_on is None
    papers.by("liaison_a").get(PAGE)
    assert "措辞不准" in papers.by("liaison_a").text


def test_the_office_returns_it_with_what_to_supply_and_the_earlier_file_stays(
    papers: Papers,
) -> None:
    papers.signed()
    only_reason = papers.by("clerk").post(f"{PAGE}/return", {"reason": "数据不一致"})
    assert only_reason.status_code == 422
    assert papers.returned() == 302
    found = papers.document
    assert (papers.state, found.return_count) == ("returned", 1)
    assert (found.submitted_on, found.signed_on) == (None, None)
    liaison = papers.by("liaison_a")
    liaison.get(PAGE)
    assert "附明细表" in liaison.text
    assert liaison.post(f"{PAGE}/edit", fields(NEWER)).status_code == 302
    assert liaison.get("/document-versions/1/file").get_data() == PDF
    assert liaison.get("/document-versions/2/file").get_data() == NEWER
    papers.press("liaison_a", "submit")
    assert papers.state == "head_check"
    papers.press("head_a", "sign")
    assert [event.version_seq for event in papers.document.events] == [1, 1, 1, 2, 2]


@pytest.mark.parametrize(("reason", "supplement"), [(" ", "附明细表"), ("数据不一致", " ")])
def test_a_return_is_refused_without_its_words_whoever_asks_for_it(
    papers: Papers, clock: ManualClock, reason: str, supplement: str
) -> None:
    papers.signed()
    clerk = papers.people.actor("clerk")
    with papers.database.writing() as session:
        document = session.get_one(UnitDocument, 1)
        with pytest.raises(DomainError, match="请写明退回理由"):
            return_document(session, document, reason, supplement, actor=clerk, now=clock.now())
    assert papers.state == "office_review"


def test_a_version_without_a_new_file_keeps_the_one_there_is(papers: Papers) -> None:
    papers.begin()
    changed = {name: value for name, value in fields(title="补正").items() if name != "file"}
    assert papers.by("liaison_a").post(f"{PAGE}/edit", changed).status_code == 302
    versions = papers.document.versions
    assert [version.title for version in versions] == ["关于巡察整改进展情况的报告", "补正"]
    assert versions[0].file_id == versions[1].file_id


def test_what_was_uploaded_stands_for_good(papers: Papers) -> None:
    papers.begin()
    with papers.database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
        session.execute(update(DocumentVersion).values(title="别的"))


def test_what_is_with_the_head_or_the_office_cannot_be_rewritten(papers: Papers) -> None:
    papers.submitted()
    for _place in ("head", "office"):
        answer = papers.by("liaison_a").get(f"{PAGE}/edit")
        assert answer.status_code == 422
        assert "请先撤回" in papers.by("liaison_a").text
        papers.press("head_a", "sign")
    assert len(papers.document.versions) == 1


@pytest.mark.parametrize("reader", ["supervisor", "leader", "clerk", "lead"])
def test_it_can_be_withdrawn_until_the_head_opens_it(papers: Papers, reader: str) -> None:
    papers.submitted()
    papers.by(reader).get(PAGE)
    papers.press("liaison_a", "withdraw")
    assert papers.state == "draft"
    papers.press("liaison_a", "submit")
    papers.by("head_a").get(PAGE)
    papers.press("liaison_a", "withdraw")
    assert papers.state == "head_check"
    assert "不能撤回" in papers.by("liaison_a").get(PAGE).get_data(as_text=True)


@pytest.mark.parametrize("page", [PAGE, "/document-versions/1/file"])
def test_it_can_be_withdrawn_until_the_office_opens_it(papers: Papers, page: str) -> None:
    papers.signed()
    papers.by("supervisor").get(page)
    papers.by("head_a").get(page)
    papers.press("liaison_a", "withdraw")
    assert papers.state == "draft"
    papers.press("liaison_a", "submit")
    papers.press("head_a", "sign")
    papers.by("lead").get(page)
    papers.press("liaison_a", "withdraw")
    assert papers.state == "office_review"


def test_the_countys_office_looks_on_and_its_look_ends_nothing(papers: Papers) -> None:
    papers.switch(needs_sign_off=False)
    papers.submitted("east_liaison", unit="e")
    assert papers.by("east_lead").get(PAGE).status_code == 200
    papers.press("east_liaison", "withdraw")
    assert papers.state == "draft"


def test_the_clerk_withdraws_only_what_the_clerk_entered(papers: Papers) -> None:
    papers.submitted()
    papers.press("clerk", "withdraw")
    assert papers.state == "head_check"
    papers.press("liaison_a", "withdraw")
    papers.press("clerk", "submit")
    assert papers.document.events[-1].on_behalf_of == "市甲局"
    papers.press("clerk", "withdraw")
    assert papers.state == "draft"


def test_who_entered_it_does_not_accept_it_and_a_colleague_may(papers: Papers) -> None:
    papers.switch(needs_sign_off=False)
    papers.submitted("clerk")
    assert papers.document.versions[0].on_behalf_of == "市甲局"
    papers.press("clerk", "accept")
    assert papers.state == "office_review"
    assert "不能由您审核通过" in papers.by("clerk").get(PAGE).get_data(as_text=True)
    papers.press("acting_lead", "accept")
    assert papers.state == "accepted"


def test_who_only_brought_the_scan_does_not_accept_it_either(papers: Papers) -> None:
    papers.submitted()
    assert papers.scanned("clerk") == 302
    papers.press("clerk", "accept")
    assert papers.state == "office_review"
    papers.press("lead", "accept")
    assert papers.state == "accepted"


def test_who_wrote_it_under_an_earlier_sign_in_is_still_the_same_person(papers: Papers) -> None:
    papers.signed()
    with papers.database.writing() as session:
        author = session.get_one(User, papers.people.users["liaison_a"])
        session.get_one(User, papers.people.users["clerk"]).person_id = author.person_id
        session.commit()
    papers.press("clerk", "accept")
    assert papers.state == "office_review"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"is_confirmed_not_secret": ""}, "请先确认材料不涉密"),
        ({"document_on": "2026-11-17"}, "不能晚于今天"),
        ({"title": " "}, "请填写标题"),
        ({"file": ""}, "请选择文件"),
    ],
)
def test_what_is_incomplete_is_refused_and_leaves_no_bytes(
    papers: Papers, config: Config, changes: dict[str, str], sentence: str
) -> None:
    assert papers.begin(**changes) == 422
    assert sentence in papers.by("liaison_a").text
    assert [path for path in config.evidence_dir.rglob("*") if path.is_file()] == []
    with papers.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
        assert session.scalar(select(func.count()).select_from(UnitDocument)) == 0


def test_each_unit_has_one_of_a_kind_for_a_feedback(papers: Papers) -> None:
    assert papers.begin() == 302
    assert papers.begin() == 422
    assert "已经在办理" in papers.by("liaison_a").text
    assert papers.begin(kind="head_report") == 302


def test_a_button_pressed_on_an_old_page_does_nothing(papers: Papers, clock: ManualClock) -> None:
    papers.submitted()
    old = {"version": str(papers.document.version)}
    papers.press("liaison_a", "withdraw")
    papers.by("liaison_a").post(f"{PAGE}/edit", fields(NEWER))
    papers.press("liaison_a", "submit")
    papers.by("head_a").post(f"{PAGE}/sign", old, via=PAGE)
    assert papers.state == "head_check"


def test_every_step_and_download_is_in_the_trail(papers: Papers) -> None:
    papers.signed()
    papers.by("clerk").get("/document-versions/1/file")
    papers.returned()
    papers.press("liaison_a", "submit")
    papers.press("liaison_a", "withdraw")
    papers.press("liaison_a", "submit")
    papers.by("head_a").post(f"{PAGE}/return-by-head", {"reason": "再改"})
    assert list(papers.trail()) == [
        "document_written",
        "document_submitted",
        "document_signed",
        "document_downloaded",
        "document_returned",
        "document_submitted",
        "document_withdrawn",
        "document_submitted",
        "document_returned_by_head",
    ]


def test_a_changed_file_on_disk_is_not_given_out(papers: Papers, config: Config) -> None:
    papers.begin()
    path = next(path for path in config.evidence_dir.rglob("*") if path.is_file())
    path.write_bytes(NEWER)
    assert papers.by("liaison_a").get("/document-versions/1/file").status_code == 422
    assert "document_downloaded" not in list(papers.trail())
