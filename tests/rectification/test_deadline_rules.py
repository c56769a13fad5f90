"""The deadline ledger of a task: what it counts, and the one line that says it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.deadline import Deadline, DueMove, days_late, deadline_line
from tracker.rectification.rules.words import DueChangeKind, SignatureWay, TaskState

S, K = TaskState, DueChangeKind
T = date(2026, 11, 16)
DUE = date(2026, 11, 9)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
TEXTS = st.text(max_size=40)


def ledger(**changes: Any) -> Deadline:
    values: dict[str, Any] = {
        "as_of": T,
        "state": S.IN_PROGRESS,
        "original_due": DUE,
        "due_on": DUE,
        **changes,
    }
    return Deadline(**values)


MOVES = st.builds(
    DueMove,
    occurred_on=DAYS,
    kind=st.sampled_from(DueChangeKind),
    old=st.none() | DAYS,
    new=st.none() | DAYS,
    by=TEXTS,
    reason=TEXTS,
    asked_on=st.none() | DAYS,
    asked_by=TEXTS,
    signed_by=TEXTS,
    signed_how=st.none() | st.sampled_from(SignatureWay),
)
LEDGERS = st.builds(
    Deadline,
    as_of=DAYS,
    state=st.sampled_from(TaskState),
    original_due=st.none() | DAYS,
    due_on=st.none() | DAYS,
    moves=st.lists(MOVES, max_size=4).map(tuple),
    is_doubtful=st.booleans(),
    done_on=st.none() | DAYS,
    closed_on=st.none() | DAYS,
    next_review_on=st.none() | DAYS,
)


@given(LEDGERS)
def test_every_ledger_has_one_line_that_names_its_dates(found: Deadline) -> None:
    line = deadline_line(found)
    assert line.endswith("。")
    assert line.splitlines() == [line]
    if found.original_due:
        assert line.startswith(f"原定时限 {found.original_due}")
    for move in found.changes:
        assert f"{move.occurred_on} {move.kind.label}" in line
    assert ("逾期 " in line) is (found.days_late > 0)


@given(LEDGERS)
def test_days_late_are_calendar_days_and_only_the_units(found: Deadline) -> None:
    if found.days_late:
        assert found.state in CAN_BE_OVERDUE
        assert not found.is_doubtful
        assert found.due_on == found.as_of - timedelta(days=found.days_late)
        assert found.days_left == -found.days_late
        assert found.spans[0] == (found.due_on, found.as_of)
    for due, until in found.spans:
        assert due < until
        assert due in (found.due_on, found.original_due)


@given(LEDGERS)
def test_working_days_and_changes_never_alter_the_count(found: Deadline) -> None:
    assert replace(found, moves=()).days_late == found.days_late
    if found.runs:
        assert found.days_late == days_late(found.state, found.due_on, found.as_of)


def test_an_overdue_task_says_how_late_and_as_of_when() -> None:
    assert deadline_line(ledger()) == "原定时限 2026-11-09；截至 2026-11-16 逾期 7 天。"


def test_before_and_on_the_day_it_says_what_is_left() -> None:
    assert "截至 2026-11-16 还有 4 天" in deadline_line(ledger(due_on=T + timedelta(days=4)))
    assert "2026-11-16 到期" in deadline_line(ledger(due_on=T))


def test_each_change_says_when_why_by_whom_and_who_granted_it() -> None:
    moves = (
        DueMove(date(2026, 6, 1), K.FIXED, DUE, DUE, by="主任（lead）"),
        DueMove(
            date(2026, 7, 1),
            K.CORRECTION,
            DUE,
            date(2026, 10, 1),
            by="主任（lead）",
            reason="抄录\n有误",
        ),
        DueMove(
            date(2026, 9, 20),
            K.EXTENSION,
            date(2026, 10, 1),
            date(2026, 11, 13),
            by="主任（lead）",
            reason="汛期无法施工",
            asked_on=date(2026, 9, 15),
            asked_by="张三（liaison_a）",
            signed_by="李四（head_a）",
        ),
    )
    assert deadline_line(ledger(due_on=date(2026, 11, 13), moves=moves)) == (
        "原定时限 2026-11-09；"
        "2026-07-01 更正时限：2026-11-09 → 2026-10-01（理由：抄录 有误，主任办理）；"
        "2026-09-20 批准延期：2026-10-01 → 2026-11-13"
        "（2026-09-15 张三申请，理由：汛期无法施工，李四审签，主任批准）；"
        "现时限 2026-11-13；"
        "截至 2026-11-16 逾期 3 天（按原定时限 2026-11-09 计 7 天）。"
    )


def test_it_says_for_whom_it_was_entered_and_with_whose_powers_it_was_signed_and_granted() -> None:
    move = DueMove(
        T,
        K.EXTENSION,
        DUE,
        T,
        by="经办人（clerk）",
        lent_by="主任（lead）",
        asked_on=DUE,
        asked_by="另一经办人（clerk2）",
        on_behalf_of="市甲局",
        signed_by="张三（liaison_a）",
        signed_how=SignatureWay.AUTHORISED,
        sign_lent_by="李四（head_a）",
    )
    words = deadline_line(ledger(due_on=T, moves=(move,)))
    assert "另一经办人（代市甲局录入）申请" in words
    assert "张三（受李四授权）" in words
    assert "经办人（受主任授权）批准" in words


def test_a_signature_on_paper_is_not_called_one_of_whoever_uploaded_it() -> None:
    move = DueMove(
        T, K.EXTENSION, DUE, T, signed_by="张三（liaison_a）", signed_how=SignatureWay.SCAN
    )
    assert "（张三上传签字扫描件）" in deadline_line(ledger(due_on=T, moves=(move,)))


def test_a_reopened_task_says_the_day_it_was_reopened() -> None:
    again = DueMove(date(2026, 10, 1), K.REOPEN, DUE, date(2026, 12, 1), by="主任", reason="反弹")
    line = deadline_line(ledger(due_on=date(2026, 12, 1), moves=(again,)))
    assert "2026-10-01 重新整改：2026-11-09 → 2026-12-01（理由：反弹，主任办理）" in line
    assert "现时限 2026-12-01；截至 2026-11-16 还有 15 天" in line


def test_a_closed_task_says_which_day_was_held_against_which_date() -> None:
    closed = {"state": S.CLOSED, "closed_on": date(2026, 11, 15)}
    late = ledger(done_on=date(2026, 11, 12), **closed)
    assert deadline_line(late) == (
        "原定时限 2026-11-09；2026-11-12 完成，比时限 2026-11-09 晚 3 天，2026-11-15 销号。"
    )
    assert late.days_late == 0
    assert late.spans == ((DUE, date(2026, 11, 12)),)
    extended = ledger(done_on=date(2026, 11, 12), due_on=date(2026, 11, 13), **closed)
    assert deadline_line(extended).endswith(
        "2026-11-12 完成，没有超过时限 2026-11-13（按原定时限 2026-11-09 计 3 天），2026-11-15 销号。"
    )
    assert extended.spans == ((DUE, date(2026, 11, 12)),)
    assert "完成日期没有记载" in deadline_line(ledger(**closed))


def test_what_waits_for_the_office_is_not_overdue_but_a_late_statement_stays_late() -> None:
    waiting = ledger(state=S.OFFICE_REVIEW, done_on=date(2026, 11, 12))
    assert waiting.days_late == 0
    assert deadline_line(waiting).endswith(
        "2026-11-12 完成，比时限 2026-11-09 晚 3 天，已报巡察办审核。"
    )
    assert deadline_line(ledger(state=S.PLAN_REVIEW)).endswith("已报巡察办审核，不计逾期。")


def test_long_term_doubtful_and_ended_tasks_are_never_late() -> None:
    never: list[dict[str, Any]] = [
        {"is_doubtful": True},
        {"is_doubtful": True, "state": S.CLOSED, "done_on": T},
        *({"state": state} for state in set(TaskState) - CAN_BE_OVERDUE),
    ]
    for changes in never:
        found = ledger(**changes)
        assert (found.days_late, found.days_left, found.spans) == (0, None, ())
    review = ledger(state=S.LONG_TERM, next_review_on=date(2026, 12, 31))
    assert deadline_line(review).endswith("长期整改，下次复查 2026-12-31，不计逾期。")
    assert deadline_line(ledger(is_doubtful=True)).endswith("时限待确认，不计逾期。")
    assert deadline_line(ledger(state=S.ENDED)).endswith("终止整改，不计逾期。")
    assert (
        deadline_line(ledger(original_due=None, due_on=None)) == "原定时限未定；整改中，不计逾期。"
    )


def test_a_date_the_unit_proposes_is_no_original_date_yet() -> None:
    proposed = ledger(state=S.PLANNING, original_due=None, due_on=date(2026, 12, 1))
    assert deadline_line(proposed).startswith("原定时限未定；拟定时限 2026-12-01；")
