"""Take one step on the path: check, change the state, write the history. Nothing else does."""

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor, Permission, Role, granted_to, loan_for, may
from tracker.organizations.rules import OfficeMode
from tracker.organizations.scope import UNIT, ensure_conducts
from tracker.rectification.models import DueChange, Task, TaskTransition
from tracker.rectification.rules.transitions import Verb, move, permissions_of, verbs_from
from tracker.rectification.rules.words import DueChangeKind, TaskKind, TaskState
from tracker.rectification.service.lapsing import lapse_requests
from tracker.rounds.rules import Switches, in_simple_mode

ALL_STEPS = Switches()
SIMPLE_STEPS = in_simple_mode(ALL_STEPS)
UNIT_VERBS = frozenset(
    {
        Verb.ADD,
        Verb.MERGE,
        Verb.ACKNOWLEDGE,
        Verb.SUBMIT_PLAN,
        Verb.SIGN_PLAN,
        Verb.SIGN_PLAN_SCAN,
        Verb.WITHDRAW_PLAN,
        Verb.REQUEST_CLOSURE,
        Verb.SIGN_CLOSURE,
        Verb.SIGN_CLOSURE_SCAN,
        Verb.RETURN_BY_HEAD,
        Verb.WITHDRAW_CLOSURE,
    }
)


def switches_of(task: Task) -> Switches:
    """Return the switches of the task's round; a task from above walks its office's whole path."""
    if task.round is not None:
        return task.round.switches
    return SIMPLE_STEPS if task.region.mode is OfficeMode.SIMPLE else ALL_STEPS


def take_step(
    session: Session,
    task: Task,
    verb: Verb,
    *,
    actor: Actor,
    now: datetime,
    occurred_on: date | None = None,
    reason: str | None = None,
) -> TaskTransition:
    """Move a task. Raises DomainError when path, role or reason do not allow it.

    The row is changed by a conditional UPDATE, so of two people who press at once one wins and
    the other is told.
    """
    if verb is Verb.IMPORT_CLOSED:
        raise DomainError("已销号的历史任务只能通过台账导入登记。")
    before = task.state
    after = ensure_possible(task, verb, actor=actor, reason=reason)
    _claim(session, task, before)
    task.state = after
    touch(task, actor=actor, now=now)
    lapse_requests(session, task, actor=actor, now=now)
    return note_step(
        session, task, verb, before, actor=actor, now=now, occurred_on=occurred_on, reason=reason
    )


def note_step(
    session: Session,
    task: Task,
    verb: Verb,
    before: TaskState,
    *,
    actor: Actor,
    now: datetime,
    occurred_on: date | None = None,
    reason: str | None = None,
) -> TaskTransition:
    """Write the history of a step that was just taken; on its own only for tasks still unsaved,
    which nobody else can press at."""
    after = task.state
    transition = TaskTransition(
        task=task,
        from_state=before,
        to_state=after,
        verb=verb.value,
        occurred_on=occurred_on or local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
        on_behalf_of=on_behalf_of(task, actor) if verb in UNIT_VERBS else None,
        lent_by=lent_by(actor, *permissions_of(verb)),
        reason=reason,
    )
    session.add(transition)
    record(
        session,
        f"task_{verb.value}",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"task_no": task.task_no, "from": before.value, "to": after.value},
    )
    return transition


def ensure_possible(
    task: Task, verb: Verb, *, actor: Actor, reason: str | None = None
) -> TaskState:
    """Return where the step would lead. Raises DomainError when it cannot be taken now."""
    ensure_may(task, verb, actor=actor)
    is_immediate = task.kind is TaskKind.IMMEDIATE
    return move(task.state, verb, switches_of(task), is_immediate=is_immediate, reason=reason)


def _claim(session: Session, task: Task, state: object) -> None:
    with session.no_autoflush:
        claimed = session.execute(
            update(Task)
            .where(Task.id == task.id, Task.state == state)
            .values(state=state)
            .execution_options(synchronize_session=False)
        )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise DomainError("这项任务刚被别人办理过。请刷新页面，查看最新情况。")


def ensure_may(task: Task, verb: Verb, *, actor: Actor) -> None:
    """Refuse a verb that the role lacks, or a task that is another office's or unit's."""
    if not any(may(actor, permission) for permission in permissions_of(verb)):
        raise DomainError(f"您的角色不能“{verb.label}”。")
    ensure_own(task, actor=actor)


def ensure_own(task: Task, *, actor: Actor) -> None:
    """Refuse a task of another unit or another office; a co-responsible unit only reads."""
    if actor.role not in UNIT:
        ensure_conducts(actor, task.region_id)
    elif actor.unit_id != task.lead_unit_id:
        raise NotVisibleError


def available(task: Task, *, actor: Actor) -> tuple[Verb, ...]:
    """Return what this person may do to the task now, in the order of the path."""

    def allowed(verb: Verb) -> bool:
        try:
            ensure_may(task, verb, actor=actor)
        except DomainError:
            return False
        return True

    is_immediate = task.kind is TaskKind.IMMEDIATE
    possible = verbs_from(task.state, switches_of(task), is_immediate=is_immediate)
    return tuple(verb for verb in possible if allowed(verb))


def on_behalf_of(task: Task, actor: Actor) -> str | None:
    """Return the unit when an office's clerk does the unit's step (代录), else None."""
    if actor.role in (Role.OFFICE_CLERK, Role.OFFICE_LEAD):
        return task.lead_unit.name
    return None


def lent_by(actor: Actor, *permissions: Permission) -> str | None:
    """Return whose powers the actor uses for any of these; None when the own role is enough."""
    if any(permission in granted_to(actor) for permission in permissions):
        return None
    loans = (loan_for(actor, permission) for permission in permissions)
    return next((loan.lender for loan in loans if loan), None)


def change_due(
    session: Session,
    task: Task,
    kind: DueChangeKind,
    new_due: date | None,
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    lent: str | None = None,
) -> DueChange:
    """Set a due date and keep why. The first one fixes `original_due`, nothing else ever does."""
    change = DueChange(
        task_id=task.id,
        kind=kind,
        old_due=task.due_on,
        new_due=new_due,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        lent_by=lent,
        reason=reason,
    )
    task.due_on = new_due
    if kind is DueChangeKind.FIXED:
        task.original_due = new_due
    session.add(change)
    return change
