"""佐证材料: added, revised, withdrawn. Nothing is ever deleted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.rectification.evidence_queries import newer_version
from tracker.rectification.models import Evidence, Task
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.service.steps import ensure_may, on_behalf_of
from tracker.rectification.service.working import WORKING


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What somebody says of a file when handing it in. `document_on`: the day it is about."""

    title: str
    document_on: date | None
    is_confirmed_not_secret: bool


def ensure_may_add_evidence(task: Task, *, actor: Actor) -> None:
    """Refuse evidence for another unit's task, or for one that is not being worked on."""
    ensure_may(task, Verb.REQUEST_CLOSURE, actor=actor)
    if task.state not in WORKING:
        raise DomainError(
            f"任务现在是“{task.state.label}”，不能再上传材料。需要补充时请先撤回申请。"
        )


def may_hand_in(task: Task, *, actor: Actor) -> bool:
    """Return whether the actor may add, revise and withdraw evidence of a task as it stands."""
    if not may(actor, Permission.EVIDENCE_UPLOAD):
        return False
    try:
        ensure_may_add_evidence(task, actor=actor)
    except DomainError:
        return False
    return True


def check_statement(said: Statement, *, today: date) -> None:
    """Refuse a file about which the compulsory things are not said."""
    if not said.is_confirmed_not_secret:
        raise DomainError("请先确认材料不涉密，再上传。涉密材料不得录入本系统。")
    if said.document_on is None or said.document_on > today:
        raise DomainError("请填写材料日期，且不能晚于今天。")


def add_evidence(
    session: Session,
    task: Task,
    file: StoredFile,
    said: Statement,
    *,
    actor: Actor,
    now: datetime,
    originals: list[str] | None = None,
) -> Evidence:
    """Attach a stored file. `originals`: the digests of the photos it was made of."""
    ensure_may_add_evidence(task, actor=actor)
    evidence = _new(task, file, said, actor=actor, now=now)
    session.add(evidence)
    session.flush()  # the trail names it
    more: dict[str, Any] = {"originals": originals} if originals else {}
    _note(session, "evidence_added", evidence, actor=actor, now=now, **more)
    return evidence


def ensure_may_revise(session: Session, evidence: Evidence, *, actor: Actor) -> None:
    """Refuse a revision of what is no longer the newest, or was withdrawn."""
    ensure_may_add_evidence(evidence.task, actor=actor)
    if evidence.withdrawn_at is not None:
        raise DomainError("这份材料已经撤下，不能再修订。请作为新材料上传。")
    if newer_version(session, evidence) is not None:
        raise DomainError("这份材料已有更新的版本。请返回任务，对最新版本进行修订。")


def revise_evidence(
    session: Session,
    evidence: Evidence,
    file: StoredFile,
    said: Statement,
    *,
    actor: Actor,
    now: datetime,
) -> Evidence:
    """修订: a new version takes the place of this one, which stays readable and no longer counts."""
    ensure_may_revise(session, evidence, actor=actor)
    if file.sha256 == evidence.file.sha256:
        raise DomainError("选择的文件与现在的版本完全相同，不需要修订。请核对后重新选择。")
    revision = _new(evidence.task, file, said, actor=actor, now=now)
    revision.title = said.title.strip() or evidence.title
    revision.replaces_id = evidence.id
    session.add(revision)
    touch(evidence, actor=actor, now=now)  # two people revising at once: the second is stale
    session.flush()  # the trail names the new version
    _note(session, "evidence_revised", revision, actor=actor, now=now, replaces=evidence.id)
    return revision


def withdraw_evidence(
    session: Session, evidence: Evidence, reason: str, *, actor: Actor, now: datetime
) -> None:
    """撤下 a piece of evidence: it stays readable in the history, it no longer counts.

    Nothing touches a withdrawn row any more, so `updated_by` says who withdrew it.
    """
    ensure_may(evidence.task, Verb.REQUEST_CLOSURE, actor=actor)
    if evidence.task.state not in WORKING:
        raise DomainError("申请销号后不能撤下材料，请先撤回申请。")
    if evidence.withdrawn_at is not None:
        raise DomainError("这份材料已经撤下，不需要再次办理。")
    if newer_version(session, evidence) is not None:
        raise DomainError("这份材料已有更新的版本。要撤下请对最新版本办理。")
    if not reason.strip():
        raise DomainError("请写明撤下材料的理由。")
    evidence.withdrawn_at, evidence.withdrawn_reason = now, reason.strip()
    touch(evidence, actor=actor, now=now)
    _note(session, "evidence_withdrawn", evidence, actor=actor, now=now, reason=reason.strip())


def _new(task: Task, file: StoredFile, said: Statement, *, actor: Actor, now: datetime) -> Evidence:
    check_statement(said, today=local_date(now))
    return Evidence(
        task=task,
        file=file,
        title=said.title.strip() or file.original_name,
        document_on=said.document_on,
        is_confirmed_not_secret=True,
        uploader_user_id=actor.user_id,
        on_behalf_of=on_behalf_of(task, actor),
        **born(actor=actor, now=now),
    )


def _note(
    session: Session, action: str, evidence: Evidence, *, actor: Actor, now: datetime, **more: Any
) -> None:
    file = evidence.file
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="task",
        object_id=evidence.task_id,
        detail={
            "evidence": evidence.id,
            "sha256": file.sha256,
            "size": file.size_bytes,
            "name": file.original_name,
            **more,
        },
    )
