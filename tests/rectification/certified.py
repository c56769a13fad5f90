"""A closed task with everything a 整改销号审批表 prints; fixtures, imported by name."""

import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
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


@dataclass
class Closed:
    """A closed task with everything a form prints, its certificate, and where its file lies."""

    task_id: int
    certificate_id: int
    storage: FileStorage
    path: Path


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def closed(database: Database, people: Cast, clock: ManualClock, work: Work, app: Flask) -> Closed:
    storage = FileStorage(app.extensions["tracker_config"].evidence_dir)
    with database.writing() as session:
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
        stored = storage.store(io.BytesIO(PDF), "办法.pdf", actor=TESTER, now=clock.now())
        session.add_all(_everything(task, stored, people, clock))
        session.flush()  # the duties are read from the database
        session.refresh(task)
        recommend_closure(session, task, "建议同意", actor=people.actor("clerk"), now=clock.now())
        cosign_closure(
            session,
            task,
            agrees=True,
            opinion="同意",
            actor=people.actor("supervisor"),
            now=clock.now(),
        )
        close_task(session, task, actor=people.actor("lead"), now=clock.now(), opinion="予以销号")
        session.commit()
        certificate = certificates_of(session, task)[0]
        return Closed(task.id, certificate.id, storage, storage.path(stored))


def _everything(task: Task, stored: StoredFile, people: Cast, clock: ManualClock) -> list[Any]:
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
            **stamps,
        ),
        Evidence(
            task=task,
            file=stored,
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
            signed_by="局长（head_a）",
            decided_on=date(2026, 11, 11),
            decided_by="主任（lead）",
            **stamps,
        ),
        SignOff(
            task_id=task.id,
            way=SignatureWay.ONLINE,
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
