"""Feedback, its date, its recipients and its issues."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tracker.audit.models import AuditEntry
from tracker.feedback import queries
from tracker.feedback.models import Feedback, Issue
from tracker.feedback.rules import FeedbackSource, IssueNature
from tracker.feedback.service import (
    FeedbackDraft,
    IssueDraft,
    acknowledge_receipt,
    add_issue,
    edit_feedback,
    edit_issue,
    record_feedback,
    set_feedback_date,
)
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.rounds.models import DeadlineProfile, Milestone
from tracker.rounds.rules import MilestoneKind


class Desk:
    """The city's clerk at work in one session, with a round of two units."""

    def __init__(self, session: Session, people: Cast, work: Work, clock: ManualClock) -> None:
        self.session = session
        self.people = people
        self.work = work
        self.region_id = people.regions["city"]
        self.who: dict[str, Any] = {"actor": people.actor("clerk"), "now": clock.now()}
        self.draft = FeedbackDraft(
            code="F-1",
            title="关于巡察市甲局的反馈意见",
            source=FeedbackSource.CITY_INSPECTION,
            profile_id=work.profile_id,
            inspection_id=work.inspection_ids["a"],
        )
        self.issue = IssueDraft(
            issue_no="001", text="制度执行不严。", unit_ids=(people.units["a"],)
        )

    def record(self, **changes: Any) -> Feedback:
        return record_feedback(
            self.session, self.region_id, replace(self.draft, **changes), **self.who
        )

    def add(self, feedback: Feedback, **changes: Any) -> Issue:
        return add_issue(self.session, feedback, replace(self.issue, **changes), **self.who)


@pytest.fixture
def desk(database: Database, people: Cast, clock: ManualClock) -> Iterator[Desk]:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        yield Desk(session, people, work, clock)


def test_feedback_goes_to_the_leading_group_and_apart_to_its_head(desk: Desk) -> None:
    feedback = desk.record()
    assert [each.kind.label for each in feedback.recipients] == ["领导班子", "主要负责人"]
    assert feedback.round_id == desk.work.round_id
    with pytest.raises(DomainError, match="反馈代码“F-1”已被使用"):
        desk.record()


def test_feedback_from_above_belongs_to_no_round(desk: Desk) -> None:
    source = FeedbackSource.PROVINCE_INSPECTION
    feedback = desk.record(code="省委", source=source, inspection_id=None)
    set_feedback_date(desk.session, feedback, date(2026, 9, 1), **desk.who)
    assert (feedback.round_id, feedback.recipients) == (None, [])
    assert desk.session.scalars(select(Milestone)).all() == []


def test_the_feedback_date_makes_the_milestones_and_moves_them(desk: Desk) -> None:
    feedback = desk.record()
    plan = select(Milestone.due_on).where(Milestone.kind == MilestoneKind.PLAN)
    set_feedback_date(desk.session, feedback, date(2026, 9, 1), **desk.who)
    assert desk.session.scalars(plan).all() == [date(2026, 10, 1)]
    set_feedback_date(desk.session, feedback, date(2026, 9, 3), **desk.who)
    assert desk.session.scalars(plan).all() == [date(2026, 10, 3)]


def test_another_profile_moves_what_was_computed_and_leaves_what_was_typed(desk: Desk) -> None:
    feedback = desk.record()
    set_feedback_date(desk.session, feedback, date(2026, 9, 1), **desk.who)
    stamps = born(**desk.who)
    region_id, months = desk.region_id, {"plan_months": 2, "report_months": 2}
    short = DeadlineProfile(
        region_id=region_id, name="两个月", concentrated_months=2, **months, **stamps
    )
    desk.session.add(short)
    desk.session.flush()  # the draft names its id
    kinds = MilestoneKind

    def standing() -> dict[tuple[MilestoneKind, int], tuple[date | None, str | None]]:
        rows = desk.session.scalars(select(Milestone))
        return {(row.kind, row.seq): (row.due_on, row.exempt_reason) for row in rows}

    before = standing()
    typed = desk.session.scalars(select(Milestone).where(Milestone.kind == kinds.HEAD_REPORT)).one()
    typed.due_on = date(2027, 5, 5)
    edit_feedback(desk.session, feedback, replace(desk.draft, profile_id=short.id), **desk.who)
    after = standing()
    assert before[kinds.PLAN, 1] == (date(2026, 10, 1), None)
    assert after[kinds.PLAN, 1] == (date(2026, 11, 1), None)
    assert after[kinds.PROGRESS_REPORT, 1] == (date(2026, 11, 1), None)
    assert after[kinds.HEAD_REPORT, 1] == (date(2027, 5, 5), None)
    assert after[kinds.MONTHLY_REPORT, 1] == (date(2026, 10, 1), None)
    assert [after[kinds.MONTHLY_REPORT, n][1] for n in (2, 5)] == ["时限方案变更后不再需要"] * 2
    edit_feedback(desk.session, feedback, desk.draft, **desk.who)
    typed.due_on = before[kinds.HEAD_REPORT, 1][0]
    assert standing() == before
    desk.session.commit()
    trail = select(AuditEntry.detail).where(AuditEntry.action == "feedback_edited")
    assert ["两个月" in detail for detail in desk.session.scalars(trail)] == [True, True]


@pytest.mark.parametrize(
    ("day", "is_issued", "sentence"),
    [
        (MONDAY + timedelta(days=1), False, "不能晚于今天"),
        (date(2026, 1, 1), False, "早于进驻开始日期"),
        (date(2026, 9, 2), True, "整改任务已下发"),
    ],
)
def test_a_feedback_date_that_cannot_be_is_refused(
    desk: Desk, day: date, is_issued: bool, sentence: str
) -> None:
    feedback = desk.record()
    with pytest.raises(DomainError, match=sentence):
        set_feedback_date(desk.session, feedback, day, is_issued=is_issued, **desk.who)


def test_a_receipt_is_dated_between_the_feedback_and_today(desk: Desk) -> None:
    feedback = desk.record()
    recipient = feedback.recipients[0]
    with pytest.raises(DomainError, match="请先填写反馈日期"):
        acknowledge_receipt(desk.session, recipient, MONDAY, **desk.who)
    set_feedback_date(desk.session, feedback, date(2026, 9, 1), **desk.who)
    with pytest.raises(DomainError, match="早于反馈日期"):
        acknowledge_receipt(desk.session, recipient, date(2026, 8, 31), **desk.who)
    acknowledge_receipt(desk.session, recipient, date(2026, 9, 2), **desk.who)
    assert recipient.acknowledged_on == date(2026, 9, 2)


def test_a_common_issue_is_one_row_with_several_units(desk: Desk) -> None:
    feedback = desk.record()
    both = (desk.people.units["a"], desk.people.units["b"])
    issue = desk.add(feedback, nature=IssueNature.COMMON, unit_ids=both, tags=("民生",))
    assert {link.unit_id for link in issue.units} == set(both)
    with pytest.raises(DomainError, match="问题编号“001”已被使用"):
        desk.add(feedback)
    with pytest.raises(NotVisibleError):
        desk.add(feedback, issue_no="002", unit_ids=(desk.people.units["e"],))


def test_an_edit_adds_units_and_leaves_a_trace_without_contents(desk: Desk) -> None:
    issue = desk.add(desk.record(), nature=IssueNature.COMMON)
    a, b = desk.people.units["a"], desk.people.units["b"]
    wider = replace(desk.issue, nature=IssueNature.COMMON, unit_ids=(a, b), text="新的表述。")
    issued = frozenset({a})
    edit_issue(desk.session, issue, wider, issued_unit_ids=issued, **desk.who)
    without = replace(wider, unit_ids=(b,))
    with pytest.raises(DomainError, match="市甲局的整改任务已下发"):
        edit_issue(desk.session, issue, without, issued_unit_ids=issued, **desk.who)
    desk.session.commit()
    trail = select(AuditEntry.detail).where(AuditEntry.action == "issue_edited")
    detail = desk.session.scalars(trail).one()
    assert "text" in detail
    assert "制度执行不严" not in detail
    assert {link.unit_id for link in issue.units} == {a, b}


@pytest.mark.parametrize(
    ("name", "sees_it"),
    [
        ("clerk", True),
        ("leader", True),
        ("liaison_a", True),
        ("head_a", True),
        ("supervisor", True),
        ("liaison_b", False),
        ("east_clerk", False),
        ("admin", False),
    ],
)
def test_an_issue_is_seen_by_its_office_and_its_units(desk: Desk, name: str, sees_it: bool) -> None:
    feedback = desk.record()
    issue = desk.add(feedback)
    set_feedback_date(desk.session, feedback, date(2026, 9, 1), **desk.who)
    seen = queries.issues_of(desk.session, feedback.id, actor=desk.people.actor(name))
    assert seen == ([issue] if sees_it else [])


def test_a_unit_sees_no_issue_before_the_feedback_unless_it_is_immediate(desk: Desk) -> None:
    feedback = desk.record()
    desk.add(feedback)
    at_once = desk.add(feedback, issue_no="002", is_immediate=True)
    unit = desk.people.actor("liaison_a")
    assert queries.issues_of(desk.session, feedback.id, actor=unit) == [at_once]


def test_a_unit_is_not_told_who_shares_a_common_issue(desk: Desk) -> None:
    a, b = desk.people.units["a"], desk.people.units["b"]
    issue = desk.add(desk.record(), nature=IssueNature.COMMON, unit_ids=(a, b))
    for name, shown in (("clerk", [a, b]), ("liaison_a", [a]), ("supervisor", [a])):
        units = queries.units_shown(desk.session, issue, actor=desk.people.actor(name))
        assert [unit.id for unit in units] == shown
