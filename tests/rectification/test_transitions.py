"""The path of a task: the table, and how switches shorten it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import GRANTS, Permission, Role
from tracker.rectification.rules.court import COURT_OF_STATE, court_of
from tracker.rectification.rules.transitions import (
    TABLE,
    Verb,
    landing,
    move,
    row_for,
    verbs_from,
)
from tracker.rectification.rules.words import Court, DocumentEventKind, TaskState
from tracker.rounds.rules import Switches

S = TaskState
ALL = Switches()
MAIN = (
    Verb.ISSUE,
    Verb.ACKNOWLEDGE,
    Verb.SUBMIT_PLAN,
    Verb.PASS_PLAN,
    Verb.REQUEST_CLOSURE,
    Verb.SIGN_CLOSURE,
    Verb.CLOSE,
)


def walk(switches: Switches, *, is_immediate: bool = False) -> list[TaskState]:
    """Walk the main path, skipping verbs that no longer apply."""
    state, seen = S.DRAFT, [S.DRAFT]
    for verb in MAIN:
        if row_for(verb, state):
            state = move(state, verb, switches, is_immediate=is_immediate)
            seen.append(state)
    return seen


def test_the_whole_path_has_every_step() -> None:
    assert walk(ALL) == [
        S.DRAFT,
        S.ISSUED,
        S.PLANNING,
        S.PLAN_REVIEW,
        S.IN_PROGRESS,
        S.UNIT_CHECK,
        S.OFFICE_REVIEW,
        S.CLOSED,
    ]


@given(st.builds(Switches, st.booleans(), st.booleans(), st.booleans()), st.booleans())
def test_switches_make_the_path_shorter_never_different(
    switches: Switches, is_immediate: bool
) -> None:
    whole, short = walk(ALL), walk(switches, is_immediate=is_immediate)
    assert short == [state for state in whole if state in short]
    assert short[0] is S.DRAFT
    assert short[-1] is S.CLOSED


def test_an_immediate_issue_is_never_part_of_a_plan() -> None:
    assert S.PLANNING not in walk(ALL, is_immediate=True)
    assert landing(S.PLANNING, ALL, is_immediate=True) is S.IN_PROGRESS


@given(st.sampled_from(S), st.sampled_from([row.verb for row in TABLE]))
def test_a_step_that_the_table_does_not_name_is_refused(state: TaskState, verb: Verb) -> None:
    if row_for(verb, state):
        return
    with pytest.raises(DomainError, match="不能"):
        move(state, verb, ALL, reason="理由")


def test_a_return_needs_its_reason() -> None:
    with pytest.raises(DomainError, match="必须写明理由"):
        move(S.OFFICE_REVIEW, Verb.RETURN_CLOSURE, ALL, reason="  ")


def test_nothing_leads_out_of_void_and_ended() -> None:
    for state in (S.VOID, S.ENDED):
        assert verbs_from(state, ALL, is_immediate=False) == ()


def test_only_the_lead_may_close_and_reopen() -> None:
    for permission in (Permission.TASK_CLOSE, Permission.TASK_REOPEN, Permission.TASK_VOID):
        assert {role for role in Role if permission in GRANTS[role]} == {Role.OFFICE_LEAD}


def test_the_administrators_have_no_business_permission() -> None:
    business = {row_permission for row in TABLE for row_permission in row.permissions} | {
        Permission.TASK_READ
    }
    for role in (Role.SYS_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        assert not business & GRANTS[role]


def test_every_state_is_in_somebodys_court() -> None:
    assert set(COURT_OF_STATE) == set(S)
    assert court_of(S.PLANNING) is Court.LIAISON
    assert court_of(S.PLANNING, DocumentEventKind.SUBMITTED) is Court.HEAD
    assert court_of(S.PLANNING, DocumentEventKind.RETURNED) is Court.LIAISON
