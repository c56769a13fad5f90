"""填报表 that went out: made for one unit, and kept as a copy to compare with what comes back."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.copies import new_token, packed
from tracker.ledger.fill_in_sheet import fill_in_workbook, row_of
from tracker.ledger.models import LedgerCopy
from tracker.ledger.rules import CopyKind
from tracker.organizations.models import Unit
from tracker.rectification import monthly_queries
from tracker.rectification.models import Task, TaskDuty
from tracker.rectification.paging import FAR
from tracker.rectification.rules.monthly import month_of

MOST_TASKS = 2_000


def send_fill_in(
    session: Session, unit: Unit, round_id: int | None, *, actor: Actor, now: datetime
) -> bytes:
    """Return the workbook of a unit's tasks that are worked on, of one round or of all, and keep
    what it says. DomainError when there is none."""
    tasks = list(_tasks(session, unit.id, round_id, actor))
    if not tasks:
        raise DomainError("没有正在整改的任务，不需要填报表。整改方案通过后再下载。")
    month, token = month_of(local_date(now)), new_token()
    last = monthly_queries.last_reports(session, [task.id for task in tasks])
    rows = [row_of(task, last.get(task.id), token=token) for task in tasks]
    copy = LedgerCopy(
        region_id=tasks[0].region_id,
        round_id=round_id,
        unit_id=unit.id,
        kind=CopyKind.FILL_IN,
        token=token,
        taken_at=now,
        taken_by=actor.label,
        cells=packed({row.key: row.as_sent() for row in rows}),
    )
    session.add(copy)
    session.flush()  # the audit entry names the id
    record(
        session,
        "fill_in_downloaded",
        actor=actor,
        now=now,
        object_type="unit",
        object_id=unit.id,
        detail={"rows": len(rows), "month": month.strftime("%Y-%m")},
    )
    who = {"name": unit.name, "code": unit.code}
    return fill_in_workbook(rows, unit=who, month=month, now=now)


def _tasks(session: Session, unit_id: int, round_id: int | None, actor: Actor) -> Iterator[Task]:
    """Give every page of the tasks, by due date."""
    after, count = None, 0
    while count < MOST_TASKS:
        chosen = monthly_queries.Chosen(round_id=round_id, after=after)
        found = monthly_queries.tasks_to_fill(session, unit_id, chosen, actor=actor)
        page = found[: monthly_queries.MAX_ROWS]
        _load_owners(session, page)
        yield from page
        if len(found) == len(page):
            return
        count += len(page)
        after = (page[-1].due_on or FAR, page[-1].id)


def _load_owners(session: Session, tasks: list[Task]) -> None:
    """Load who answers for the tasks, in one go."""
    owners = selectinload(Task.duties).joinedload(TaskDuty.person)
    session.scalars(
        select(Task).where(Task.id.in_([task.id for task in tasks])).options(owners)
    ).all()
