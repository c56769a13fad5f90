"""第N次方案: the plan runs once as a whole, and again for what is issued later (补充方案)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.errors import DomainError
from tracker.rectification.models import DocumentEvent, Task, TaskTransition, UnitDocument
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import DocumentEventKind, TaskState

PASSING = (Verb.PASS_PLAN, Verb.SIGN_PLAN, Verb.SIGN_PLAN_SCAN, Verb.SUBMIT_PLAN)


@dataclass(frozen=True)
class RunEvent:
    """One event of a plan, in which run it fell, and which tasks it passed."""

    event: DocumentEvent
    run: int
    passed: tuple[str, ...]


def run_under_way(plan: UnitDocument) -> int:
    """Return the number of the run that is under way, or that would begin next; from 1."""
    return 1 + sum(event.kind is DocumentEventKind.PASSED for event in plan.events)


def run_word(run: int) -> str:
    """Return what a run is called: the first is the plan, each later one a supplement."""
    return f"第{run}次方案（补充方案）" if run > 1 else "第1次方案"


def run_reason(plan: UnitDocument) -> str | None:
    """Return what a task's history says of a run that is not the first."""
    run = run_under_way(plan)
    return run_word(run) if run > 1 else None


def runs_of(session: Session, plan: UnitDocument) -> list[RunEvent]:
    """Return a plan's events in order, each with its run; a pass names its tasks."""
    found: list[RunEvent] = []
    run = 1
    for event in plan.events:
        is_pass = event.kind is DocumentEventKind.PASSED
        passed = tuple(_passed_at(session, plan, event)) if is_pass else ()
        found.append(RunEvent(event, run, passed))
        run += is_pass
    return found


def _passed_at(session: Session, plan: UnitDocument, event: DocumentEvent) -> Sequence[str]:
    """Return the numbers of the tasks that started in the very moment of a pass."""
    query = (
        select(Task.task_no)
        .join(TaskTransition, TaskTransition.task_id == Task.id)
        .where(
            Task.feedback_id == plan.feedback_id,
            Task.lead_unit_id == plan.unit_id,
            TaskTransition.to_state == TaskState.IN_PROGRESS,
            TaskTransition.verb.in_([verb.value for verb in PASSING]),
            TaskTransition.recorded_at == event.recorded_at,
        )
        .order_by(Task.task_no)
    )
    return session.scalars(query).all()


def ensure_whole(tasks: Sequence[Task]) -> None:
    """Refuse to hand in a plan while some of its tasks wait to be acknowledged, or are reviewed."""
    issued = sum(task.state is TaskState.ISSUED for task in tasks)
    if issued:
        raise DomainError(f"还有{issued}项任务未签收，请先签收，写入方案后一并报送。")
    if any(task.state is TaskState.PLAN_REVIEW for task in tasks):
        raise DomainError("上一次报送的方案还在巡察办审核。请等审核结束后，再报送补充方案。")
