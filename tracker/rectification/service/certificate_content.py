"""What a closing's form prints, read from the rows as they are now; all of it as texts."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.feedback.models import Issue
from tracker.kernel.formats import without_sign_in_name
from tracker.rectification.models import Review, Task, TaskTransition, TaskUnit
from tracker.rectification.rules.certificate import Content, Facts
from tracker.rectification.rules.words import DutyRole, ReviewOutcome, TaskState
from tracker.rectification.service.certificate_lines import lines_of, printed


def content_of(session: Session, task: Task, closing: TaskTransition) -> Content:
    """Return what the form of a closing prints, from the rows as they are now."""
    facts = _of_task(task) | _of_issue(task) | _of_closing(session, task, closing)
    return Content(facts=facts, lines=lines_of(session, task, closing))


def _of_task(task: Task) -> Facts:
    return {
        "number": number_of(task),
        "region": task.region.name,
        "unit": task.lead_unit.name,
        "co_units": _joined(link.unit.name for link in sorted(task.co_units, key=_unit_id)),
        "round": task.round.name if task.round else "",
        "feedback_code": task.feedback.code,
        "feedback": f"{task.feedback.title}（{printed(task.feedback.fed_back_on)}）",
        "task_no": task.task_no,
        "goal": printed(task.goal),
        "kind": task.kind.label,
        "lead_leader": _names(task, DutyRole.LEAD_LEADER),
        "lead_dept": printed(task.lead_dept),
        "support_depts": printed(task.support_depts),
        "owners": _names(task, DutyRole.OWNER),
        "original_due": printed(task.original_due),
        "due_on": printed(task.due_on),
        "done_on": printed(task.done_on),
    }


def _of_issue(task: Task) -> Facts:
    issue = task.issue
    return {
        "issue_no": issue.issue_no,
        "category": " / ".join(filter(None, (issue.cat_l1, issue.cat_l2))),
        "nature": _nature(issue),
        "issue": issue.text,
        "detail": printed(issue.detail),
        "cause": printed(issue.cause),
    }


def _of_closing(session: Session, task: Task, closing: TaskTransition) -> Facts:
    newest = (
        select(Review.reason)
        .where(Review.task_id == task.id, Review.outcome == ReviewOutcome.CLOSED)
        .order_by(Review.id.desc())
        .limit(1)
    )
    opinions = list(session.scalars(newest)) or [closing.reason]
    return {
        "closed_on": printed(task.closed_on),
        "confirmed": _confirmed(task),
        "outcome": _outcome(task),
        "decided_by": without_sign_in_name(closing.actor),
        "lent_by": without_sign_in_name(closing.lent_by or ""),
        "opinion": printed(opinions[0]),
    }


def _nature(issue: Issue) -> str:
    return issue.nature.label + ("，立行立改" if issue.is_immediate else "")


def _confirmed(task: Task) -> str:
    if task.confirmed_completion is None and task.confirmed_on is None:
        return ""
    return f"{printed(task.confirmed_completion)}（{printed(task.confirmed_on)}）"


def _outcome(task: Task) -> str:
    if task.state is not TaskState.CLOSED:
        return task.state.label
    if task.is_historic:
        return "历史导入（已销号）"
    return "已销号（长期坚持）" if task.is_sustained else "已销号"


def _names(task: Task, role: DutyRole) -> str:
    """Return who answered for the task on the day it closed."""
    day = task.closed_on or date.max
    return _joined(
        duty.person.name
        for duty in task.duties
        if duty.role is role and duty.from_on <= day and (duty.to_on is None or duty.to_on > day)
    )


def _unit_id(link: TaskUnit) -> int:
    return link.unit_id


def _joined(names: Iterable[str]) -> str:
    return "、".join(names)


def number_of(task: Task) -> str:
    """Return a form's number: the task's, and which closing of it this is."""
    return f"XH-{task.task_no}-{task.reopen_count + 1}"
