"""共同责任单位 of a task: the lead unit answers, they help and see it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Unit
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import Task, TaskUnit
from tracker.rectification.rules.words import FINAL_STATES


def set_co_units(
    session: Session, task: Task, unit_ids: Collection[int], *, actor: Actor, now: datetime
) -> None:
    """Say which units answer together with the lead unit; only units of its region."""
    if not may(actor, Permission.TASK_ISSUE):
        raise DomainError("共同责任单位由巡察办经办人确定。")
    ensure_conducts(actor, task.region_id)
    if task.state in FINAL_STATES:
        raise DomainError(f"任务现在是“{task.state.label}”，不能再调整责任单位。")
    wanted = set(unit_ids) - {task.lead_unit_id}
    regions = {task.region_id, task.lead_unit.region_id}
    known = select(Unit.id).where(Unit.id.in_(wanted), Unit.region_id.in_(regions))
    if set(session.scalars(known)) != wanted:
        raise DomainError("请从名单中的单位选择。")
    before = {link.unit_id for link in task.co_units}
    task.co_units = [link for link in task.co_units if link.unit_id in wanted]
    task.co_units += [TaskUnit(unit_id=unit_id) for unit_id in sorted(wanted - before)]
    touch(task, actor=actor, now=now)
    record(
        session,
        "co_units_set",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"before": sorted(before), "after": sorted(wanted)},
    )
