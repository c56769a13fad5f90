"""weekly-report: make this week's edition of every round, once its day has come."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from jobs.context import JobContext
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError
from tracker.kernel.logs import get_logger
from tracker.kernel.permissions import Actor
from tracker.reports.queries import rounds_to_report
from tracker.reports.service import draft_weekly, keep_weekly, store_files
from tracker.rounds.models import Round
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import WorkCalendar

ACTOR = Actor(name="job:weekly-report")
log = get_logger(__name__)


def run(context: JobContext, now: datetime) -> int:
    """Return the number of editions made.

    A round that fails is logged and does not keep the others; the run then counts as failed, so
    that it is made up within the day. DomainError says how many failed.
    """
    with context.database.reading() as session:
        calendar = load_calendar(session)
        wanted = rounds_to_report(session)
    results = [_made(context, region, round_, calendar, now=now) for region, round_ in wanted]
    if None in results:
        raise DomainError(f"{results.count(None)} 个轮次的周报没有生成，系统会再试。详见日志。")
    return sum(map(bool, results))


def _made(
    context: JobContext, region_id: int, round_id: int, calendar: WorkCalendar, *, now: datetime
) -> bool | None:
    """Return whether an edition was made; None when it failed."""
    try:
        try:
            return _make(context, region_id, round_id, calendar, now=now)
        except IntegrityError:  # another process has kept it meanwhile: now it is found
            return _make(context, region_id, round_id, calendar, now=now)
    except Exception:
        log.exception("edition failed", region=region_id, round=round_id)
        return None


def _make(
    context: JobContext, region_id: int, round_id: int, calendar: WorkCalendar, *, now: datetime
) -> bool:
    """Read, write the files, and only then open the short writing transaction."""
    with context.database.reading() as session:
        round_ = session.get_one(Round, round_id)
        report = draft_weekly(session, region_id, round_, now=now, calendar=calendar)
    if report is None:
        return False
    storage = FileStorage(context.config.evidence_dir)
    files = store_files(report, storage, actor=ACTOR, now=now)
    with context.database.writing() as session:
        keep_weekly(session, report, files, calendar=calendar, actor=ACTOR, now=now)
        session.commit()
    return True
