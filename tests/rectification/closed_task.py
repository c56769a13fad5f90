"""A closed task with everything its form prints, and what somebody with the database could do."""

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database, born
from tracker.people.models import Person
from tracker.rectification.models import (
    ClosureCertificate,
    DueChange,
    Evidence,
    Extension,
    Measure,
    ProgressReport,
    SignOff,
    Task,
    TaskDuty,
    TaskUnit,
)
from tracker.rectification.queries import get_task
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    DutyRole,
    ExtensionState,
    SignatureWay,
    TaskState,
)
from tracker.rectification.service.certifying import certificates_of, verify
from tracker.rectification.service.closing import close_task
from tracker.rectification.service.reviewing import cosign_closure, recommend_closure

DONE = date(2026, 11, 12)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
GUARDED = ("task_transitions", "due_changes", "reviews", "closure_certificates", "sign_offs")
NAMES = ("办法.pdf", "延期签字.pdf", "销号签字.pdf")


@dataclass
class Closed:
    """The task, its certificate, and where its three files lie: evidence and two signed scans."""

    task_id: int
    certificate_id: int
    storage: FileStorage
    path: Path
    scans: tuple[Path, Path]


def make_closed(
    session: Session, people: Cast, clock: ManualClock, work: Work, storage: FileStorage
) -> Closed:
    task = work.task(
        session,
        people,
        state=TaskState.OFFICE_REVIEW,
        done_on=DONE,
        due_on=date(2026, 12, 20),
        lead_dept="办公室",
        support_depts="财务科",
        now=clock.now(),
    )
    issue = task.issue
    issue.cat_l1, issue.cat_l2 = "党的领导", "责任落实"
    issue.detail, issue.cause = "三次会议没有记录", "制度不健全"
    task.co_units.append(TaskUnit(unit_id=people.units["b"]))
    stored = [
        storage.store(io.BytesIO(PDF + mark), name, actor=TESTER, now=clock.now())
        for mark, name in zip((b"", b"%extension\n", b"%closing\n"), NAMES, strict=True)
    ]
    session.add_all(_everything(task, stored, people, clock))
    session.flush()  # the duties are read from the database
    session.refresh(task)
    recommend_closure(session, task, "建议同意", actor=people.actor("clerk"), now=clock.now())
    cosigner = people.actor("supervisor")
    cosign_closure(session, task, agrees=True, opinion="同意", actor=cosigner, now=clock.now())
    close_task(session, task, actor=people.actor("lead"), now=clock.now(), opinion="予以销号")
    session.flush()  # the certificate's id
    path, *scans = [storage.path(each) for each in stored]
    certificate = certificates_of(session, task)[0]
    return Closed(task.id, certificate.id, storage, path, (scans[0], scans[1]))


def _everything(
    task: Task, stored: list[StoredFile], people: Cast, clock: ManualClock
) -> list[Any]:
    stamps: dict[str, Any] = born(actor=people.actor("liaison_a"), now=clock.now())
    persons = [
        Person(region_id=people.regions["city"], name=name, **stamps) for name in ("方一鸣", "柳青")
    ]
    roles = (DutyRole.LEAD_LEADER, DutyRole.OWNER)
    return [
        *(
            TaskDuty(task_id=task.id, role=role, person=person, from_on=date(2026, 9, 2), **stamps)
            for role, person in zip(roles, persons, strict=True)
        ),
        Measure(task=task, seq=2, text="开展自查", due_on=DONE, done_on=DONE, **stamps),
        ProgressReport(
            task=task,
            reported_on=DONE,
            text="已全部完成",
            completion=CompletionClass.DONE,
            rules_made=1,
            recovered_wan=Decimal("12.5"),
            no_evidence_reason="另有纸质材料",
            done_on=DONE,
            unfinished_reason="曾缺经费",
            next_step="长期坚持",
            **stamps,
        ),
        Evidence(
            task=task,
            file=stored[0],
            title="审批办法",
            document_on=DONE,
            is_confirmed_not_secret=True,
            **stamps,
        ),
        DueChange(
            task_id=task.id,
            kind=DueChangeKind.EXTENSION,
            old_due=date(2026, 12, 1),
            new_due=date(2026, 12, 20),
            occurred_on=DONE,
            recorded_at=clock.now(),
            actor="主任（lead）",
            reason="会商",
        ),
        Extension(
            task_id=task.id,
            state=ExtensionState.GRANTED,
            old_due=date(2026, 12, 1),
            new_due=date(2026, 12, 20),
            reason="会商",
            asked_on=date(2026, 11, 10),
            asked_by="联络员（liaison_a）",
            signed_on=date(2026, 11, 10),
            signed_by="局长（head_a）",
            sign_way=SignatureWay.SCAN,
            sign_file=stored[1],
            decided_on=date(2026, 11, 11),
            decided_by="主任（lead）",
            decision_reason="情况属实",
            **stamps,
        ),
        SignOff(
            task_id=task.id,
            way=SignatureWay.SCAN,
            file=stored[2],
            pledge="真实",
            signed_at=clock.now(),
            signed_by="局长（head_a）",
        ),
    ]


def loaded(session: Session, closed: Closed) -> ClosureCertificate:
    session.expire_all()
    get_task(session, closed.task_id, actor=TESTER)
    return session.get_one(ClosureCertificate, closed.certificate_id)


def found(session: Session, closed: Closed) -> set[str]:
    verdict = verify(session, loaded(session, closed), closed.storage.path)
    assert verdict.is_same is not bool(verdict.differences)
    return {each.what for each in verdict.differences}


def take_guards_off(session: Session, database: Database) -> None:
    """What somebody with the database in hand can do."""
    for table in GUARDED:
        for verb in ("update", "delete"):
            suffix = "" if database.is_sqlite else f" ON {table}"
            session.execute(text(f"DROP TRIGGER keep_{table}_{verb}{suffix}"))
