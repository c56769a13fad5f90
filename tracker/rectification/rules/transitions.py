"""The path of a task as one table. Pages, commands and the diagram in the docs come from it.

A round's switches make the path shorter, never different: a step that is switched off is walked
through at once (`landing`).
"""

from dataclasses import dataclass

from tracker.kernel.errors import DomainError
from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Permission
from tracker.rectification.rules.words import OPEN_STATES, TaskState
from tracker.rounds.rules import Switches

S = TaskState


class Verb(LabelledEnum):
    """What somebody does to a task."""

    ISSUE = "issue", "下发"
    ACKNOWLEDGE = "acknowledge", "签收"
    ADD = "add", "细化分解"
    MERGE = "merge", "合并"
    SUBMIT_PLAN = "submit_plan", "报送整改方案"
    SIGN_PLAN = "sign_plan", "签字背书整改方案"
    SIGN_PLAN_SCAN = "sign_plan_scan", "上传方案签字扫描件"
    WITHDRAW_PLAN = "withdraw_plan", "撤回整改方案"
    RETURN_PLAN = "return_plan", "退回整改方案"
    PASS_PLAN = "pass_plan", "通过整改方案"
    REQUEST_CLOSURE = "request_closure", "申请销号"
    SIGN_CLOSURE = "sign_closure", "签字背书"
    SIGN_CLOSURE_SCAN = "sign_closure_scan", "上传签字扫描件"
    RETURN_BY_HEAD = "return_by_head", "主要负责人退回"
    WITHDRAW_CLOSURE = "withdraw_closure", "撤回销号申请"
    RETURN_CLOSURE = "return_closure", "退回整改"
    CLOSE = "close", "销号"
    REOPEN = "reopen", "重新整改"
    TO_LONG_TERM = "to_long_term", "转长期整改"
    RESUME = "resume", "恢复限期整改"
    SKIP = "skip", "跳过已取消的环节"
    VOID = "void", "撤销"
    END = "end", "终止整改"
    IMPORT_RUNNING = "import_running", "登记为整改中"
    IMPORT_CLOSED = "import_closed", "历史导入（已销号）"
    RECORD = "record", "登记"


@dataclass(frozen=True)
class Transition:
    """One row of the table: from where to where, with any one of which permissions."""

    verb: Verb
    sources: frozenset[TaskState]
    target: TaskState
    permissions: frozenset[Permission]
    needs_reason: bool = False


def _row(
    verb: Verb,
    sources: set[TaskState] | frozenset[TaskState],
    target: TaskState,
    *permissions: Permission,
    needs_reason: bool = False,
) -> Transition:
    return Transition(verb, frozenset(sources), target, frozenset(permissions), needs_reason)


P = Permission
TABLE: tuple[Transition, ...] = (
    _row(Verb.ISSUE, {S.DRAFT}, S.ISSUED, P.TASK_ISSUE),
    _row(Verb.IMPORT_RUNNING, {S.DRAFT}, S.IN_PROGRESS, P.TASK_REGISTER),
    _row(Verb.IMPORT_CLOSED, {S.DRAFT}, S.CLOSED, P.LEDGER_IMPORT),
    _row(Verb.ACKNOWLEDGE, {S.ISSUED}, S.PLANNING, P.TASK_ACKNOWLEDGE),
    _row(Verb.ADD, {S.DRAFT}, S.PLANNING, P.PLAN_DRAFT),
    _row(Verb.MERGE, {S.PLANNING}, S.VOID, P.PLAN_DRAFT, needs_reason=True),
    _row(Verb.SUBMIT_PLAN, {S.PLANNING}, S.PLAN_REVIEW, P.PLAN_DRAFT),
    _row(Verb.SIGN_PLAN, {S.PLANNING}, S.PLAN_REVIEW, P.PLAN_SIGN),
    _row(Verb.SIGN_PLAN_SCAN, {S.PLANNING}, S.PLAN_REVIEW, P.PLAN_DRAFT),
    _row(Verb.WITHDRAW_PLAN, {S.PLAN_REVIEW}, S.PLANNING, P.PLAN_DRAFT),
    _row(Verb.RETURN_PLAN, {S.PLAN_REVIEW}, S.PLANNING, P.PLAN_RETURN, needs_reason=True),
    _row(Verb.PASS_PLAN, {S.PLAN_REVIEW}, S.IN_PROGRESS, P.PLAN_APPROVE),
    _row(Verb.REQUEST_CLOSURE, {S.IN_PROGRESS}, S.UNIT_CHECK, P.TASK_REPORT),
    _row(Verb.SIGN_CLOSURE, {S.UNIT_CHECK}, S.OFFICE_REVIEW, P.TASK_SIGN),
    _row(Verb.SIGN_CLOSURE_SCAN, {S.UNIT_CHECK}, S.OFFICE_REVIEW, P.TASK_REPORT),
    _row(Verb.RETURN_BY_HEAD, {S.UNIT_CHECK}, S.IN_PROGRESS, P.TASK_SIGN, needs_reason=True),
    _row(Verb.WITHDRAW_CLOSURE, {S.UNIT_CHECK, S.OFFICE_REVIEW}, S.IN_PROGRESS, P.TASK_REPORT),
    _row(Verb.RETURN_CLOSURE, {S.OFFICE_REVIEW}, S.IN_PROGRESS, P.TASK_RETURN, needs_reason=True),
    _row(Verb.CLOSE, {S.OFFICE_REVIEW}, S.CLOSED, P.TASK_CLOSE),
    _row(Verb.REOPEN, {S.CLOSED}, S.IN_PROGRESS, P.TASK_REOPEN, needs_reason=True),
    _row(Verb.TO_LONG_TERM, {S.IN_PROGRESS}, S.LONG_TERM, P.LONG_TERM_APPROVE, needs_reason=True),
    _row(Verb.RESUME, {S.LONG_TERM}, S.IN_PROGRESS, P.LONG_TERM_APPROVE, needs_reason=True),
    _row(Verb.VOID, {S.DRAFT, S.ISSUED}, S.VOID, P.TASK_VOID, needs_reason=True),
    _row(Verb.END, OPEN_STATES, S.ENDED, P.TASK_END, needs_reason=True),
    *(
        _row(Verb.SKIP, {waiting}, waiting, P.TASK_SKIP)
        for waiting in (S.ISSUED, S.PLANNING, S.PLAN_REVIEW, S.UNIT_CHECK)
    ),
)


def row_for(verb: Verb, state: TaskState) -> Transition | None:
    """Return the row of the table for a verb in a state, or None when there is none."""
    return next((row for row in TABLE if row.verb is verb and state in row.sources), None)


def permissions_of(verb: Verb) -> frozenset[Permission]:
    """Return the permissions any one of which lets somebody do this."""
    return frozenset().union(*(row.permissions for row in TABLE if row.verb is verb))


def landing(target: TaskState, switches: Switches, *, is_immediate: bool) -> TaskState:
    """Return where a step ends once the steps that are switched off have been walked through.

    An immediate issue (立行立改) is never part of a plan; in 简易模式 there is no plan at all.
    """
    if target is S.ISSUED and not switches.acknowledgement:
        target = S.PLANNING
    if target is S.PLANNING and (is_immediate or not switches.plan):
        target = S.IN_PROGRESS
    if target is S.PLAN_REVIEW and not (switches.plan_review and switches.plan):
        target = S.IN_PROGRESS
    if target is S.UNIT_CHECK and not switches.sign_off:
        target = S.OFFICE_REVIEW
    return target


def move(
    state: TaskState,
    verb: Verb,
    switches: Switches,
    *,
    is_immediate: bool = False,
    reason: str | None = None,
) -> TaskState:
    """Return the state a verb leads to. Raises DomainError when the path does not allow it."""
    row = row_for(verb, state)
    if row is None:
        raise DomainError(
            f"任务现在是“{state.label}”，不能“{verb.label}”。请刷新页面，查看当前办理环节。"
        )
    if row.needs_reason and not (reason or "").strip():
        raise DomainError(f"“{verb.label}”必须写明理由。")
    after = landing(row.target, switches, is_immediate=is_immediate)
    if refusal := refused_by_switches(verb, state, after, switches):
        raise DomainError(refusal)
    return after


def refused_by_switches(
    verb: Verb, state: TaskState, after: TaskState, switches: Switches
) -> str | None:
    """Return why the round's choices forbid a step, as a sentence; None when they allow it."""
    if verb is Verb.END and not switches.ending:
        return "本轮没有开启“终止整改”。确需终止的，请先经领导小组批准，再在轮次设置中开启。"
    if verb is Verb.SKIP and after is state:
        return f"“{state.label}”这一环节仍在使用，不能跳过。"
    if verb in (Verb.SIGN_PLAN_SCAN, Verb.SIGN_CLOSURE_SCAN) and not switches.scan_sign:
        return "本轮不接受上传签字扫描件，请由主要负责人在线签署。"
    if verb is Verb.SUBMIT_PLAN and not switches.plan:
        return "简易模式不报送整改方案。"
    return None


def verbs_from(state: TaskState, switches: Switches, *, is_immediate: bool) -> tuple[Verb, ...]:
    """Return what can be done to a task in a state under these switches, in the table's order."""
    found = []
    for row in TABLE:
        after = landing(row.target, switches, is_immediate=is_immediate)
        if state in row.sources and not refused_by_switches(row.verb, state, after, switches):
            found.append(row.verb)
    return tuple(found)
