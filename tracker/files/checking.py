"""Looks at stored bytes again and again, the longest unseen first, and remembers what it found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.files.models import FileCheck, StoredFile
from tracker.files.rules import FileFault

SHOWN_FAULTS = 500


@dataclass(frozen=True)
class Found:
    """What one look at one file has found."""

    file_id: int
    fault: FileFault | None


@dataclass(frozen=True)
class Summary:
    """How many files are stored, checked and at fault; when the longest unseen was checked."""

    stored: int
    checked: int
    at_fault: int
    oldest_check: datetime | None
    newest_check: datetime | None


def files_to_check(session: Session, *, before: datetime, size: int) -> list[StoredFile]:
    """Return files not looked at since an instant: those never seen first, then the longest ago."""
    query = (
        select(StoredFile)
        .outerjoin(FileCheck, FileCheck.file_id == StoredFile.id)
        .where(or_(FileCheck.file_id.is_(None), FileCheck.checked_at < before))
        .order_by(FileCheck.checked_at.is_not(None), FileCheck.checked_at, StoredFile.id)
        .limit(size)
    )
    return list(session.scalars(query))


def note_checks(session: Session, found: Iterable[Found], *, now: datetime) -> list[Found]:
    """Write down what was found; return only what was not known before: new faults, and repairs."""
    rows = {each.file_id: each for each in found}
    query = select(FileCheck).where(FileCheck.file_id.in_(rows))
    known = {check.file_id: check for check in session.scalars(query)}
    news = []
    for file_id, each in rows.items():
        check = known.get(file_id)
        if check is None:
            check = FileCheck(file_id=file_id, fault=None)
            session.add(check)
        if check.fault != each.fault:
            news.append(each)
            check.faulty_since = (check.faulty_since or now) if each.fault else None
        check.fault, check.checked_at = each.fault, now
    return news


def summary(session: Session) -> Summary:
    """Return where the checking stands."""
    stored = session.scalar(select(func.count(StoredFile.id))) or 0
    row = session.execute(
        select(
            func.count(FileCheck.file_id),
            func.count(FileCheck.fault),
            func.min(FileCheck.checked_at),
            func.max(FileCheck.checked_at),
        )
    ).one()
    return Summary(stored, *row)


def files_at_fault(session: Session) -> list[FileCheck]:
    """Return the checks that found a fault, the oldest fault first."""
    query = (
        select(FileCheck)
        .where(FileCheck.fault.is_not(None))
        .options(joinedload(FileCheck.file))
        .order_by(FileCheck.faulty_since, FileCheck.file_id)
        .limit(SHOWN_FAULTS)
    )
    return list(session.scalars(query))
