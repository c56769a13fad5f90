"""工作日历: a year's arrangement taken in, and every open date that hangs on it computed anew.

One calendar serves all regions, so only the office and the administrator of the top one keep it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.handover.models import PostChange
from tracker.handover.service.post_changes import stale_feedback_again
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.models import Region
from tracker.rectification.models import UnitDocument
from tracker.rectification.service.calendar_dates import stale_dates
from tracker.rounds.models import Milestone
from tracker.workdays.models import CalendarNotice
from tracker.workdays.notice import LONGEST_NOTICE, Reading
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import DateMove, WorkCalendar
from tracker.workdays.service import (
    calendar_with,
    note_moves,
    note_notice,
    seed_calendar,
    take_in_notice,
)

Stale = tuple[Milestone | UnitDocument | PostChange, DateMove]


def keeps_calendar(session: Session, actor: Actor) -> bool:
    """Return whether the actor may take in a year's arrangement: of the top region, for all."""
    if not may(actor, Permission.CALENDAR_EDIT):
        return False
    if actor.region_id is None:
        return actor.is_system
    query = select(Region.parent_id).where(Region.id == actor.region_id)
    return session.scalar(query) is None


def moves_with(session: Session, reading: Reading) -> list[DateMove]:
    """Return which open dates an arrangement would move, before it is saved."""
    before = load_calendar(session)
    found = _stale(session, before, calendar_with(session, reading))
    return [move for _row, move in found]


def keep_notice(
    session: Session, reading: Reading, text: str, *, actor: Actor, now: datetime
) -> CalendarNotice:
    """录入节假日安排: save what was read, compute anew what hangs on it, and note both.

    Raises DomainError for anybody else, and for a text that was not understood whole.
    """
    if not keeps_calendar(session, actor):
        raise DomainError("工作日历全市共用，由上级巡察办或其系统管理员维护。")
    if reading.problems:
        raise DomainError("文字没有完全读懂，没有保存。请按提示修改后再预览。")
    if len(text) > LONGEST_NOTICE:
        raise DomainError(f"文字超过 {LONGEST_NOTICE} 字，请只粘贴通知正文。")
    before = load_calendar(session)
    notice = take_in_notice(session, reading, text, actor=actor, now=now)
    moved = _follow(session, notice, before, actor=actor, now=now)
    record(
        session,
        "calendar_notice_kept",
        actor=actor,
        now=now,
        object_type="calendar_notice",
        object_id=notice.id,
        detail={"year": reading.year, "days": len(reading.days), "moved": moved},
    )
    return notice


def refresh_calendar(session: Session, *, actor: Actor, now: datetime) -> int:
    """Bring the calendar up to what came with the program; return the dates that moved.

    A year that was 推算 and is known now is noted, and so is a better guess that moves dates: what
    was computed with the old guess would be taken for typed by hand later.
    """
    before = load_calendar(session)
    is_new = seed_calendar(session, now=now, actor=actor) > 0
    if not is_new or not before.known_years:
        return 0
    session.flush()  # the calendar is read anew
    after = load_calendar(session)
    moves = [move for _row, move in _stale(session, before, after)]
    years = sorted(after.known_years - before.known_years) or [
        move.after.year for move in moves[:1]
    ]
    if not years:
        return 0
    notices = [note_notice(session, year, None, actor=actor, now=now) for year in years]
    return _follow(session, notices[-1], before, actor=actor, now=now)


def _follow(
    session: Session, notice: CalendarNotice, before: WorkCalendar, *, actor: Actor, now: datetime
) -> int:
    """Move what hangs on the calendar, each with a trace; return how many dates."""
    session.flush()  # the calendar is read anew
    found = _stale(session, before, load_calendar(session))
    for row, move in found:
        _set_date(row, move)
        touch(row, actor=actor, now=now)
        record(
            session,
            "calendar_due_moved",
            actor=actor,
            now=now,
            object_type=move.object_type,
            object_id=move.object_id,
            detail={"before": move.before, "after": move.after},
        )
    note_moves(notice, [move for _row, move in found])
    session.flush()  # the audit entry names the notice
    return len(found)


def _stale(session: Session, before: WorkCalendar, after: WorkCalendar) -> list[Stale]:
    return [*stale_dates(session, before, after), *stale_feedback_again(session, before, after)]


def _set_date(row: Milestone | UnitDocument | PostChange, move: DateMove) -> None:
    if isinstance(row, PostChange):
        row.feedback_again_due = move.after
    else:
        row.due_on = move.after
