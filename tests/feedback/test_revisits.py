"""“回头看”: former issues of the unit, a verdict each, and what follows a bad one."""

import re
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.feedback.models import EarlierVerdict, Feedback, Issue, IssueUnit, RevisitVerdict
from tracker.feedback.revisits import FormerIssue, tally
from tracker.feedback.rules import FeedbackSource, Verdict
from tracker.kernel.db import Database, born
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.rounds.models import Inspection, Round
from tracker.rounds.rules import RoundKind, RoundStatus


class Return:
    """A third round with a closed and an open task of unit A, and a fourth that looks back at A."""

    def __init__(self, session: Session, people: Cast, clock: ManualClock) -> None:
        stamps = born(actor=TESTER, now=clock.now())
        self.work: Work = make_work(session, people, now=clock.now())
        self.closed = self.work.task(session, people, state=TaskState.CLOSED, now=clock.now())
        self.running = self.work.task(session, people, now=clock.now())
        self.of_b = self.work.task(
            session, people, unit="b", state=TaskState.CLOSED, now=clock.now()
        )
        tour = Round(
            region_id=self.work.region_id,
            term_id=self.work.term_id,
            code="R7-4",
            seq=4,
            name="第四轮“回头看”",
            kind=RoundKind.REVISIT,
            status=RoundStatus.ONSITE,
            profile_id=self.work.profile_id,
            **stamps,
        )
        session.add(tour)
        session.flush()  # the inspection needs its id
        inspection = Inspection(
            round_id=tour.id,
            unit_id=people.units["a"],
            conducting_region_id=self.work.region_id,
            kind=RoundKind.REVISIT,
            onsite_start=date(2026, 11, 1),
            **stamps,
        )
        session.add(inspection)
        session.flush()  # the feedback needs its id
        feedback = Feedback(
            region_id=self.work.region_id,
            code="F-again",
            title="“回头看”反馈意见",
            round_id=tour.id,
            inspection_id=inspection.id,
            fed_back_on=date(2026, 11, 10),
            profile_id=self.work.profile_id,
            source=FeedbackSource.CITY_INSPECTION,
            **stamps,
        )
        session.add(feedback)
        session.flush()  # pages need its id
        self.inspection_id, self.feedback_id = inspection.id, feedback.id
        self.page = f"/inspections/{inspection.id}/former-issues"


@pytest.fixture
def back(database: Database, people: Cast, clock: ManualClock) -> Return:
    with database.writing() as session:
        made = Return(session, people, clock)
        session.commit()
    return made


def judge(visitor: Visitor, back: Return, task: Task, verdict: str, text: str = "") -> int:
    path = f"{back.page}/{task.issue_id}"
    visitor.get(path)
    version = re.findall(r'name="version"[^>]*value="(\d+)"', visitor.text)[0]
    fields = {"verdict": verdict, "text": text, "judged_on": "2026-11-16", "version": version}
    return visitor.post(path, fields).status_code


def numbers(visitor: Visitor, back: Return) -> set[str]:
    visitor.get(back.page)
    return set(re.findall(r'href="/issues/(\d+)"', visitor.text))


def test_a_revisit_opens_with_the_units_former_issues(
    visitor: Visitor, people: Cast, back: Return
) -> None:
    visitor.sign_in("clerk")
    visitor.get(f"/inspections/{back.inspection_id}")
    assert back.page in visitor.text
    assert numbers(visitor, back) == {str(back.closed.issue_id), str(back.running.issue_id)}
    sentence = "上轮问题 2 个：已整改 0、未到位 0、反弹 0、屡查屡犯 0，未评定 2。"
    assert sentence in visitor.text
    assert (
        visitor.get(f"/inspections/{back.work.inspection_ids['a']}/former-issues").status_code
        == 404
    )


def test_issues_of_a_merged_unit_come_along_but_not_those_from_above_or_from_later(
    visitor: Visitor, people: Cast, back: Return, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        middle = Unit(
            region_id=people.regions["city"],
            code="M",
            name="过渡局",
            short_name="过渡局",
            category=session.get_one(Unit, people.units["a"]).category,
            merged_into_id=people.units["a"],
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(middle)
        session.flush()  # the chain needs its id
        session.get_one(Unit, people.units["b"]).merged_into_id = middle.id
        stamps = born(actor=TESTER, now=clock.now())
        above = Feedback(
            region_id=back.work.region_id,
            code="ABOVE",
            title="省委巡视反馈",
            fed_back_on=date(2026, 1, 1),
            profile_id=back.work.profile_id,
            source=FeedbackSource.PROVINCE_INSPECTION,
            **stamps,
        )
        session.add(above)
        session.flush()  # issues need its id
        for feedback_id, number in ((above.id, "S-1"), (back.feedback_id, "N-1")):
            session.add(
                Issue(
                    feedback_id=feedback_id,
                    region_id=back.work.region_id,
                    issue_no=number,
                    text="另一个问题",
                    units=[IssueUnit(unit_id=people.units["a"])],
                    **stamps,
                )
            )
        session.commit()
    visitor.sign_in("clerk")
    assert numbers(visitor, back) == {
        str(task.issue_id) for task in (back.closed, back.running, back.of_b)
    }


def test_a_revisit_without_its_day_leaves_out_its_own_issues_all_the_same(
    visitor: Visitor, people: Cast, back: Return, database: Database, clock: ManualClock
) -> None:
    with database.writing() as session:
        session.get_one(Inspection, back.inspection_id).onsite_start = None
        session.add(
            Issue(
                feedback_id=back.feedback_id,
                region_id=back.work.region_id,
                issue_no="N-1",
                text="本次发现的问题",
                units=[IssueUnit(unit_id=people.units["a"])],
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()
    visitor.sign_in("clerk")
    assert numbers(visitor, back) == {str(back.closed.issue_id), str(back.running.issue_id)}


def test_verdicts_are_counted_and_a_bad_one_says_why(
    visitor: Visitor, people: Cast, back: Return, database: Database
) -> None:
    visitor.sign_in("clerk")
    assert judge(visitor, back, back.closed, "relapsed") == 422
    assert "请写明发现的情况" in visitor.text
    assert judge(visitor, back, back.closed, "relapsed", "又发生了") == 302
    assert judge(visitor, back, back.running, "settled") == 302
    visitor.get(back.page)
    assert "上轮问题 2 个：已整改 1、未到位 0、反弹 1、屡查屡犯 0。" in visitor.text
    assert judge(visitor, back, back.closed, "habitual", "第三次") == 302
    with database.reading() as session:
        row = session.scalars(
            select(RevisitVerdict).where(RevisitVerdict.issue_id == back.closed.issue_id)
        ).one()
        assert (row.verdict, row.judged_on) == (Verdict.HABITUAL, date(2026, 11, 16))
        trail = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "revisit_judged")
        ).all()
        assert any(
            '"after": "habitual"' in line and '"before": "relapsed"' in line for line in trail
        )


def test_every_earlier_verdict_stays_readable_and_the_newest_counts(
    app: Flask, people: Cast, back: Return, database: Database
) -> None:
    clerk, leader = Visitor(app), Visitor(app)
    clerk.sign_in("clerk")
    leader.sign_in("leader")
    for verdict, said in (("relapsed", "又发生了"), ("habitual", "第三次"), ("settled", "")):
        assert judge(clerk, back, back.closed, verdict, said) == 302
    assert (
        "上轮问题 2 个：已整改 1、未到位 0、反弹 0、屡查屡犯 0，未评定 1。"
        in clerk.get(back.page).text
    )
    for page in (clerk.get(f"{back.page}/{back.closed.issue_id}"), leader.get(back.page)):
        assert re.search("第三次.*又发生了", page.text, re.DOTALL)
    with database.writing() as session:
        kept = list(session.scalars(select(EarlierVerdict).order_by(EarlierVerdict.id)))
        assert [(each.verdict, each.text) for each in kept] == [
            (Verdict.RELAPSED, "又发生了"),
            (Verdict.HABITUAL, "第三次"),
        ]
        for statement in (update(EarlierVerdict).values(text="改"), delete(EarlierVerdict)):
            with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
                session.execute(statement)


def test_of_two_who_judge_at_once_the_second_looks_again(
    visitor: Visitor, people: Cast, back: Return
) -> None:
    visitor.sign_in("clerk")
    path = f"{back.page}/{back.closed.issue_id}"
    fields = {"verdict": "settled", "text": "", "judged_on": "2026-11-16", "version": "0"}
    assert visitor.post(path, fields).status_code == 302
    again = fields | {"verdict": "relapsed", "text": "我看到的"}
    assert visitor.post(path, again).status_code == 409
    assert "我看到的" in visitor.text
    assert "别人刚保存的评定" in visitor.text


def test_the_lead_reopens_closed_tasks_after_a_bad_verdict_with_a_new_due_date(
    app: Flask, people: Cast, back: Return, database: Database
) -> None:
    clerk, lead = Visitor(app), Visitor(app)
    clerk.sign_in("clerk")
    lead.sign_in("lead")
    path = f"{back.page}/{back.closed.issue_id}/reopen"
    assert lead.get(path).status_code == 422
    assert judge(clerk, back, back.closed, "unsettled", "制度没有执行") == 302
    assert clerk.get(path).status_code == 403
    lead.get(path)
    assert "制度没有执行" in lead.text
    fields = {"task_ids": str(back.closed.id), "reason": "回头看发现未到位"}
    assert lead.post(path, fields | {"new_due": "2026-11-01"}).status_code == 422
    assert "不能早于今天" in lead.text
    foreign = fields | {"task_ids": str(back.of_b.id), "new_due": "2026-12-31"}
    assert lead.post(path, foreign).status_code == 422
    assert lead.post(path, fields | {"new_due": "2026-12-31"}).status_code == 302
    with database.reading() as session:
        task = session.get_one(Task, back.closed.id)
        assert (task.state, task.due_on) == (TaskState.IN_PROGRESS, date(2026, 12, 31))
        assert task.reopen_count == 1
        assert task.original_due == date(2026, 12, 1)
        assert session.get_one(Task, back.of_b.id).state is TaskState.CLOSED
    lead.get(path)
    assert "没有已销号的任务" in lead.text


def test_a_common_issue_is_reopened_for_the_unit_alone(
    app: Flask, people: Cast, back: Return, database: Database
) -> None:
    with database.writing() as session:
        task = session.get_one(Task, back.of_b.id)
        task.issue_id = back.closed.issue_id
        session.commit()
    clerk, lead = Visitor(app), Visitor(app)
    clerk.sign_in("clerk")
    lead.sign_in("lead")
    assert judge(clerk, back, back.closed, "relapsed", "又发生") == 302
    assert back.of_b.task_no not in clerk.get(f"{back.page}/{back.closed.issue_id}").text
    path = f"{back.page}/{back.closed.issue_id}/reopen"
    assert back.of_b.task_no not in lead.get(path).text
    fields = {"task_ids": [str(back.closed.id), str(back.of_b.id)], "reason": "反弹"}
    assert lead.post(path, fields | {"new_due": "2026-12-31"}).status_code == 422
    with database.reading() as session:
        assert session.get_one(Task, back.of_b.id).state is TaskState.CLOSED


def test_a_good_verdict_reopens_nothing(app: Flask, people: Cast, back: Return) -> None:
    clerk, lead = Visitor(app), Visitor(app)
    clerk.sign_in("clerk")
    lead.sign_in("lead")
    assert judge(clerk, back, back.closed, "settled") == 302
    assert lead.get(f"{back.page}/{back.closed.issue_id}/reopen").status_code == 422
    lead.get(back.page)
    assert "重新整改" not in lead.text


def test_a_new_issue_of_the_revisit_names_the_former_one(
    visitor: Visitor, people: Cast, back: Return, database: Database
) -> None:
    visitor.sign_in("clerk")
    assert judge(visitor, back, back.closed, "habitual", "又发生") == 302
    visitor.get(back.page)
    path = f"/feedbacks/{back.feedback_id}/issues/new"
    link = f"{path}?repeats={back.closed.issue_id}"
    assert link in visitor.text
    visitor.get(link)
    assert f'<option selected value="{back.closed.issue_id}">' in visitor.text
    fields = {
        "issue_no": "001",
        "nature": "individual",
        "unit_ids": str(people.units["a"]),
        "text": "同类问题再次发生",
        "importance": "normal",
        "sensitivity": "internal",
        "repeats_issue_id": str(back.closed.issue_id),
    }
    strange = fields | {"repeats_issue_id": str(back.of_b.issue_id)}
    assert visitor.post(path, strange).status_code == 422
    assert visitor.post(path, fields).status_code == 302
    with database.reading() as session:
        issue = session.scalars(select(Issue).where(Issue.text == "同类问题再次发生")).one()
        assert issue.repeats_issue_id == back.closed.issue_id
    visitor.get(f"/issues/{issue.id}")
    assert "重复发生：上轮问题" in visitor.text


def test_another_office_and_units_do_not_find_the_page(
    app: Flask, people: Cast, back: Return
) -> None:
    stranger = Visitor(app)
    stranger.sign_in("east_clerk")
    for path in (back.page, f"{back.page}/{back.closed.issue_id}"):
        assert stranger.get(path).status_code == 404
    for name in ("liaison_a", "head_a", "supervisor", "admin"):
        other = Visitor(app)
        other.sign_in(name)
        assert other.get(back.page).status_code == 403
    reader = Visitor(app)
    reader.sign_in("leader")
    assert reader.get(back.page).status_code == 200
    assert reader.get(f"{back.page}/{back.closed.issue_id}").status_code == 403
    clerk = Visitor(app)
    clerk.sign_in("clerk")
    assert clerk.get(f"{back.page}/{back.of_b.issue_id}").status_code == 404


@given(st.lists(st.sampled_from([None, *Verdict])))
def test_the_counts_of_a_tally_sum_to_the_issues(found: list[Verdict | None]) -> None:
    rows = [FormerIssue(Issue(), RevisitVerdict(verdict=v) if v else None) for v in found]
    counted = tally(rows)
    assert sum(counted.by_verdict.values()) + counted.unjudged == counted.total == len(found)
    assert counted.unjudged == found.count(None)
