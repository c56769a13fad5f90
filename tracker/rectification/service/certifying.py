"""整改销号审批表: kept when a task closes, and held against rows and files whenever asked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from tracker.audit.models import AuditEntry
from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.rectification.models import (
    ClosureCertificate,
    Evidence,
    Extension,
    SignOff,
    Task,
    TaskTransition,
)
from tracker.rectification.rules.certificate import (
    Difference,
    PrintedFile,
    canonical,
    code_of,
    differences,
    printed_files,
    read_canonical,
)
from tracker.rectification.rules.words import TaskState
from tracker.rectification.service.certificate_content import content_of, number_of

CERTIFIED = "closure_certified"
Locate = Callable[[StoredFile], Path]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check of a certificate found. `superseded_on`: the task was reopened since."""

    differences: list[Difference]
    files: int
    superseded_on: date | None = None

    @property
    def is_same(self) -> bool:
        """Whether everything is as it was printed."""
        return not self.differences


def certify(session: Session, task: Task, *, actor: Actor, now: datetime) -> ClosureCertificate:
    """Keep what the newest closing of a task prints; the same row however often it is asked."""
    session.flush()  # the closing's own rows are read back
    closing = closing_of(session, task)
    if closing is None:
        raise DomainError("任务销号后才有审批表。")
    kept = session.scalar(
        select(ClosureCertificate).where(ClosureCertificate.transition_id == closing.id)
    )
    if kept is not None:
        return kept
    text = canonical(content_of(session, task, closing))
    made = ClosureCertificate(
        task_id=task.id,
        transition_id=closing.id,
        number=number_of(task),
        code=code_of(text),
        content=text,
        made_at=now,
        made_by=actor.label,
    )
    session.add(made)
    record(
        session,
        CERTIFIED,
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"code": made.code},
    )
    return made


def closing_of(session: Session, task: Task) -> TaskTransition | None:
    """Return the step that closed a task; None while it is not closed."""
    if task.state is not TaskState.CLOSED:
        return None
    query = select(TaskTransition).where(
        TaskTransition.task_id == task.id, TaskTransition.to_state == TaskState.CLOSED
    )
    return session.scalar(query.order_by(TaskTransition.id.desc()).limit(1))


def certificates_of(session: Session, task: Task) -> list[ClosureCertificate]:
    """Return a task's certificates, newest first; one a closing."""
    query = select(ClosureCertificate).where(ClosureCertificate.task_id == task.id)
    return list(session.scalars(query.order_by(ClosureCertificate.id.desc())))


def newest_certificate(session: Session, task: Task) -> ClosureCertificate:
    """Return the certificate of the newest closing that is kept; DomainError when none is."""
    kept = certificates_of(session, task)
    if not kept:
        raise DomainError("这项任务还没有登记审批表。销号时自动登记；历史销号的请巡察办先登记。")
    return kept[0]


def verify(session: Session, certificate: ClosureCertificate, locate: Locate) -> Verdict:
    """Hold a certificate against the rows as they are and against the bytes of every file.

    Once the task has been reopened its rows have moved on by right: then the kept text, the trail
    and the files are held against the code, and the reader is told.
    """
    task, reopened_on = certificate.task, _reopened_on(session, certificate)
    kept = read_canonical(certificate.content)
    found = _seals(session, certificate)
    if reopened_on is None:
        found += differences(kept, content_of(session, task, certificate.transition))
    files = printed_files(kept)
    found += _files(session, task, files, locate)
    return Verdict(differences=found, files=len(files), superseded_on=reopened_on)


def _seals(session: Session, certificate: ClosureCertificate) -> list[Difference]:
    found, code = [], code_of(certificate.content)
    if code != certificate.code:
        found.append(Difference(what="登记的审批表内容", then=certificate.code, now=code))
    trail = select(AuditEntry.id).where(
        AuditEntry.action == CERTIFIED,
        AuditEntry.object_type == "task",
        AuditEntry.object_id == certificate.task_id,
        AuditEntry.detail.contains(certificate.code, autoescape=True),
    )
    if session.scalar(trail.limit(1)) is None:
        found.append(Difference(what="审计记录", then=certificate.code, now="（无此验证码）"))
    return found


def _reopened_on(session: Session, certificate: ClosureCertificate) -> date | None:
    query = select(TaskTransition.occurred_on).where(
        TaskTransition.task_id == certificate.task_id,
        TaskTransition.id > certificate.transition_id,
    )
    return session.scalar(query.order_by(TaskTransition.id).limit(1))


def _files(
    session: Session, task: Task, printed: list[PrintedFile], locate: Locate
) -> list[Difference]:
    stored, found = _stored_of(session, task), []
    for each in printed:
        digests = [
            digest_of(locate(file))
            for file in stored
            if each.sha256 == file.sha256 or each.name == file.original_name
        ]
        if each.sha256 not in digests:
            now = next((digest for digest in digests if digest), "（文件不存在）")
            found.append(Difference(what=each.where, then=each.sha256, now=now))
    return found


def _stored_of(session: Session, task: Task) -> list[StoredFile]:
    """Return every file a form of the task may name: evidence in any version, signed scans."""
    named_by = (
        select(Evidence.file_id).where(Evidence.task_id == task.id),
        select(SignOff.file_id).where(SignOff.task_id == task.id),
        select(Extension.sign_file_id).where(Extension.task_id == task.id),
    )
    query = select(StoredFile).where(or_(*(StoredFile.id.in_(each) for each in named_by)))
    return list(session.scalars(query.order_by(StoredFile.id)))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes on disk, empty when there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
