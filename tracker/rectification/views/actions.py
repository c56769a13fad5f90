"""What the task page offers: one table, an entry for each step of the path and each act beside it."""

from dataclasses import dataclass

from flask import url_for

from tracker.kernel.permissions import Permission, granted_to, may
from tracker.organizations.scope import OFFICE
from tracker.rectification.models import Extension, LongTermRequest, Task
from tracker.rectification.rules.long_term import is_looked_at_again
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import OPEN_STATES, ExtensionState, TaskState
from tracker.rectification.service.extending import is_extendable
from tracker.rectification.service.steps import is_own, switches_of
from tracker.web.access import actor


@dataclass(frozen=True)
class Offer:
    """One link or button of the page. A button posts at once, after a question if it has one."""

    label: str
    url: str
    is_primary: bool = False
    is_button: bool = False
    question: str | None = None


@dataclass(frozen=True)
class _Step:
    endpoint: str
    label: str
    is_primary: bool = False
    is_button: bool = False
    question: str | None = None


# Steps of the plan stand on the plan's page; an import has a page of its own.
STEPS: dict[Verb, tuple[_Step, ...]] = {
    Verb.ACKNOWLEDGE: (_Step("acknowledge", "签收", True, True),),
    Verb.IMPORT_RUNNING: (_Step("register_running", "登记为整改中"),),
    Verb.REQUEST_CLOSURE: (
        _Step("report_progress", "填报进展", True),
        _Step("upload_evidence", "上传材料"),
        _Step("request_closure", "申请销号"),
        _Step("upload_photos", "照片合成 PDF"),
    ),
    Verb.SIGN_CLOSURE: (_Step("sign_closure", "审签", True),),
    Verb.SIGN_CLOSURE_SCAN: (_Step("sign_closure_by_scan", "上传签字扫描件"),),
    Verb.RETURN_BY_HEAD: (_Step("return_by_head", "退回联络员"),),
    Verb.WITHDRAW_CLOSURE: (
        _Step(
            "withdraw_closure",
            "撤回申请",
            is_button=True,
            question="撤回后可以继续修改，再重新申请。",
        ),
    ),
    Verb.CLOSE: (_Step("close_task", "审核销号", True),),
    Verb.RETURN_CLOSURE: (_Step("return_closure", "退回整改"),),
    Verb.REOPEN: (_Step("reopen_task", "重新整改"),),
    Verb.SKIP: (
        _Step(
            "skip_step",
            "跳过已取消的环节",
            True,
            True,
            question="这一环节在本轮已经取消，任务转到下一环节。",
        ),
    ),
    Verb.VOID: (_Step("void", "撤销"),),
    Verb.END: (_Step("end", "终止整改"),),
}


def offers(
    task: Task,
    verbs: tuple[Verb, ...],
    *,
    extension: Extension | None,
    wish: LongTermRequest | None,
    is_overdue: bool,
) -> list[Offer]:
    """Return what this person may do now: the steps of the path, then extensions, dates, long-term."""
    found = [_offer(step, task.id) for verb in verbs for step in STEPS.get(verb, ())]
    found += _of_long_term_work(task, verbs)
    found += _of_extension(task, extension, is_overdue=is_overdue)
    found += _of_long_term(task, wish)
    found += _of_long_term_review(task)
    return found + _of_office(task)


def _offer(step: _Step, task_id: int) -> Offer:
    url = url_for(f"rectification.{step.endpoint}", task_id=task_id)
    return Offer(step.label, url, step.is_primary, step.is_button, step.question)


def _link(label: str, endpoint: str, task: Task, *, is_primary: bool = False) -> Offer:
    return Offer(label, url_for(f"rectification.{endpoint}", task_id=task.id), is_primary)


def _of_long_term_work(task: Task, verbs: tuple[Verb, ...]) -> list[Offer]:
    """长期整改 is worked on and reported like any task, it only cannot ask to be closed."""
    if task.state is not TaskState.LONG_TERM or not may(actor(), Permission.TASK_REPORT):
        return []
    if not is_own(task, actor=actor()) or Verb.REQUEST_CLOSURE in verbs:
        return []
    return [
        _link("填报进展", "report_progress", task, is_primary=True),
        _link("上传材料", "upload_evidence", task),
        _link("照片合成 PDF", "upload_photos", task),
    ]


def _of_extension(task: Task, extension: Extension | None, *, is_overdue: bool) -> list[Offer]:
    who = actor()
    if not is_own(task, actor=actor()):
        return []
    if extension is None:
        in_time = not is_overdue or switches_of(task).late_extension
        may_ask = in_time and is_extendable(task) and may(who, Permission.EXTENSION_REQUEST)
        return [_link("申请延期", "ask_extension", task)] if may_ask else []
    found = _take_back("撤回延期申请", "withdraw_extension", task, extension)
    if extension.state is ExtensionState.SIGNED:
        if may(who, Permission.EXTENSION_APPROVE):
            found.append(_link("审批延期", "decide_extension", task, is_primary=True))
        return found
    if may(who, Permission.TASK_SIGN):
        question = f"同意延至 {extension.new_due.isoformat()}，送巡察办审批。"
        url = url_for("rectification.sign_extension", task_id=task.id)
        found.append(Offer("审签延期申请", url, is_button=True, question=question))
        found.append(_link("退回延期申请", "return_extension", task))
    if may(who, Permission.TASK_REPORT) and switches_of(task).scan_sign:
        found.append(_link("上传延期签字扫描件", "sign_extension_by_scan", task))
    return found


def _take_back(
    label: str, endpoint: str, task: Task, asked: Extension | LongTermRequest
) -> list[Offer]:
    """Offer 撤回 to the person who asked; colleagues find it refused with the reason if need be."""
    if asked.asker_user_id is None or asked.asker_user_id != actor().user_id:
        return []
    url = url_for(f"rectification.{endpoint}", task_id=task.id)
    return [Offer(label, url, is_button=True, question="撤回后可以重新申请。")]


def _of_long_term(task: Task, wish: LongTermRequest | None) -> list[Offer]:
    who = actor()
    if not is_own(task, actor=actor()) or task.state not in (
        TaskState.IN_PROGRESS,
        TaskState.LONG_TERM,
    ):
        return []
    if wish is not None:
        found = _take_back("撤回长期整改申请", "withdraw_long_term", task, wish)
        if may(who, Permission.LONG_TERM_APPROVE):
            found.append(_link("审批长期整改", "decide_long_term", task, is_primary=True))
        return found
    if not may(who, Permission.LONG_TERM_REQUEST):
        return []
    label = "申请恢复限期整改" if task.state is TaskState.LONG_TERM else "申请转长期整改"
    return [_link(label, "ask_long_term", task)]


def _of_long_term_review(task: Task) -> list[Offer]:
    reviewed = is_looked_at_again(task.state, is_sustained=task.is_sustained)
    if (
        not reviewed
        or not may(actor(), Permission.LONG_TERM_REVIEW)
        or not is_own(task, actor=actor())
    ):
        return []
    return [_link("复查", "review_long_term", task)]


def _of_office(task: Task) -> list[Offer]:
    who = actor()
    if who.role not in OFFICE or not is_own(task, actor=actor()) or task.state not in OPEN_STATES:
        return []
    found = []
    if _may_correct(task):
        found.append(_link("更正时限", "correct_due", task))
    if may(who, Permission.TASK_ISSUE):
        found.append(_link("共同责任单位", "co_responsible", task))
    return found


def _may_correct(task: Task) -> bool:
    granted = granted_to(actor())
    early = task.state in (TaskState.DRAFT, TaskState.ISSUED) or task.is_due_doubtful
    return may(actor(), Permission.EXTENSION_APPROVE) or (
        early and Permission.TASK_ISSUE in granted
    )
