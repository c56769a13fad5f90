"""Make, keep and issue reports."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.clock import at_local, local, local_date
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.notifications.outbox import Message, enqueue
from tracker.notifications.rules import Audience
from tracker.organizations.scope import ensure_conducts
from tracker.reports import texts
from tracker.reports.models import ReportRun
from tracker.reports.rules import ReportKind, ReportState, edition_due, next_edition
from tracker.reports.weekly import WeeklyReport, dumped
from tracker.reports.weekly_assembly import assemble
from tracker.reports.weekly_docx import weekly_docx
from tracker.reports.weekly_xlsx import weekly_xlsx
from tracker.rounds.models import Round
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import WorkCalendar

REPORT_RUN = "report_run"
MADE, ISSUED = "weekly_made", "weekly_issued"
SLOT = (9, 7)  # announcements keep to office hours: from 09:07 on working days
LAST_HOUR = 18


@dataclass(frozen=True)
class WeeklyFiles:
    """The two files of an edition, on disk, their rows not yet in a session."""

    docx: StoredFile
    xlsx: StoredFile


def make_weekly(
    session: Session,
    region_id: int,
    round_: Round,
    *,
    now: datetime,
    calendar: WorkCalendar,
    storage: FileStorage,
    actor: Actor,
) -> ReportRun | None:
    """Make this week's edition; None when it is not due, already made, or has nothing to count.

    The office's group is told that there is an edition; nobody else is until it is issued.
    """
    report = draft_weekly(session, region_id, round_, now=now, calendar=calendar)
    if report is None:
        return None
    files = store_files(report, storage, actor=actor, now=now)
    return keep_weekly(session, report, files, calendar=calendar, actor=actor, now=now)


def draft_weekly(
    session: Session, region_id: int, round_: Round, *, now: datetime, calendar: WorkCalendar
) -> WeeklyReport | None:
    """Read this week's edition, keeping nothing; None as `make_weekly` says."""
    due = edition_due(local_date(now), calendar)
    if due is None:
        return None
    issue_on, as_of = due
    editions = editions_of(session, region_id, round_.id)
    if any(run.as_of >= as_of for run in editions):
        return None
    number = next_edition(run.edition for run in editions)
    return assemble(
        session, round_, region_id=region_id, edition=number, issue_on=issue_on, as_of=as_of
    )


def editions_of(session: Session, region_id: int, round_id: int) -> list[ReportRun]:
    """Return the weekly editions of a region and round, oldest first."""
    query = select(ReportRun).where(
        ReportRun.kind == ReportKind.WEEKLY,
        ReportRun.region_id == region_id,
        ReportRun.round_id == round_id,
    )
    return list(session.scalars(query.order_by(ReportRun.edition)))


def store_files(
    report: WeeklyReport, storage: FileStorage, *, actor: Actor, now: datetime
) -> WeeklyFiles:
    """Write both files to disk. Done before a writing transaction opens: it takes its time."""
    name = texts.title(report)

    def stored(data: bytes, extension: str) -> StoredFile:
        return storage.store(BytesIO(data), f"{name}.{extension}", actor=actor, now=now)

    return WeeklyFiles(stored(weekly_docx(report), "docx"), stored(weekly_xlsx(report), "xlsx"))


def keep_weekly(
    session: Session,
    report: WeeklyReport,
    files: WeeklyFiles,
    *,
    calendar: WorkCalendar,
    actor: Actor,
    now: datetime,
) -> ReportRun:
    """Keep an edition and queue its announcement.

    Raises IntegrityError when another process has kept the same edition meanwhile.
    """
    run = ReportRun(
        kind=ReportKind.WEEKLY,
        region_id=report.region_id,
        round_id=report.round_id,
        as_of=report.as_of,
        edition=report.edition,
        title=texts.title(report),
        state=ReportState.INTERNAL,
        figures=dumped(report),
        docx=files.docx,
        xlsx=files.xlsx,
        **born(actor=actor, now=now),
    )
    session.add(run)
    session.flush()  # its id goes into message and trail
    _announce(session, run, MADE, Audience.OFFICE, calendar=calendar, now=now)
    _record(session, run, "report_made", actor=actor, now=now)
    return run


def issue_report(session: Session, report: ReportRun, *, actor: Actor, now: datetime) -> None:
    """签发 by the office's lead. From here on the units read their part and their group hears."""
    ensure_conducts(actor, report.region_id)
    if not may(actor, Permission.REPORT_ISSUE):
        raise DomainError("只有巡察办主任可以签发报告。请提交主任审定后签发。")
    if report.state is ReportState.ISSUED:
        raise DomainError(f"第{report.edition}期已经签发，不需要再次签发。")
    report.state = ReportState.ISSUED
    report.issued_at, report.issued_by = now, actor.label
    touch(report, actor=actor, now=now)
    calendar = load_calendar(session)
    _announce(session, report, ISSUED, Audience.LIAISONS, calendar=calendar, now=now)
    _record(session, report, "report_issued", actor=actor, now=now)


def announce_at(calendar: WorkCalendar, *, now: datetime) -> datetime:
    """Return when a group may hear of it: now in office hours, else at the next 09:07 of work."""
    moment = local(now)
    today = moment.date()
    if moment.hour >= LAST_HOUR:
        today = calendar.add_workdays(today, 1)
    return max(now, at_local(calendar.next_workday(today), *SLOT))


def _announce(
    session: Session,
    run: ReportRun,
    rule: str,
    audience: Audience,
    *,
    calendar: WorkCalendar,
    now: datetime,
) -> None:
    message = Message(
        rule=rule,
        object_type=REPORT_RUN,
        object_id=run.id,
        anchor_on=run.as_of,
        audience=audience,
        region_id=run.region_id,
    )
    enqueue(session, message, now=now, not_before=announce_at(calendar, now=now))


def _record(session: Session, run: ReportRun, action: str, *, actor: Actor, now: datetime) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type=REPORT_RUN,
        object_id=run.id,
        detail={"kind": run.kind.value, "edition": run.edition, "as_of": run.as_of.isoformat()},
    )
