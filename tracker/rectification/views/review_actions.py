"""What the task page offers besides the path: recommend, co-sign, confirm, watch, comment, print."""

from flask import url_for

from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import conducts_row
from tracker.rectification.models import Task
from tracker.rectification.rules.words import OPEN_STATES, CompletionClass, TaskState
from tracker.rectification.views.actions import Offer
from tracker.web.access import actor

P = Permission


def review_offers(task: Task) -> list[Offer]:
    """Return what this person may say about the task now."""
    who = actor()
    found = _of_review(task, who)
    if conducts_row(who, task.region_id):
        found += _of_confirmation(task, who) + _of_watch(task, who)
    if may(who, P.TASK_COMMENT):
        found.append(_link("发表意见", "comment", task))
    if task.state is TaskState.CLOSED:
        found.append(_link("销号审批表", "certificate", task))
    return found


def _link(label: str, endpoint: str, task: Task, *, is_primary: bool = False) -> Offer:
    return Offer(label, url_for(f"rectification.{endpoint}", task_id=task.id), is_primary)


def _of_review(task: Task, who: Actor) -> list[Offer]:
    if task.state is not TaskState.OFFICE_REVIEW:
        return []
    if may(who, P.TASK_COSIGN):
        return [_link("会签", "cosign_closure", task, is_primary=True)]
    if may(who, P.TASK_RECOMMEND) and conducts_row(who, task.region_id):
        return [_link("建议销号", "recommend_closure", task, is_primary=True)]
    return []


def _of_confirmation(task: Task, who: Actor) -> list[Offer]:
    if not may(who, P.TASK_CONFIRM) or task.state not in OPEN_STATES:
        return []
    if task.confirmed_completion is CompletionClass.MOSTLY:
        return [_link("收回确认", "take_back_confirmation", task)]
    if task.completion is CompletionClass.MOSTLY and task.confirmed_completion is None:
        return [_link("确认基本完成", "confirm_completion", task)]
    return []


def _of_watch(task: Task, who: Actor) -> list[Offer]:
    if not may(who, P.TASK_WATCH):
        return []
    found = []
    if task.state in OPEN_STATES - {TaskState.DRAFT}:
        found.append(_link("调整督办" if task.watch_level else "挂牌督办", "watch_task", task))
    if task.watch_level:
        found.append(_link("解除督办", "lift_watch", task))
    return found
