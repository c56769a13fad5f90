"""Evidence that came beside a 填报表: which task each file is meant for, and handing it in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.models import FillInFile, FillInReturn
from tracker.rectification import monthly_queries
from tracker.rectification.models import Evidence, Task
from tracker.rectification.service import proving

GOES_ON = re.compile(r"[0-9A-Za-z]|[-－—.][0-9]")


@dataclass(frozen=True)
class Handed:
    """What somebody says of the files: which task each is for, and the day of each."""

    tasks: Mapping[int, int]
    days: Mapping[int, date | None]
    is_confirmed_not_secret: bool


def task_of(path: str, tasks: Iterable[Task]) -> Task | None:
    """Return the task that a path names: a folder or the file begins with 问题编号 or 任务编号.

    The longest number counts; None when nothing fits, or several tasks do.
    """
    best: dict[int, list[Task]] = {}
    parts = path.split("/")
    for task in tasks:
        numbers = {task.issue.issue_no, task.task_no}
        fits = [len(n) for n in numbers if n and any(_begins(part, n) for part in parts)]
        if fits:
            best.setdefault(max(fits), []).append(task)
    found = best[max(best)] if best else []
    return found[0] if len(found) == 1 else None


def _begins(part: str, number: str) -> bool:
    return part.startswith(number) and GOES_ON.match(part[len(number) :]) is None


def tasks_of(session: Session, found: FillInReturn, *, actor: Actor) -> list[Task]:
    """Return the tasks that files may be given to: those the unit works on."""
    chosen = monthly_queries.Chosen()
    return monthly_queries.tasks_to_fill(session, found.unit_id, chosen, actor=actor)


def hand_in(
    session: Session, found: FillInReturn, handed: Handed, *, actor: Actor, now: datetime
) -> int:
    """Hand in the files that were given to a task, as evidence like any other; return how many.

    A file that the task has already is passed over.
    """
    files = {each.id: each for each in found.files if each.file is not None}
    wanted = {number: task for number, task in handed.tasks.items() if number in files}
    tasks = {
        task.id: task
        for task in monthly_queries.tasks_sent(
            session, found.unit_id, set(wanted.values()), actor=actor
        )
    }
    there = _there(session, list(tasks))
    for each in found.files:
        each.task_id = None  # what its name meant; from now on what it became evidence of
    count = 0
    for number, task_id in wanted.items():
        each, task = files[number], tasks.get(task_id)
        if task is None or each.file is None:
            raise DomainError(f"“{each.path}”选择的任务现在不能上传材料，请重新选择。")
        if (task_id, each.file.sha256) in there:
            continue
        _hand_in(session, task, each, each.file, handed, actor=actor, now=now)
        there.add((task_id, each.file.sha256))
        count += 1
    return count


def _hand_in(
    session: Session,
    task: Task,
    each: FillInFile,
    file: StoredFile,
    handed: Handed,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    title = file.original_name.rpartition(".")[0] or file.original_name
    said = proving.Statement(
        title=title[:200],
        document_on=handed.days.get(each.id),
        is_confirmed_not_secret=handed.is_confirmed_not_secret,
    )
    try:
        proving.add_evidence(session, task, file, said, actor=actor, now=now)
    except DomainError as error:
        raise DomainError(f"“{each.path}”：{error}") from error
    each.task_id = task.id


def _there(session: Session, task_ids: Sequence[int]) -> set[tuple[int, str]]:
    query = (
        select(Evidence.task_id, StoredFile.sha256)
        .join(Evidence.file)
        .where(Evidence.task_id.in_(task_ids), Evidence.withdrawn_at.is_(None))
    )
    return {(row.task_id, row.sha256) for row in session.execute(query)}
