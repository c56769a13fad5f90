"""本月填报: all tasks of a unit in one go, then one signature under the whole.

All or nothing: the head signs the month's report as a whole, so half of one is never handed in.
What is refused is named row by row, and the page keeps every text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.db import born, check_version, touch
from tracker.kernel.errors import DomainError, NotVisibleError, StaleVersionError
from tracker.kernel.permissions import Actor, Permission, Role, may
from tracker.organizations.scope import ensure_conducts
from tracker.rectification.models import MonthlyReport, MonthlyReportLine, ProgressReport, Task
from tracker.rectification.rules.monthly import month_of, report_number
from tracker.rectification.service.signing import Signature, signature_by, signature_by_scan
from tracker.rectification.service.steps import on_behalf_of, switches_of
from tracker.rectification.service.working import Progress, report_progress
from tracker.rounds.rules import MilestoneKind, Switches
from tracker.rounds.service.milestones import complete_milestone

PLEDGE = "本人已审核本月整改进展，对其真实性负责。"


@dataclass(frozen=True, kw_only=True)
class FilledRow:
    """One task's row as filled in; `seen` is the version of the task that the page showed."""

    task: Task
    seen: int
    progress: Progress


class RowsRefusedError(DomainError):
    """Some rows cannot be taken, so nothing was; `refusals` by task id."""

    def __init__(self, refusals: dict[int, DomainError]) -> None:
        super().__init__(f"有 {len(refusals)} 项不能保存，全部内容仍在本页。请按提示改好后再提交。")
        self.refusals = refusals


def report_month(
    session: Session, rows: Sequence[FilledRow], *, actor: Actor, now: datetime
) -> list[MonthlyReport]:
    """Take a unit's rows; return its report of this month, one per office it answers to."""
    if not rows:
        raise DomainError("还没有填写任何一项。没有变化的，请勾选“无变化”。")
    written = _written(session, rows, actor=actor, now=now)
    reports = [
        _hand_in(session, [p for p in written if p.task.region_id == region], actor, now)
        for region in dict.fromkeys(progress.task.region_id for progress in written)
    ]
    session.flush()  # lines and milestones are read back
    for report in reports:
        if not report.needs_sign_off:
            _complete_milestones(session, report, actor=actor, now=now)
    return reports


def _written(
    session: Session, rows: Iterable[FilledRow], *, actor: Actor, now: datetime
) -> list[ProgressReport]:
    written: list[ProgressReport] = []
    refusals: dict[int, DomainError] = {}
    for row in rows:
        try:
            check_version(row.task, row.seen, "这项任务")
            written.append(report_progress(session, row.task, row.progress, actor=actor, now=now))
        except NotVisibleError:
            raise
        except DomainError as error:
            refusals[row.task.id] = error
    if refusals:
        raise RowsRefusedError(refusals)
    return written


def is_stale(error: DomainError) -> bool:
    """Return whether a row was refused because somebody else wrote meanwhile."""
    return isinstance(error, StaleVersionError)


def _hand_in(
    session: Session, written: list[ProgressReport], actor: Actor, now: datetime
) -> MonthlyReport:
    task, today = written[0].task, local_date(now)
    report = _open_report(session, task, actor=actor, now=now)
    report.needs_sign_off |= any(switches_of(each.task).sign_off for each in written)
    report.submitted_on, report.submitted_by = today, actor.label
    report.submitter_user_id = actor.user_id
    report.on_behalf_of = on_behalf_of(task, actor)
    report.returned_on = report.return_reason = None
    report.lines += [MonthlyReportLine(progress=progress) for progress in written]
    touch(report, actor=actor, now=now)
    session.flush()  # the entry names the row
    _record(session, "month_reported", report, actor=actor, now=now, rows=len(written))
    return report


def _open_report(session: Session, task: Task, *, actor: Actor, now: datetime) -> MonthlyReport:
    """Return this month's report that is not signed yet, or the next one."""
    month = month_of(local_date(now))
    query = select(MonthlyReport).where(
        MonthlyReport.unit_id == task.lead_unit_id,
        MonthlyReport.region_id == task.region_id,
        MonthlyReport.month == month,
    )
    last = session.scalar(query.order_by(MonthlyReport.seq.desc()).limit(1))
    if last is not None and last.signed_on is None:
        return last
    report = MonthlyReport(
        region_id=task.region_id,
        unit_id=task.lead_unit_id,
        month=month,
        seq=last.seq + 1 if last else 1,
        needs_sign_off=False,
        submitted_on=local_date(now),
        submitted_by=actor.label,
        **born(actor=actor, now=now),
    )
    session.add(report)
    return report


def sign_month(session: Session, report: MonthlyReport, *, actor: Actor, now: datetime) -> None:
    """签字背书 of the whole report by the head or an authorised deputy."""
    ensure_own_report(report, Permission.TASK_SIGN, actor=actor)
    _ensure_waiting(report)
    signature = signature_by(
        session,
        actor,
        Permission.TASK_SIGN,
        switches_of_report(report),
        submitter_user_id=report.submitter_user_id,
    )
    _sign(session, report, signature, actor=actor, now=now)


def sign_month_by_scan(
    session: Session, report: MonthlyReport, file: StoredFile, *, actor: Actor, now: datetime
) -> None:
    """Take the scan of the signed paper in place of a signature online."""
    ensure_own_report(report, Permission.TASK_REPORT, actor=actor)
    _ensure_waiting(report)
    signature = signature_by_scan(file, switches_of_report(report))
    _sign(session, report, signature, actor=actor, now=now)


def _sign(
    session: Session, report: MonthlyReport, signature: Signature, *, actor: Actor, now: datetime
) -> None:
    report.signed_on, report.signed_by = local_date(now), actor.label
    report.signer_user_id, report.lent_by = actor.user_id, signature.lent_by
    report.way, report.file, report.pledge = signature.way, signature.file, PLEDGE
    touch(report, actor=actor, now=now)
    _record(session, "month_signed", report, actor=actor, now=now, way=signature.way.value)
    _complete_milestones(session, report, actor=actor, now=now)


def return_month(
    session: Session, report: MonthlyReport, reason: str, *, actor: Actor, now: datetime
) -> None:
    """The head sends the report back; the liaison fills in what is to be said better."""
    ensure_own_report(report, Permission.TASK_SIGN, actor=actor)
    _ensure_waiting(report)
    if not reason.strip():
        raise DomainError("请写明退回的理由，联络员才知道怎么改。")
    report.returned_on, report.return_reason = local_date(now), reason.strip()
    for line in report.lines:
        line.returned_on = report.returned_on
    touch(report, actor=actor, now=now)
    _record(session, "month_returned", report, actor=actor, now=now)


def switches_of_report(report: MonthlyReport) -> Switches:
    """Return how a report with lines may be signed: as the strictest of its tasks' rounds asks."""
    found = [switches_of(line.progress.task) for line in report.standing_lines]
    return next((switches for switches in found if switches.sign_off), found[0])


def may_sign(report: MonthlyReport, *, actor: Actor) -> bool:
    """Return whether the report waits for this person's signature."""
    is_own = actor.unit_id == report.unit_id
    return _waits(report) and is_own and may(actor, Permission.TASK_SIGN)


def may_bring_scan(report: MonthlyReport, *, actor: Actor) -> bool:
    """Return whether this person may bring the signed paper."""
    if not _waits(report) or not may(actor, Permission.TASK_REPORT):
        return False
    if not switches_of_report(report).scan_sign:
        return False
    return report.region_id == actor.region_id or report.unit_id == actor.unit_id


def ensure_own_report(report: MonthlyReport, permission: Permission, *, actor: Actor) -> None:
    """Refuse another unit's or office's report, and a role without the permission."""
    if actor.role in (Role.UNIT_LIAISON, Role.UNIT_HEAD):
        if actor.unit_id != report.unit_id:
            raise NotVisibleError
    else:
        ensure_conducts(actor, report.region_id)
    if not may(actor, permission):
        raise DomainError("您的角色不能办理这份月报，请由单位联络员或主要负责人办理。")


def _waits(report: MonthlyReport) -> bool:
    """Whether the report waits for a signature; one without lines has nothing to sign."""
    is_open = report.needs_sign_off and not report.signed_on and not report.returned_on
    return is_open and bool(report.lines)


def _ensure_waiting(report: MonthlyReport) -> None:
    if not report.lines:
        raise DomainError("这份月报还没有内容，请联络员先填报。")
    if report.signed_on is not None:
        raise DomainError("这份月报已经审签，不需要再次办理。")
    if report.returned_on is not None:
        raise DomainError("这份月报已退回联络员，请等重新填报后再审签。")
    if not report.needs_sign_off:
        raise DomainError("本轮不需要主要负责人审签，月报已直接报送。")


def _complete_milestones(
    session: Session, report: MonthlyReport, *, actor: Actor, now: datetime
) -> None:
    """按月报告 of each inspection the report is about is done on the day it is complete."""
    owed: dict[int, int] = {}
    for line in report.standing_lines:
        task = line.progress.task
        inspection_id, fed_back_on = task.issue.inspection_id, task.feedback.fed_back_on
        if inspection_id is not None and fed_back_on is not None:
            owed[inspection_id] = report_number(fed_back_on, report.month)
    for inspection_id, number in owed.items():
        complete_milestone(
            session,
            inspection_id,
            MilestoneKind.MONTHLY_REPORT,
            seq=number,
            done_on=local_date(now),
            file=report.file,
            actor=actor,
            now=now,
        )


def _record(
    session: Session,
    action: str,
    report: MonthlyReport,
    *,
    actor: Actor,
    now: datetime,
    **detail: object,
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="monthly_report",
        object_id=report.id,
        detail={"month": report.month.strftime("%Y-%m"), "seq": report.seq, **detail},
    )
