"""Rows that the demonstration lacks, put beside it for the walk through every route."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.letters import make_letter, make_records
from tests.rectification.office import PDF
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.handover.models import Advice, ClueGrant
from tracker.handover.queries.clues import DETAIL_ON
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor, Role
from tracker.kernel.settings import put_setting, region_scope
from tracker.letters.rules.letters import LetterState
from tracker.people.models import User
from tracker.people.service import actor_of
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.rectification.service.documents import Written, begin_document
from tracker.rectification.service.proving import Statement
from tracker.rounds.models import Inspection, Milestone
from tracker.rounds.service import edit_milestone


def furnish(session: Session, folder: Path, *, now: datetime) -> dict[str, int]:
    """Add a letter with its reply, a talk, a decision, an advice, a report, a milestone's document;
    open clues' detail to an office."""
    clerk, lead, leader, liaison = (
        _first(session, role)
        for role in (Role.OFFICE_CLERK, Role.OFFICE_LEAD, Role.LEADER, Role.UNIT_LIAISON)
    )
    region_id = clerk.region_id or 0
    cast = Cast(
        units={"a": liaison.unit_id or 0},
        _actors={"clerk": actor_of(clerk), "lead": actor_of(lead)},
    )
    letter = make_letter(session, cast, folder, now=now, state=LetterState.REPLIED)
    talk, decision = make_records(session, cast, now=now)
    stamps: dict[str, Any] = born(actor=TESTER, now=now)
    advice = Advice(
        region_id=region_id,
        addressee="市财政局",
        text="完善办法",
        issued_on=date(2026, 10, 1),
        **stamps,
    )
    session.add(advice)
    put_setting(session, DETAIL_ON, "1", by="tests", now=now, scope=region_scope(region_id))
    session.add_all(
        ClueGrant(
            user_id=user.id,
            region_id=region_id,
            from_on=date(2026, 1, 1),
            to_on=date(2027, 12, 31),
            reason="测试",
            granted_by="tests",
            **stamps,
        )
        for user in (clerk, lead, leader)
    )
    session.flush()  # the ids are wanted
    document = _document(session, FileStorage(folder), actor_of(liaison), now=now)
    registered = _registered(session, FileStorage(folder), actor_of(clerk), now=now)
    return {
        "accountabilities": decision.id,
        "advices": advice.id,
        "document_id": document.id,
        "document_versions": document.versions[0].id,
        "interviews": talk.id,
        "letter_replies": letter.replies[0].id,
        "letters": letter.id,
        "milestone_events": registered.events[0].id,
        "milestones": registered.id,
    }


def _document(
    session: Session, storage: FileStorage, liaison: Actor, *, now: datetime
) -> UnitDocument:
    """A report of the liaison's unit, not handed in yet."""
    task = session.scalars(
        select(Task).where(
            Task.lead_unit_id == liaison.unit_id, Task.state == TaskState.IN_PROGRESS
        )
    ).first()
    assert task is not None
    said = Statement(title="报告", document_on=date(2026, 10, 1), is_confirmed_not_secret=True)
    return begin_document(
        session,
        task.feedback,
        task.lead_unit,
        DocumentKind.PROGRESS_REPORT,
        Written(said=said, file=_file(storage, liaison, now)),
        actor=liaison,
        now=now,
    )


def _registered(
    session: Session, storage: FileStorage, clerk: Actor, *, now: datetime
) -> Milestone:
    """A milestone of the clerk's office that is done and has its document."""
    query = (
        select(Milestone)
        .join(Milestone.inspection)
        .where(Inspection.conducting_region_id == clerk.region_id, Milestone.done_on.is_(None))
    )
    row = session.scalars(query.order_by(Milestone.id).limit(1)).one()
    return edit_milestone(
        session,
        row,
        due_on=row.due_on,
        done_on=date(2026, 11, 1),
        exempt_reason=None,
        file=_file(storage, clerk, now),
        actor=clerk,
        now=now,
    )


def _file(storage: FileStorage, actor: Actor, now: datetime) -> StoredFile:
    return storage.store(io.BytesIO(PDF), "材料.pdf", actor=actor, now=now)


def _first(session: Session, role: Role) -> User:
    query = select(User).where(User.role == role).order_by(User.id).limit(1)
    return session.scalars(query).one()
