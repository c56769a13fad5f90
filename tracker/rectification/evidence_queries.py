"""佐证材料 as people see it: pieces with their versions, what counts, where else a file is used."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, aliased, joinedload

from tracker.files.models import FileCheck, StoredFile
from tracker.files.rules import FileFault
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import Evidence, Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState

MAX_USES = 200


@dataclass(frozen=True)
class Piece:
    """One piece of evidence: its newest version, and those before it, newest first."""

    newest: Evidence
    older: tuple[Evidence, ...] = ()
    also_used_by: tuple[Task, ...] = ()
    fault: FileFault | None = None

    @property
    def counts(self) -> bool:
        """Whether it is evidence: a piece whose newest version is withdrawn is none at all."""
        return self.newest.withdrawn_at is None


def counts_as_evidence() -> ColumnElement[bool]:
    """Return the condition under which a row counts: the newest of its line, and not withdrawn."""
    newer = aliased(Evidence)
    is_replaced = select(newer.id).where(newer.replaces_id == Evidence.id).correlate(Evidence)
    return and_(Evidence.withdrawn_at.is_(None), ~is_replaced.exists())


def evidence_that_counts(session: Session, task: Task) -> list[Evidence]:
    """Return the evidence of a task that counts, oldest first."""
    query = select(Evidence).where(Evidence.task_id == task.id, counts_as_evidence())
    return list(session.scalars(query.order_by(Evidence.id).options(joinedload(Evidence.file))))


def pieces_of(session: Session, task: Task, *, actor: Actor) -> list[Piece]:
    """Return all pieces of a task, withdrawn ones too, each with what there is to know of it."""
    query = (
        select(Evidence, FileCheck.fault)
        .outerjoin(FileCheck, FileCheck.file_id == Evidence.file_id)
        .where(Evidence.task_id == task.id)
        .options(joinedload(Evidence.file))
        .order_by(Evidence.id)
    )
    rows = [(evidence, fault) for evidence, fault in session.execute(query)]
    faults = {evidence.id: fault for evidence, fault in rows}
    lines = lines_of([evidence for evidence, _ in rows])
    digests = {line[0].file.sha256 for line in lines if line[0].withdrawn_at is None}
    uses = other_uses(session, digests, besides=task, actor=actor)
    return [
        Piece(
            newest,
            tuple(older),
            tuple(uses.get(newest.file.sha256, ())) if newest.withdrawn_at is None else (),
            faults[newest.id],
        )
        for newest, *older in lines
    ]


def pieces_that_count(session: Session, task: Task, *, actor: Actor) -> list[Piece]:
    """Return the pieces that a closing rests on."""
    return [piece for piece in pieces_of(session, task, actor=actor) if piece.counts]


def lines_of(rows: Iterable[Evidence]) -> list[list[Evidence]]:
    """Sort rows, oldest first, into lines of versions, each newest first; oldest line first."""
    lines: dict[int, list[Evidence]] = {}
    for row in rows:
        line = lines.pop(row.replaces_id, []) if row.replaces_id else []
        lines[row.id] = [row, *line]
    return sorted(lines.values(), key=lambda line: line[-1].id)


def other_uses(
    session: Session, digests: Iterable[str], *, besides: Task, actor: Actor
) -> dict[str, list[Task]]:
    """Return, by digest, the other tasks that files with the same bytes are evidence of.

    Only those the actor may see, so a unit learns nothing of another's; voided tasks left out.
    """
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    query = (
        select(StoredFile.sha256, Task)
        .join(Evidence, Evidence.file_id == StoredFile.id)
        .join(Task, Task.id == Evidence.task_id)
        .where(StoredFile.sha256.in_(wanted), counts_as_evidence(), visible_tasks(actor))
        .where(Task.id != besides.id, Task.state != TaskState.VOID)
        .options(joinedload(Task.lead_unit))
        .order_by(Task.id)
        .limit(MAX_USES)
    )
    found: dict[str, dict[int, Task]] = {}
    for digest, task in session.execute(query):
        found.setdefault(digest, {})[task.id] = task
    return {digest: list(tasks.values()) for digest, tasks in found.items()}


def get_evidence(session: Session, evidence_id: int, *, actor: Actor) -> Evidence:
    """Return evidence of a task the actor may see, in whatever version."""
    query = (
        select(Evidence)
        .join(Evidence.task)
        .where(Evidence.id == evidence_id, visible_tasks(actor))
        .options(joinedload(Evidence.file), joinedload(Evidence.task).joinedload(Task.lead_unit))
    )
    evidence = session.scalar(query)
    if evidence is None:
        raise NotVisibleError
    return evidence


def newer_version(session: Session, evidence: Evidence) -> Evidence | None:
    """Return what replaces a version, or None when it is the newest."""
    return session.scalar(select(Evidence).where(Evidence.replaces_id == evidence.id))
