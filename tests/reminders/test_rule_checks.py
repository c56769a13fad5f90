"""What a rule and a set of rules may be, and when the new kinds of offsets fall."""

from dataclasses import replace
from datetime import date

import pytest

from tests.reminders.test_rules import CALENDAR, task
from tracker.kernel.errors import DomainError
from tracker.notifications.rules import Audience
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES, THREE_COLOURS
from tracker.reminders.rule_checks import check_rule, check_set, render_wording
from tracker.reminders.rules import AnchorKind, OffsetKind, Rule, first_day, notice_days, steps_due

TODAY = date(2026, 11, 16)
PLAIN = Rule(code="own-1", label="自设", anchor=AnchorKind.TASK_DUE, offset_days=-5)
WEEKLY = replace(PLAIN, offset_days=7, every_workdays=5)
SHARE = replace(PLAIN, offset_kind=OffsetKind.PERCENT, offset_days=50)


@pytest.mark.parametrize("rules", [DEFAULT_RULES, SIMPLE_RULES, THREE_COLOURS])
def test_the_sets_that_are_shipped_may_be_kept(rules: list[Rule]) -> None:
    check_set(rules, today=TODAY)
    for rule in rules:
        check_rule(rule)


SILENT = [
    [],
    [PLAIN],
    [replace(WEEKLY, every_workdays=0)],
    [replace(WEEKLY, every_workdays=11)],
    [replace(WEEKLY, offset_days=8)],
    [replace(WEEKLY, offset_days=-3)],  # not for tasks allowed three days or less
    [replace(WEEKLY, offset_kind=OffsetKind.WORKDAYS, offset_days=6)],
    [replace(WEEKLY, min_span_days=60)],
    [replace(WEEKLY, starts_on=date(2026, 12, 1))],
    [replace(WEEKLY, is_in_product_only=True)],
    [replace(WEEKLY, audience=Audience.OFFICE)],
    [replace(WEEKLY, anchor=AnchorKind.PLAN_DUE)],
    [WEEKLY, replace(PLAIN, anchor=AnchorKind.LETTER_REPLY)],
]


@pytest.mark.parametrize("rules", SILENT, ids=range(len(SILENT)))
def test_a_set_under_which_something_overdue_falls_silent_is_refused(rules: list[Rule]) -> None:
    with pytest.raises(DomainError, match="逾期的事项会不再提醒"):
        check_set(rules, today=TODAY)


def test_a_set_that_goes_on_is_kept() -> None:
    check_set([PLAIN, WEEKLY], today=TODAY)
    check_set([replace(WEEKLY, offset_kind=OffsetKind.WORKDAYS, offset_days=5)], today=TODAY)


REFUSED = [
    (replace(PLAIN, offset_days=-366), "-365 至 365"),
    (replace(SHARE, offset_days=100), "1 至 99"),
    (replace(PLAIN, every_workdays=11), "至 10 个工作日"),
    (replace(SHARE, every_workdays=5), "只提醒一次"),
    (replace(PLAIN, anchor=AnchorKind.OFFICE_REVIEW), "该巡察办办理"),
    (
        replace(
            PLAIN,
            audience=Audience.OWNER,
            is_in_product_only=True,
            anchor=AnchorKind.PLAN_DUE,
        ),
        "只能用于整改时限",
    ),
    (replace(PLAIN, audience=Audience.LIAISONS), "请选“单位”"),
    (replace(PLAIN, wording="{问题}到期"), "只能用 {编号}、{单位}、{时限}、{剩余}"),
    (replace(PLAIN, wording="请办理 {"), "请核对大括号"),
    (replace(PLAIN, wording="将发督办函并约谈"), "不出现“督办”“约谈”"),
    (replace(PLAIN, wording="见 HTTP://x"), "不写网址"),
    (replace(PLAIN, wording="长" * 61), "最多 60 个字"),
]


@pytest.mark.parametrize(("rule", "said"), REFUSED, ids=range(len(REFUSED)))
def test_a_rule_that_cannot_work_is_refused_with_a_sentence(rule: Rule, said: str) -> None:
    with pytest.raises(DomainError, match=said):
        check_rule(rule)


def test_a_rules_own_text_says_the_four_things_and_nothing_else() -> None:
    text = render_wording(
        "{编号}请于{时限}前办结，{剩余}",
        name="7-3-001-01",
        unit="甲局",
        due_on=date(2026, 11, 20),
        days_left=4,
    )
    assert text == "7-3-001-01请于2026-11-20前办结，还有 4 天"


@pytest.mark.parametrize(
    ("kind", "offset", "span", "expected"),
    [
        # Due Tuesday 10 November 2026; the National Day of the test calendar ends 7 October.
        (OffsetKind.WORKDAYS, -5, 90, date(2026, 11, 3)),
        (OffsetKind.WORKDAYS, -25, 90, date(2026, 9, 30)),
        (OffsetKind.WORKDAYS, 2, 90, date(2026, 11, 12)),
        (OffsetKind.WORKDAYS, 0, 90, date(2026, 11, 10)),
        (OffsetKind.PERCENT, 50, 61, date(2026, 10, 10)),  # day 31 of 61 is a Sunday
        (OffsetKind.PERCENT, 90, 10, date(2026, 11, 9)),
    ],
)
def test_offsets_in_working_days_and_in_shares_of_the_time_allowed(
    kind: OffsetKind, offset: int, span: int, expected: date
) -> None:
    rule, due = replace(PLAIN, offset_kind=kind, offset_days=offset), date(2026, 11, 10)
    assert first_day(rule, due, CALENDAR, span_days=span) == expected
    assert (due - expected).days <= notice_days(rule)
    steps = steps_due(task(due, span_days=span), [rule], today=expected, calendar=CALENDAR)
    assert [step.on for step in steps] == [expected]


def test_a_share_of_a_time_that_nobody_knows_is_never_due() -> None:
    anchor = task(TODAY, span_days=None)
    assert steps_due(anchor, [SHARE], today=TODAY, calendar=CALENDAR) == []


def test_what_stays_in_the_product_takes_no_words_from_the_chat() -> None:
    call = replace(WEEKLY, code="own-2", offset_days=8, every_workdays=1, is_in_product_only=True)
    steps = steps_due(task(date(2026, 11, 2)), [WEEKLY, call], today=TODAY, calendar=CALENDAR)
    assert {step.rule.code for step in steps} == {"own-1", "own-2"}
