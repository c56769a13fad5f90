"""进展 and 佐证材料: what a unit reports while it works."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Evidence, ProgressReport, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.steps import ensure_may, on_behalf_of

WORKING = frozenset({TaskState.IN_PROGRESS, TaskState.LONG_TERM})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """One report. Results are running totals; `recovered_wan` is in 万元."""

    text: str
    completion: CompletionClass
    is_no_change: bool = False
    unfinished_reason: str = ""
    next_step: str = ""
    done_measures: frozenset[int] = frozenset()
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
        on_behalf_of=on_behalf_of(task, actor),
        reporter_user_id=actor.user_id,
        **born(actor=actor, now=now),
    )
    session.add(report)
    task.completion, task.last_progress_on = progress.completion, today
    _mark_measures(task, progress.done_measures, today)
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


def _mark_measures(task: Task, done: frozenset[int], today: date) -> None:
    for measure in task.measures:
        if measure.id in done:
            measure.done_on = measure.done_on or today
        else:
            measure.done_on = None


def ensure_may_add_evidence(task: Task, *, actor: Actor) -> None:
    """Refuse evidence for another unit's task, or for one that is not being worked on."""
    ensure_may(task, Verb.REQUEST_CLOSURE, actor=actor)
    if task.state not in WORKING:
        raise DomainError(
            f"任务现在是“{task.state.label}”，不能再上传材料。需要补充时请先撤回申请。"
        )


def add_evidence(
    session: Session,
    task: Task,
    file: StoredFile,
    *,
    title: str,
    document_on: date | None,
    is_confirmed_not_secret: bool,
    actor: Actor,
    now: datetime,
) -> Evidence:
    """Attach a stored file. Somebody has to confirm that it holds no state secret."""
    ensure_may_add_evidence(task, actor=actor)
    if not is_confirmed_not_secret:
        raise DomainError("请先确认材料不涉密，再上传。涉密材料不得录入本系统。")
    if document_on is None or document_on > local_date(now):
        raise DomainError("请填写材料日期，且不能晚于今天。")
    evidence = Evidence(
        task=task,
        file=file,
        title=title.strip() or file.original_name,
        document_on=document_on,
        is_confirmed_not_secret=True,
        uploader_user_id=actor.user_id,
        **born(actor=actor, now=now),
    )
    session.add(evidence)
    record(
        session,
        "evidence_added",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"sha256": file.sha256, "size": file.size_bytes},
    )
    return evidence


def withdraw_evidence(
    session: Session, evidence: Evidence, reason: str, *, actor: Actor, now: datetime
) -> None:
    """撤下 a piece of evidence: it stays readable in the history, it no longer counts."""
    ensure_may(evidence.task, Verb.REQUEST_CLOSURE, actor=actor)
    if evidence.task.state not in WORKING:
        raise DomainError("申请销号后不能撤下材料，请先撤回申请。")
    if evidence.withdrawn_at is not None:
        raise DomainError("这份材料已经撤下，不需要再次办理。")
    if not reason.strip():
        raise DomainError("请写明撤下材料的理由。")
    evidence.withdrawn_at, evidence.withdrawn_reason = now, reason.strip()
    touch(evidence, actor=actor, now=now)
    record(
        session,
        "evidence_withdrawn",
        actor=actor,
        now=now,
        object_type="task",
        object_id=evidence.task_id,
        detail={"evidence": evidence.id},
    )


def valid_evidence(session: Session, task: Task) -> list[Evidence]:
    """Return the evidence that counts, oldest first."""
    query = select(Evidence).where(Evidence.task_id == task.id, Evidence.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Evidence.id)))


def other_uses(session: Session, file: StoredFile, task: Task) -> int:
    """Return how many other tasks of the same unit use a file with the same bytes."""
    query = (
        select(func.count(func.distinct(Evidence.task_id)))
        .join(Evidence.file)
        .join(Evidence.task)
        .where(
            StoredFile.sha256 == file.sha256,
            Evidence.task_id != task.id,
            Task.lead_unit_id == task.lead_unit_id,
        )
    )
    return session.scalar(query) or 0
