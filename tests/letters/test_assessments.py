"""整改评估: sheet, scores, confirmation by another, correction in the open, candidates."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import Database, born
from tracker.letters.models import Assessment, AssessmentCorrection, Interview
from tracker.letters.queries.assessments import (
    count_interviews_due,
    grade_counts,
    grades_of,
    low_graded_units,
    standings,
)
from tracker.rounds.models import Milestone
from tracker.rounds.rules import MilestoneKind
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.service import measure

TODAY = date(2026, 11, 16)
TALK = {
    "person_name": "赵一",
    "post_title": "党组书记、局长",
    "is_head": "y",
    "held_on": "2026-11-16",
    "interviewer": "分管副书记",
    "reason": "整改评估等次一般",
    "is_confirmed_not_secret": "y",
}
SHEET = {
    "name": "市级评估表",
    "items": "责任落实 30\n任务完成 50",
    "survey_weight": "20",
    "options": "满意 100\n基本满意 60\n不满意 0\n不了解 —",
    "is_active": "y",
}
LOW = {
    "score_1": "70",
    "score_2": "55.5",
    "vote_1": "3",
    "vote_2": "10",
    "vote_3": "2",
    "vote_4": "5",
}
# 0.3×70 + 0.5×55.5 + 0.2×(3×100+10×60)/15 = 21 + 27.75 + 12 = 60.75
HIGH = {
    "score_1": "95",
    "score_2": "92",
    "vote_1": "15",
    "vote_2": "0",
    "vote_3": "0",
    "vote_4": "0",
}


def enter(app: Flask, name: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(name)
    return visitor


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(session, people, now=clock.now())
        session.commit()
    return work


def begin(clerk: Visitor, people: Cast, work: Work, unit: str = "a") -> str:
    """Begin an assessment of a unit; return its page."""
    clerk.get("/assessment-sheets")
    if "市级评估表" not in clerk.text:
        assert clerk.post("/assessment-sheets/new", SHEET).status_code == 302
    data = {
        "feedback_id": str(work.feedback_ids[unit]),
        "unit_id": str(people.units[unit]),
        "template_id": "1",
        "assessed_on": "2026-11-16",
    }
    page = f"/assessments/new?feedback={work.feedback_ids[unit]}"
    answer = clerk.post(page, data)
    assert answer.status_code == 302, clerk.text
    return str(answer.headers["Location"].removesuffix("/score"))


@pytest.fixture
def page(app: Flask, people: Cast, work: Work) -> str:
    """The scored, unconfirmed assessment of a, entered by the clerk: 60.75, 一般."""
    clerk = enter(app, "clerk")
    page = begin(clerk, people, work)
    assert clerk.post(f"{page}/score", {**LOW, "version": "1"}).status_code == 302
    return page


@pytest.fixture
def confirmed(app: Flask, page: str) -> str:
    lead = enter(app, "lead")
    assert lead.post(f"{page}/confirm", via=page).status_code == 302
    return page


def kept(database: Database) -> Assessment:
    with database.reading() as session:
        return session.scalars(select(Assessment)).one()


def test_scores_and_votes_become_a_total_and_a_grade(
    app: Flask, database: Database, page: str
) -> None:
    found = kept(database)
    assert (found.total, found.grade, found.is_low) == (Decimal("60.75"), "一般", True)
    clerk = enter(app, "clerk")
    clerk.get(page)
    for words in ("60.75", "一般", "有效票 15 张", "待确认", "请由另一位同志复核确认"):
        assert words in clerk.text


def test_half_a_score_is_kept_without_a_total(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    page = begin(clerk, people, work)
    assert clerk.post(f"{page}/score", {"score_1": "70", "version": "1"}).status_code == 302
    assert kept(database).total is None
    lead = enter(app, "lead")
    version = {"version": str(kept(database).version)}
    lead.post(f"{page}/confirm", version, via=page)
    lead.get(page)
    assert "还有指标没有评分" in lead.text
    assert kept(database).confirmed_on is None


@pytest.mark.parametrize(
    "bad", ["100.01", "-1", "70.123", "NaN", "sNaN", "Infinity", "1e400", "1e-400", "七十"]
)
def test_a_score_that_cannot_be_is_refused(
    app: Flask, database: Database, page: str, bad: str
) -> None:
    clerk = enter(app, "clerk")
    data = {**LOW, "score_1": bad, "version": "2"}
    assert clerk.post(f"{page}/score", data).status_code == 422
    assert kept(database).total == Decimal("60.75")


def test_who_entered_the_scores_does_not_confirm_them(
    app: Flask, database: Database, page: str
) -> None:
    clerk = enter(app, "clerk")
    clerk.post(f"{page}/confirm", via=page)
    clerk.get(page)
    assert "请由另一位同志复核确认" in clerk.text
    assert kept(database).confirmed_on is None


def test_a_confirmed_assessment_is_frozen(app: Flask, database: Database, confirmed: str) -> None:
    found = kept(database)
    assert (found.confirmed_on, found.confirmed_by) == (TODAY, "巡察办主任lead（lead）")
    clerk = enter(app, "clerk")
    again = {**HIGH, "version": str(found.version)}
    assert clerk.post(f"{confirmed}/score", again).status_code == 422
    assert "不能直接修改" in clerk.text
    assert kept(database).total == Decimal("60.75")


def test_confirming_an_assessment_is_the_milestone_of_its_inspection(
    app: Flask, database: Database, page: str, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        session.add(
            Milestone(
                inspection_id=work.inspection_ids["a"],
                kind=MilestoneKind.ASSESSMENT,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    enter(app, "lead").post(f"{page}/confirm", via=page)
    with database.reading() as session:
        assert session.scalars(select(Milestone.done_on)).one() == date(2026, 11, 16)


def test_a_correction_needs_a_reason_and_keeps_what_was_said_before(
    app: Flask, database: Database, people: Cast, clock: ManualClock, confirmed: str
) -> None:
    clock.set_local(date(2026, 11, 20), 9, 0)
    clerk, version = enter(app, "clerk"), str(kept(database).version)
    address = f"{confirmed}/correct"
    assert clerk.post(address, {**HIGH, "version": version}).status_code == 422
    assert "必须写明理由" in clerk.text
    assert clerk.post(address, {**LOW, "reason": "x", "version": version}).status_code == 422
    assert "没有改动" in clerk.text
    data = {**HIGH, "reason": "漏计一份材料", "version": version}
    assert clerk.post(address, data).status_code == 302
    clerk.get(confirmed)
    for words in ("一般（60.75） → 好（94.5）", "任务完成 55.5→92", "漏计一份材料"):
        assert words in clerk.text
    for words in ("更正待确认", "已确认的结果为“一般”（60.75）", "待确认"):
        assert words in clerk.text
    clock.set_local(date(2026, 11, 22), 9, 0)
    clerk = enter(app, "clerk")
    version = str(kept(database).version)
    assert clerk.post(f"{confirmed}/score", {**LOW, "version": version}).status_code == 422
    assert clerk.post(f"{confirmed}/confirm", via=confirmed).status_code == 302
    clerk.get(confirmed)
    assert "请由另一位同志复核确认" in clerk.text
    region = people.regions["city"]

    def low_on(day: int) -> list[tuple[str, Decimal]]:
        with database.reading() as session:
            found = low_graded_units(session, region, as_of=date(2026, 11, day))
            return [(one.grade, one.total) for one in found]

    assert low_on(22) == [("一般", Decimal("60.75"))]
    lead = enter(app, "lead")
    assert lead.post(f"{confirmed}/confirm", via=confirmed).status_code == 302
    lead.get(confirmed)
    assert "更正待确认" not in lead.text
    assert (low_on(21), low_on(22)) == ([("一般", Decimal("60.75"))], [])
    assert kept(database).confirmed_on == TODAY
    for statement in (
        update(AssessmentCorrection).values(reason="y"),
        delete(AssessmentCorrection),
    ):
        with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
            session.execute(statement)


def test_of_two_corrections_in_a_row_the_confirmed_result_counts_until_both_are_confirmed(
    app: Flask, database: Database, people: Cast, confirmed: str
) -> None:
    clerk, lead, region = enter(app, "clerk"), enter(app, "lead"), people.regions["city"]
    for visitor, marks, reason in ((clerk, HIGH, "漏计"), (lead, LOW, "重算")):
        data = {**marks, "reason": reason, "version": str(kept(database).version)}
        assert visitor.post(f"{confirmed}/correct", data).status_code == 302
    lead.post(f"{confirmed}/confirm", via=confirmed)
    assert kept(database).is_correction_open
    clerk.post(f"{confirmed}/confirm", via=confirmed)
    assert not kept(database).is_correction_open
    with database.reading() as session:
        (low,) = low_graded_units(session, region, as_of=TODAY)
        assert low.total == Decimal("60.75")


def test_a_low_grade_calls_for_a_talk_and_suggests_a_focused_inspection(
    app: Flask, database: Database, people: Cast, confirmed: str
) -> None:
    lead, region = enter(app, "lead"), people.regions["city"]
    lead.get(confirmed)
    assert "应约谈单位主要负责人" in lead.text
    lead.get("/assessments")
    assert "建议列入重点巡察" in lead.text
    assert "待约谈" in lead.text
    with database.reading() as session:
        low = low_graded_units(session, region, as_of=TODAY)
        assert [one.unit.name for one in low] == ["市甲局"]
        assert low_graded_units(session, region, as_of=date(2026, 11, 15)) == []
        assert low_graded_units(session, people.regions["east"], as_of=TODAY) == []
        clerk = people.actor("clerk")
        assert count_interviews_due(session, region, as_of=TODAY, actor=clerk) == (1, 0)
    path = re.search(r'href="(/interviews/new[^"]+)"', lead.get(confirmed).get_data(as_text=True))
    assert path is not None
    form = path[1].replace("&amp;", "&")
    early = lead.post(form, {**TALK, "held_on": "2026-11-15"})
    assert early.status_code == 422
    talk = lead.post(form, TALK).headers["Location"]
    lead.get(confirmed)
    assert talk in lead.text
    assert "待约谈" not in lead.text
    assert "待约谈" not in lead.get("/assessments").get_data(as_text=True)
    assert held(database, people, as_of=TODAY) == (1, 1)
    assert held(database, people, as_of=date(2026, 11, 15)) == (0, 0)
    with database.writing() as session:
        session.scalars(select(Interview)).one().held_on = date(2026, 11, 18)
        session.commit()
    assert held(database, people, as_of=TODAY) == (1, 0)
    assert held(database, people, as_of=date(2026, 11, 18)) == (1, 1)
    lead.post(f"{talk}/void", {"reason": "登记错了"})
    assert held(database, people, as_of=date(2026, 11, 18)) == (1, 0)
    assert "已作废" in lead.get(confirmed).get_data(as_text=True)
    assert "待约谈" in lead.text


def held(database: Database, people: Cast, *, as_of: date) -> tuple[int, int]:
    with database.reading() as session:
        region, clerk = people.regions["city"], people.actor("clerk")
        return count_interviews_due(session, region, as_of=as_of, actor=clerk)


def test_a_day_that_was_entered_by_hand_still_counts(
    app: Flask, database: Database, people: Cast, confirmed: str
) -> None:
    with database.writing() as session:
        session.scalars(select(Assessment)).one().interviewed_on = TODAY
        session.commit()
    lead = enter(app, "lead")
    assert "待约谈" not in lead.get(confirmed).get_data(as_text=True)
    assert held(database, people, as_of=TODAY) == (1, 1)


def test_a_talk_about_an_assessment_waits_for_its_confirmation(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    page = begin(clerk, people, work, "a")
    number = page.rpartition("/")[2]
    path = f"/interviews/new?unit={people.units['a']}&assessment={number}"
    answer = clerk.post(path, TALK)
    assert answer.status_code == 422
    assert "还没有确认" in clerk.text


def test_the_newest_confirmed_assessment_of_a_unit_counts_once(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock, confirmed: str
) -> None:
    clerk, lead = enter(app, "clerk"), enter(app, "lead")
    other = begin(clerk, people, work, "b")
    clerk.post(f"{other}/score", {**HIGH, "version": "1"})
    lead.post(f"{other}/confirm", via=other)
    region = people.regions["city"]
    with database.reading() as session:
        found = grade_counts(session, region, as_of=TODAY, actor=people.actor("leader"))
        assert found == [("好", 1), ("较好", 0), ("一般", 1), ("较差", 0)]
        query = FigureQuery(actor=people.actor("leader"), region_id=region, as_of=TODAY)
        figure = measure(session, query, "units_assessed")
        assert [(part.label, part.numerator) for part in figure.reading.parts] == found
        assert figure.text == "2个"
        nobody = grade_counts(session, region, as_of=TODAY, actor=people.actor("east_clerk"))
        assert sum(number for _name, number in nobody) == 0
        only_a = standings(session, region, as_of=TODAY, actor=people.actor("supervisor"))
        assert [one.unit.name for one in only_a] == ["市甲局"]
    clock.set_local(date(2026, 11, 30), 9, 0)
    data = {
        "feedback_id": str(work.feedback_ids["a"]),
        "unit_id": str(people.units["a"]),
        "template_id": "1",
        "assessed_on": "2026-11-30",
    }
    clerk, lead = enter(app, "clerk"), enter(app, "lead")
    page = (
        clerk.post(f"/assessments/new?feedback={work.feedback_ids['a']}", data)
        .headers["Location"]
        .removesuffix("/score")
    )
    clerk.post(f"{page}/score", {**HIGH, "version": "1"})
    with database.reading() as session:
        assert len(low_graded_units(session, region, as_of=date(2026, 11, 30))) == 1
    lead.post(f"{page}/confirm", via=page)
    with database.reading() as session:
        assert low_graded_units(session, region, as_of=date(2026, 11, 30)) == []
        assert len(low_graded_units(session, region, as_of=date(2026, 11, 29))) == 1


def test_a_changed_sheet_or_grade_changes_no_assessment_made_before(
    app: Flask, database: Database, people: Cast, confirmed: str
) -> None:
    clerk = enter(app, "clerk")
    wrong = {**SHEET, "survey_weight": "30", "version": "1"}
    assert clerk.post("/assessment-sheets/1/edit", wrong).status_code == 422
    assert "现在是 110" in clerk.text
    change = {**SHEET, "items": "责任落实 80", "version": "1"}
    assert clerk.post("/assessment-sheets/1/edit", change).status_code == 302
    assert clerk.post("/assessment-sheets/1/edit", change).status_code == 409
    assert clerk.post("/assessment-grades", {"grades": "优 50\n差 0 约谈"}).status_code == 302
    with database.reading() as session:
        assert [one.name for one in grades_of(session, people.regions["city"])] == ["优", "差"]
        assert grades_of(session, people.regions["east"])[0].name == "好"
    clerk.get(confirmed)
    assert "任务完成" in clerk.text
    assert kept(database).grade == "一般"


def test_a_unit_that_the_feedback_does_not_concern_is_not_assessed(
    app: Flask, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    page = begin(clerk, people, work)
    again = {
        "feedback_id": str(work.feedback_ids["a"]),
        "unit_id": str(people.units["a"]),
        "template_id": "1",
        "assessed_on": "2026-11-16",
    }
    address = f"/assessments/new?feedback={work.feedback_ids['a']}"
    assert clerk.post(address, again).status_code == 422
    assert "已经建立" in clerk.text
    assert clerk.post(address, {**again, "unit_id": str(people.units["b"])}).status_code == 422
    assert clerk.post(address, {**again, "feedback_id": "999"}).status_code == 422
    assert clerk.get(page).status_code == 200


@pytest.mark.parametrize(
    ("name", "read", "change"),
    [
        ("lead", 200, 200),
        ("leader", 200, 403),
        ("east_clerk", 404, 404),
        ("supervisor", 403, 403),
        ("liaison_a", 403, 403),
        ("head_a", 403, 403),
        ("admin", 403, 403),
    ],
)
def test_who_reads_and_who_changes_an_assessment(
    app: Flask, confirmed: str, name: str, read: int, change: int
) -> None:
    visitor = enter(app, name)
    assert visitor.get(confirmed).status_code == read
    for part in ("score", "correct"):
        assert visitor.get(f"{confirmed}/{part}").status_code == change
    assert visitor.get("/assessment-sheets/1/edit").status_code == change
    if read == 404:
        missing = visitor.get("/assessments/999999").get_data()
        assert visitor.get(confirmed).get_data() == missing
        visitor.get("/assessments")
        assert "还没有评估" in visitor.text
