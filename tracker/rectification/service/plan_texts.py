"""第N次提交: the plan's text is kept at each submission, and signed as it was kept."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import DomainError
from tracker.rectification.models import (
    DocumentEvent,
    Measure,
    PlanSubmission,
    Task,
    UnitDocument,
)
from tracker.rectification.rules.certificate import code_of
from tracker.rectification.rules.plan_text import PlanText, canonical
from tracker.rectification.rules.words import DocumentEventKind, DutyRole
from tracker.rectification.service.planning import names_of


def text_of(plan: UnitDocument, tasks: Iterable[Task]) -> PlanText:
    """Return what the plan says about these tasks now."""
    return PlanText(
        unit=plan.unit.name,
        feedback=plan.feedback.title,
        items={task.task_no: _item(task) for task in tasks},
    )


def _item(task: Task) -> dict[str, str]:
    return {
        "issue": f"{task.issue.issue_no} {task.issue.text}",
        "goal": task.goal or "",
        "measures": "\n".join(_measure(each) for each in task.measures),
        "lead_leader": names_of(task, DutyRole.LEAD_LEADER),
        "owners": names_of(task, DutyRole.OWNER),
        "lead_dept": task.lead_dept or "",
        "support_depts": task.support_depts or "",
        "due_on": _day(task.due_on),
        "long_term": "是" if task.is_long_term else "否",
    }


def _measure(measure: Measure) -> str:
    due = f"（{_day(measure.due_on)}前）" if measure.due_on else ""
    return f"{measure.seq}. {measure.text}{due}"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def submissions_of(session: Session, plan: UnitDocument) -> list[PlanSubmission]:
    """Return the kept texts of a plan, oldest first."""
    query = select(PlanSubmission).where(PlanSubmission.document_id == plan.id)
    return list(session.scalars(query.order_by(PlanSubmission.number)))


def keep_submission(
    session: Session, plan: UnitDocument, event: DocumentEvent, tasks: list[Task], *, now: datetime
) -> PlanSubmission:
    """Keep the text that an event submits. The event has its id already."""
    content = canonical(text_of(plan, tasks))
    kept = PlanSubmission(
        document_id=plan.id,
        event_id=event.id,
        number=len(submissions_of(session, plan)) + 1,
        kept_at=now,
        content=content,
        sha256=code_of(content),
    )
    session.add(kept)
    return kept


def submission_to_sign(
    session: Session, plan: UnitDocument, tasks: list[Task], *, now: datetime
) -> PlanSubmission:
    """Return the text that waits for the signature. Refused when the plan says otherwise by now.

    A plan that was submitted before texts were kept is kept now.
    """
    event = plan.events[-1]
    query = select(PlanSubmission).where(PlanSubmission.event_id == event.id)
    kept = session.scalar(query)
    if kept is None:
        return keep_submission(session, plan, event, tasks, now=now)
    if kept.sha256 != code_of(canonical(text_of(plan, tasks))):
        raise DomainError(
            f"方案内容与第{kept.number}次提交时不同（如任务、时限或责任人有变动）。"
            "请退回联络员，核对后重新提交。"
        )
    return kept


def compared_with(
    plan: UnitDocument, kept: PlanSubmission, others: Iterable[PlanSubmission]
) -> PlanSubmission | None:
    """Return the submission before this one in the same run; None for the first of a run."""
    passes = [
        event.id
        for event in plan.events
        if event.kind is DocumentEventKind.PASSED and event.id < kept.event_id
    ]
    start = max(passes, default=0)
    before = [each for each in others if start < each.event_id < kept.event_id]
    return before[-1] if before else None
