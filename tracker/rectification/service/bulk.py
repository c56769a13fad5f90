"""批量办理: the same services as one by one, each task for itself; what is refused is told."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tracker.audit.service import record, savepoint
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError, rule_of
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Task
from tracker.rectification.queries import task_parts, visible_tasks
from tracker.rectification.rules.bulk import BulkVerb, BulkWish, check_chosen, check_wish, offered
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import CompletionClass, TaskState
from tracker.rectification.service.closing import close_task, return_closure
from tracker.rectification.service.confirming import confirm_completion
from tracker.rectification.service.extending import correct_due, ensure_may_correct
from tracker.rectification.service.issuing import acknowledge, issue_task
from tracker.rectification.service.reviewing import cosign_closure, recommend_closure
from tracker.rectification.service.side_steps import skip_step
from tracker.rectification.service.steps import ensure_possible, take_step

V = BulkVerb
ELSEWHERE = "这项任务由其他单位办理。"
AT_ONCE = "这项任务刚被别人办理过。"
CHANGED = "这项任务在您核对后有变化，没有办理。请重新核对。"


@dataclass(frozen=True)
class Line:
    """One chosen task; `refusal` says why it is (or would be) skipped, `rule` which rule said so."""

    task: Task
    refusal: str | None = None
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the chosen tasks; `missing` ids do not exist, or not for this person."""

    done: list[Line] = field(default_factory=list)
    skipped: list[Line] = field(default_factory=list)
    missing: int = 0


def foresee(
    session: Session, verb: BulkVerb, task_ids: Collection[int], *, actor: Actor
) -> Outcome:
    """Return what would be done and what skipped, as far as states and roles tell already."""
    check_chosen(task_ids)
    _ensure_offered(verb, actor)
    tasks = _visible(session, task_ids, actor=actor)
    lines = [_tried(task, partial(_check, task, verb, actor)) for task in tasks]
    return _outcome(lines, task_ids)


def do_bulk(
    session: Session,
    wish: BulkWish,
    seen: Mapping[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> Outcome:
    """Do it to each task in a savepoint of its own: one refusal undoes that task alone.

    `seen` tells, by task id, the row version that was looked through; what changed is skipped.
    """
    check_chosen(seen)
    _ensure_offered(wish.verb, actor)
    check_wish(wish)
    lines = [
        _tried(task, partial(_do_one, session, task, wish, seen, actor=actor, now=now))
        for task in _visible(session, seen, actor=actor)
    ]
    outcome = _outcome(lines, seen)
    _read_again(session, outcome.skipped)
    _note_refused(session, wish.verb, lines, seen, actor=actor, now=now)
    record(
        session,
        "bulk_work",
        actor=actor,
        now=now,
        detail={
            "verb": wish.verb.value,
            "done": len(outcome.done),
            "skipped": len(outcome.skipped),
            "missing": outcome.missing,
        },
    )
    return outcome


def _do_one(
    session: Session,
    task: Task,
    wish: BulkWish,
    seen: Mapping[int, int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    check_version(task, seen[task.id], "这项任务")
    with savepoint(session):
        _do(session, task, wish, actor=actor, now=now)


def _ensure_offered(verb: BulkVerb, actor: Actor) -> None:
    if verb not in offered(actor):
        raise DomainError(f"您的角色不能“{verb.label}”。")


def _visible(session: Session, task_ids: Collection[int], *, actor: Actor) -> list[Task]:
    """Return the chosen tasks that the actor sees, always in the same order: no deadlocks."""
    query = select(Task).where(Task.id.in_(set(task_ids)), visible_tasks(actor))
    return list(session.scalars(query.options(*task_parts()).order_by(Task.id)))


def _read_again(session: Session, skipped: list[Line]) -> None:
    """Load what the savepoints undid, all at once, so that the page shows it as it is."""
    if skipped:
        ids = [key for line in skipped for key in inspect(line.task).identity or ()]
        query = select(Task).where(Task.id.in_(ids)).options(*task_parts())
        session.scalars(query.execution_options(populate_existing=True)).all()


def _outcome(lines: list[Line], task_ids: Collection[int]) -> Outcome:
    return Outcome(
        done=[line for line in lines if line.refusal is None],
        skipped=[line for line in lines if line.refusal is not None],
        missing=len(set(task_ids)) - len(lines),
    )


def _tried(task: Task, do: Callable[[], object]) -> Line:
    try:
        do()
    except NotVisibleError as error:
        return Line(task, ELSEWHERE, rule_of(error))
    except StaleDataError:
        return Line(task, AT_ONCE, "stale")
    except StaleVersionError as error:
        return Line(task, CHANGED, rule_of(error))
    except DomainError as error:
        return Line(task, str(error), rule_of(error))
    return Line(task)


def _note_refused(
    session: Session,
    verb: BulkVerb,
    lines: list[Line],
    task_ids: Collection[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Each task that a rule, or who may see it, kept from the work is a refusal of its own."""
    refused = {
        line.task.id: ("step_refused", {"rule": line.rule, "sentence": line.refusal})
        for line in lines
        if line.refusal is not None
    }
    hidden = set(task_ids) - {line.task.id for line in lines}
    refused |= {task_id: ("row_not_visible", {}) for task_id in hidden}
    for task_id, (action, said) in sorted(refused.items()):
        record(
            session,
            action,
            actor=actor,
            now=now,
            object_type="task",
            object_id=task_id,
            result="refused",
            detail={"verb": verb.value, **said},
        )


STEPS = {
    V.ISSUE: Verb.ISSUE,
    V.ACKNOWLEDGE: Verb.ACKNOWLEDGE,
    V.CLOSE: Verb.CLOSE,
    V.RETURN: Verb.RETURN_CLOSURE,
    V.SKIP: Verb.SKIP,
    V.VOID: Verb.VOID,
}


def _check(task: Task, verb: BulkVerb, actor: Actor) -> None:
    """Refuse what can be told before anything is written; the services decide in the end."""
    if verb in STEPS:
        ensure_possible(task, STEPS[verb], actor=actor, reason="—")
    elif verb is V.CORRECT_DUE:
        ensure_may_correct(task, actor=actor)
    elif verb is V.CONFIRM and task.completion is not CompletionClass.MOSTLY:
        raise DomainError("单位没有报告“基本完成”。")
    elif verb in (V.RECOMMEND, V.COSIGN) and task.state is not TaskState.OFFICE_REVIEW:
        raise DomainError(f"任务现在是“{task.state.label}”，不能{verb.label}。")


def _do(session: Session, task: Task, wish: BulkWish, *, actor: Actor, now: datetime) -> None:
    who: dict[str, Any] = {"actor": actor, "now": now}
    note = wish.note.strip()
    doing: dict[BulkVerb, Callable[[], object]] = {
        V.ISSUE: lambda: issue_task(session, task, wish.day, **who),
        V.ACKNOWLEDGE: lambda: acknowledge(session, task, **who),
        V.RECOMMEND: lambda: recommend_closure(session, task, note, **who),
        V.COSIGN: lambda: cosign_closure(session, task, agrees=True, opinion=note, **who),
        V.CLOSE: lambda: close_task(
            session,
            task,
            opinion=note,
            is_sustained=wish.is_sustained,
            next_review_on=wish.next_review_on,
            **who,
        ),
        V.RETURN: lambda: return_closure(session, task, note, wish.supplement, **who),
        V.CONFIRM: lambda: confirm_completion(session, task, note, **who),
        V.CORRECT_DUE: lambda: _correct(session, task, wish, **who),
        V.SKIP: lambda: skip_step(session, task, **who),
        V.VOID: lambda: take_step(session, task, Verb.VOID, reason=note, **who),
    }
    doing[wish.verb]()


def _correct(session: Session, task: Task, wish: BulkWish, *, actor: Actor, now: datetime) -> None:
    ensure_may_correct(task, actor=actor)
    if task.due_on == wish.day and not task.is_due_doubtful:
        raise DomainError(f"整改时限已经是 {wish.day}，不需要更正。")
    correct_due(session, task, wish.day, wish.note, actor=actor, now=now)
