"""申请延期 and 更正时限: the two ways a due date moves while a task is open, never mixed up."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import Extension, Task
from tracker.rectification.rules.guards import check_extension, check_not_asker
from tracker.rectification.rules.words import (
    OPEN_STATES,
    DueChangeKind,
    ExtensionState,
    TaskState,
)
from tracker.rectification.service.lapsing import take_back, waiting_extension
from tracker.rectification.service.plan_rows import touch_plan
from tracker.rectification.service.signing import (
    Signature,
    person_of,
    signature_by,
    signature_by_scan,
)
from tracker.rectification.service.steps import (
    change_due,
    ensure_own,
    lent_by,
    on_behalf_of,
    switches_of,
)

# While the unit works or its closing request is being read. Before that dates are proposed or
# corrected, afterwards there is none to extend.
EXTENDABLE = frozenset({TaskState.IN_PROGRESS, TaskState.UNIT_CHECK, TaskState.OFFICE_REVIEW})
PAST_PLANNING = EXTENDABLE | {TaskState.LONG_TERM}


def granted_extensions(session: Session, task: Task) -> int:
    """Return how many extensions a task has been granted."""
    query = select(func.count(Extension.id)).where(
        Extension.task_id == task.id, Extension.state == ExtensionState.GRANTED
    )
    return session.scalar(query) or 0


def extensions_of(session: Session, task: Task) -> list[Extension]:
    """Return every application of a task, oldest first."""
    query = select(Extension).where(Extension.task_id == task.id).order_by(Extension.id)
    return list(session.scalars(query))


def is_extendable(task: Task) -> bool:
    """Return whether more time can be asked for, and granted, as the task stands."""
    return task.state in EXTENDABLE and task.due_on is not None


def ask_extension(
    session: Session, task: Task, new_due: date | None, reason: str, *, actor: Actor, now: datetime
) -> Extension:
    """申请延期 before the due date; a second one waits until the first is decided."""
    _ensure_own(task, actor, Permission.EXTENSION_REQUEST)
    if not is_extendable(task) or task.due_on is None:
        raise DomainError("方案通过后、销号之前，有时限的任务才能申请延期。")
    if waiting_extension(session, task) is not None:
        raise DomainError("已有一份延期申请正在办理，请等待结果。")
    if new_due is None:
        raise DomainError("请填写申请延至的日期。")
    today = local_date(now)
    check_extension(
        old_due=task.due_on,
        new_due=new_due,
        today=today,
        reason=reason,
        granted=granted_extensions(session, task),
        maximum=switches_of(task).max_extensions,
        is_late_allowed=switches_of(task).late_extension,
    )
    extension = Extension(
        task_id=task.id,
        state=ExtensionState.ASKED if switches_of(task).sign_off else ExtensionState.SIGNED,
        old_due=task.due_on,
        new_due=new_due,
        reason=reason.strip(),
        asked_on=today,
        asked_by=actor.label,
        asker_user_id=actor.user_id,
        on_behalf_of=on_behalf_of(task, actor),
        **born(actor=actor, now=now),
    )
    session.add(extension)
    touch(task, actor=actor, now=now)  # of two applications at once, the second is stale
    _audit(session, "extension_asked", task, extension, actor=actor, now=now)
    return extension


def sign_extension(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """The first responsible person, or a deputy, signs the application; it goes to the office."""
    _ensure_own(task, actor, Permission.TASK_SIGN)
    extension = _under_way(session, task, ExtensionState.ASKED)
    signature = signature_by(
        session,
        actor,
        Permission.TASK_SIGN,
        switches_of(task),
        submitter_user_id=extension.asker_user_id,
    )
    _sign(session, task, extension, signature, actor=actor, now=now)


def sign_extension_by_scan(
    session: Session, task: Task, file: StoredFile, *, actor: Actor, now: datetime
) -> None:
    """上传签字扫描件: the head has signed the application on paper."""
    _ensure_own(task, actor, Permission.TASK_REPORT)
    extension = _under_way(session, task, ExtensionState.ASKED)
    signature = signature_by_scan(file, switches_of(task))
    _sign(session, task, extension, signature, actor=actor, now=now)


def _sign(
    session: Session,
    task: Task,
    extension: Extension,
    signature: Signature,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    extension.state = ExtensionState.SIGNED
    extension.signed_on, extension.signed_by = local_date(now), actor.label
    extension.signer_user_id, extension.sign_lent_by = actor.user_id, signature.lent_by
    extension.sign_way, extension.sign_file = signature.way, signature.file
    touch(extension, actor=actor, now=now)
    _audit(session, "extension_signed", task, extension, actor=actor, now=now)


def return_extension(
    session: Session, task: Task, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The first responsible person does not sign: it ends here, with a reason."""
    _ensure_own(task, actor, Permission.TASK_SIGN)
    extension = _under_way(session, task, ExtensionState.ASKED)
    if not reason.strip():
        raise DomainError("不同意延期必须写明理由。")
    lent = lent_by(actor, Permission.TASK_SIGN)
    _decide(extension, ExtensionState.REFUSED, reason, lent=lent, actor=actor, now=now)
    _audit(session, "extension_returned", task, extension, actor=actor, now=now)


def withdraw_extension(session: Session, task: Task, *, actor: Actor, now: datetime) -> None:
    """撤回延期申请 until the office has decided."""
    _ensure_own(task, actor, Permission.EXTENSION_REQUEST)
    take_back(session, task, waiting_extension(session, task), actor=actor, now=now)


def decide_extension(
    session: Session, task: Task, *, grant: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """The office's lead grants exactly the date that was asked for, or refuses with a reason."""
    if not may(actor, Permission.EXTENSION_APPROVE):
        raise DomainError("延期由巡察办主任（或其授权的代理人）审批。")
    ensure_conducts(actor, task.region_id)
    extension = _under_way(session, task, ExtensionState.SIGNED)
    if not grant and not reason.strip():
        raise DomainError("不批准延期必须写明理由。")
    check_not_asker(actor.person_id, _hands_in(session, extension))
    if grant:
        _check_still_grantable(session, task, extension)
    outcome = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    lent = lent_by(actor, Permission.EXTENSION_APPROVE)
    _decide(extension, outcome, reason, lent=lent, actor=actor, now=now)
    if grant:
        change = change_due(
            session,
            task,
            DueChangeKind.EXTENSION,
            extension.new_due,
            actor=actor,
            now=now,
            reason=extension.reason,
            lent=lent,
        )
        change.extension_id = extension.id
        touch(task, actor=actor, now=now)
    _audit(session, f"extension_{extension.state.value}", task, extension, actor=actor, now=now)


def _hands_in(session: Session, extension: Extension) -> set[int]:
    users = (extension.asker_user_id, extension.signer_user_id)
    return {person for user in users if (person := person_of(session, user)) is not None}


def _check_still_grantable(session: Session, task: Task, extension: Extension) -> None:
    """Refuse what would shorten the time, or be one too many, by what has happened since."""
    if not is_extendable(task) or task.due_on != extension.old_due:
        raise DomainError("申请之后任务的状态或时限有了变化，不能再批准。请不批准并写明理由。")
    if remaining_extensions(session, task) < 1:
        maximum = switches_of(task).max_extensions
        raise DomainError(f"延期最多 {maximum} 次，已经用完。请不批准并写明理由。")


def correct_due(
    session: Session, task: Task, new_due: date | None, reason: str, *, actor: Actor, now: datetime
) -> None:
    """更正时限: a date that was wrong. By the clerk before 签收, later by the lead; always a reason.

    A task past its planning that never had a date (时限待确认) is given its original one.
    """
    ensure_may_correct(task, actor=actor)
    if new_due is None or not reason.strip():
        raise DomainError("请填写正确的时限，并写明更正理由。")
    is_first = task.original_due is None and task.state in PAST_PLANNING
    change_due(
        session,
        task,
        DueChangeKind.FIXED if is_first else DueChangeKind.CORRECTION,
        new_due,
        actor=actor,
        now=now,
        reason=reason.strip(),
        lent=lent_by(actor, Permission.EXTENSION_APPROVE, Permission.TASK_ISSUE),
    )
    task.is_due_doubtful = False
    touch(task, actor=actor, now=now)
    touch_plan(session, task, actor=actor, now=now)
    record(
        session,
        "due_corrected",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"new_due": new_due.isoformat()},
    )


def ensure_may_correct(task: Task, *, actor: Actor) -> None:
    """Refuse a correction that is another office's, too late for the clerk, or of a closed task."""
    ensure_conducts(actor, task.region_id)
    early = task.state in (TaskState.DRAFT, TaskState.ISSUED) or task.is_due_doubtful
    allowed = Permission.TASK_ISSUE if early else Permission.EXTENSION_APPROVE
    if not (may(actor, allowed) or may(actor, Permission.EXTENSION_APPROVE)):
        raise DomainError("签收后更正时限由巡察办主任办理。")
    if task.state not in OPEN_STATES:
        raise DomainError(f"任务现在是“{task.state.label}”，不能更正时限。")


def why_not_correct_due(task: Task, *, actor: Actor) -> str | None:
    """Return why this person may not correct a task's due date now, or None."""
    try:
        ensure_may_correct(task, actor=actor)
    except DomainError as error:
        return str(error)
    return None


def remaining_extensions(session: Session, task: Task) -> int:
    """Return how many extensions may still be granted."""
    return max(0, switches_of(task).max_extensions - granted_extensions(session, task))


def _decide(
    extension: Extension,
    outcome: ExtensionState,
    reason: str,
    *,
    lent: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    extension.state = outcome
    extension.decided_on, extension.decided_by = local_date(now), actor.label
    extension.decision_lent_by = lent
    extension.decision_reason = reason.strip() or None
    touch(extension, actor=actor, now=now)


def _under_way(session: Session, task: Task, state: ExtensionState) -> Extension:
    extension = waiting_extension(session, task)
    if extension is None or extension.state is not state:
        raise DomainError(f"没有“{state.label}”的延期申请。请刷新页面。")
    return extension


def _ensure_own(task: Task, actor: Actor, permission: Permission) -> None:
    if not may(actor, permission):
        raise DomainError("您的角色不能办理延期申请。")
    ensure_own(task, actor=actor)


def _audit(
    session: Session, action: str, task: Task, extension: Extension, *, actor: Actor, now: datetime
) -> None:
    session.flush()  # the trail names the application by its id
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"extension": extension.id, "new_due": extension.new_due.isoformat()},
    )
