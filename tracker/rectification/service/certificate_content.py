"""What a closing's form prints, read from the rows as they are now; all of it as texts."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.clock import local
from tracker.kernel.formats import without_sign_in_name
from tracker.rectification.evidence_queries import evidence_that_counts
from tracker.rectification.models import (
    DueChange,
    Evidence,
    Extension,
    Measure,
    ProgressReport,
    Review,
    SignOff,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.certificate import Content, Lines
from tracker.rectification.rules.words import CONFIRMATIONS, DutyRole, ReviewOutcome

SIGNERS = frozenset({"actor", "asked_by", "signed_by", "decided_by", "lent_by"})


def content_of(session: Session, task: Task, closing: TaskTransition) -> Content:
    """Return what the form of a closing prints, from the rows as they are now."""
    review = _rows(session, Review, task, Review.outcome == ReviewOutcome.CLOSED)[-1:]
    return Content(
        facts={
            "number": number_of(task),
            "unit": task.lead_unit.name,
            "round": task.round.name if task.round else "",
            "feedback": f"{task.feedback.title}（{_text(task.feedback.fed_back_on)}）",
            "task_no": task.task_no,
            "issue_no": task.issue.issue_no,
            "issue": task.issue.text,
            "goal": _text(task.goal),
            "kind": task.kind.label,
            "lead_leader": _names(task, DutyRole.LEAD_LEADER),
            "lead_dept": _text(task.lead_dept),
            "support_depts": _text(task.support_depts),
            "owners": _names(task, DutyRole.OWNER),
            "original_due": _text(task.original_due),
            "due_on": _text(task.due_on),
            "done_on": _text(task.done_on),
            "closed_on": _text(task.closed_on),
            "outcome": _outcome(task),
            "decided_by": without_sign_in_name(closing.actor),
            "lent_by": without_sign_in_name(closing.lent_by or ""),
            "opinion": _text(review[0].reason if review else closing.reason),
        },
        lines={
            "measures": _lines(_measures(session, task), "text", "due_on", "done_on"),
            "progress": [_report(each) for each in _rows(session, ProgressReport, task)],
            "evidence": [_evidence(each) for each in evidence_that_counts(session, task)],
            "due_changes": _lines(
                _rows(session, DueChange, task),
                *("occurred_on", "kind", "old_due", "new_due", "actor", "reason"),
            ),
            "extensions": _lines(
                _rows(session, Extension, task),
                *("asked_on", "asked_by", "new_due", "reason"),
                *("signed_by", "state", "decided_on", "decided_by"),
            ),
            "sign_offs": _lines(
                _rows(session, SignOff, task),
                *("signed_at", "signed_by", "way", "lent_by", "pledge"),
            ),
            "reviews": [
                _said(each)
                for each in _rows(session, Review, task, Review.outcome.not_in(CONFIRMATIONS))
            ],
        },
    )


def _outcome(task: Task) -> str:
    if task.is_historic:
        return "历史导入（已销号）"
    return "已销号（长期坚持）" if task.is_sustained else "已销号"


def _names(task: Task, role: DutyRole) -> str:
    """Return who answered for the task on the day it closed."""
    day = task.closed_on or date.max
    return "、".join(
        duty.person.name
        for duty in task.duties
        if duty.role is role and duty.from_on <= day and (duty.to_on is None or duty.to_on > day)
    )


def _rows(session: Session, model: Any, task: Task, *narrowed: Any) -> list[Any]:
    query = select(model).where(model.task_id == task.id, *narrowed).order_by(model.id)
    return list(session.scalars(query))


def _measures(session: Session, task: Task) -> list[Measure]:
    query = select(Measure).where(Measure.task_id == task.id).order_by(Measure.seq)
    return list(session.scalars(query))


def _lines(rows: Iterable[Any], *names: str) -> Lines:
    return [{name: _cell(name, getattr(row, name)) for name in names} for row in rows]


def _cell(name: str, value: Any) -> str:
    return without_sign_in_name(_text(value)) if name in SIGNERS else _text(value)


def _report(report: ProgressReport) -> dict[str, str]:
    return {
        "reported_on": _text(report.reported_on),
        "completion": report.completion.label,
        "text": report.text,
        "results": (
            f"制度 {report.rules_made} 项，问责党组织 {report.orgs_held} 个、"
            f"{report.persons_held} 人次，挽回损失 {report.recovered_wan.normalize():f} 万元"
        ),
        "no_evidence_reason": _text(report.no_evidence_reason),
        "reporter": without_sign_in_name(report.created_by)
        + (f"（代{report.on_behalf_of}录入）" if report.on_behalf_of else ""),
    }


def _evidence(item: Evidence) -> dict[str, str]:
    return {
        "title": item.title,
        "document_on": _text(item.document_on),
        "name": item.file.original_name,
        "size": str(item.file.size_bytes),
        "sha256": item.file.sha256,
    }


def _said(review: Review) -> dict[str, str]:
    return {
        "reviewed_on": _text(review.reviewed_on),
        "outcome": review.outcome.label,
        "reviewer": without_sign_in_name(review.reviewer),
        "reason": _text(review.reason),
        "supplement": _text(review.required_supplement),
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%Y-%m-%d %H:%M:%S")
    return str(getattr(value, "label", value))


def number_of(task: Task) -> str:
    """Return a form's number: the task's, and which closing of it this is."""
    return f"XH-{task.task_no}-{task.reopen_count + 1}"
