"""进展: what a unit reports while it works."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import ProgressReport, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.steps import ensure_may, on_behalf_of

WORKING = frozenset({TaskState.IN_PROGRESS, TaskState.LONG_TERM})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One report. Results are running totals; `recovered_wan` is in 万元. A measure keeps the day
    on which it was first said to be done, until it is taken back in so many words."""

    text: str
    completion: CompletionClass
    is_no_change: bool = False
    unfinished_reason: str = ""
    next_step: str = ""
    done_measures: frozenset[int] = frozenset()
    undone_measures: frozenset[int] = frozenset()
    rules_made: int = 0
    orgs_held: int = 0
    persons_held: int = 0
    recovered_wan: Decimal = Decimal(0)
    done_on: date | None = None
    no_evidence_reason: str = ""


def report_progress(
    session: Session, task: Task, progress: Progress, *, actor: Actor, now: datetime
) -> ProgressReport:
    """Keep a progress report and mark measures done. The clerk may write for the unit (代录)."""
    ensure_may(task, Verb.REQUEST_CLOSURE, actor=actor)
    if task.state not in WORKING:
        raise DomainError(f"任务现在是“{task.state.label}”，不能填报进展。请刷新页面。")
    if not progress.is_no_change and not progress.text.strip():
        raise DomainError("请填写整改进展；没有变化请勾选“无变化”。")
    today = local_date(now)
    report = ProgressReport(
        task=task,
        reported_on=today,
        text=progress.text.strip() or "无变化",
        completion=progress.completion,
        is_no_change=progress.is_no_change,
        unfinished_reason=progress.unfinished_reason or None,
        next_step=progress.next_step or None,
        rules_made=progress.rules_made,
        orgs_held=progress.orgs_held,
        persons_held=progress.persons_held,
        recovered_wan=progress.recovered_wan,
        done_on=progress.done_on,
        no_evidence_reason=progress.no_evidence_reason or None,
        undone_measures=_take_back(task, progress) or None,
        on_behalf_of=on_behalf_of(task, actor),
        reporter_user_id=actor.user_id,
        **born(actor=actor, now=now),
    )
    session.add(report)
    task.completion, task.last_progress_on = progress.completion, today
    for measure in task.measures:
        if measure.id in progress.done_measures:
            measure.done_on = measure.done_on or today
    touch(task, actor=actor, now=now)
    record(
        session,
        "progress_reported",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"completion": progress.completion.value},
    )
    return report


def _take_back(task: Task, progress: Progress) -> str:
    """取消完成: clear the days of the measures named, and return their numbers as the report's words."""
    if progress.undone_measures & progress.done_measures:
        raise DomainError("同一条整改措施不能既完成又取消完成，请核对。")
    taken = [m for m in task.measures if m.done_on and m.id in progress.undone_measures]
    for measure in taken:
        measure.done_on = None
    return "、".join(str(measure.seq) for measure in taken)
