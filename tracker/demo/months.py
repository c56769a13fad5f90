"""Months' reports over the progress that units have written: most signed, one still waiting."""

from collections import defaultdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from tracker.demo.book import Book
from tracker.rectification.models import MonthlyReport, MonthlyReportLine, ProgressReport, Task
from tracker.rectification.rules.monthly import month_of
from tracker.rectification.rules.words import SignatureWay, TaskState
from tracker.rectification.service.monthly import PLEDGE

UNITS = 4
Key = tuple[int, int, date]


def add_months(book: Book) -> None:
    """Hand in the newest month of a few units with sign-ins; the last one waits for its head."""
    book.session.flush()  # the reports are looked up
    staffed = [unit_id for unit_id, staff in book.staff.items() if staff.has_sign_in]
    newest: dict[int, Key] = {}
    written = _written(book, staffed)
    for key in sorted(written, key=lambda each: each[2]):
        newest[key[0]] = key
    chosen = sorted(newest.values())[:UNITS]
    for number, key in enumerate(chosen, start=1):
        book.session.add(_report(book, key, written[key], is_signed=number < len(chosen)))


def _written(book: Book, unit_ids: list[int]) -> dict[Key, list[ProgressReport]]:
    query = (
        select(ProgressReport)
        .join(ProgressReport.task)
        .where(Task.lead_unit_id.in_(unit_ids), Task.state == TaskState.IN_PROGRESS)
        .options(joinedload(ProgressReport.task))
        .order_by(ProgressReport.id)
    )
    found: dict[Key, list[ProgressReport]] = defaultdict(list)
    for report in book.session.scalars(query):
        task = report.task
        found[task.lead_unit_id, task.region_id, month_of(report.reported_on)].append(report)
    return found


def _report(
    book: Book, key: Key, written: list[ProgressReport], *, is_signed: bool
) -> MonthlyReport:
    unit_id, region_id, month = key
    staff, day = book.staff[unit_id], max(report.reported_on for report in written)
    report = MonthlyReport(
        unit_id=unit_id,
        region_id=region_id,
        month=month,
        needs_sign_off=True,
        submitted_on=day,
        submitted_by=staff.liaison.name,
        lines=[MonthlyReportLine(progress=progress) for progress in written],
        **book.stamps(day),
    )
    if is_signed:
        report.signed_on, report.signed_by = day, staff.head.name
        report.way, report.pledge = SignatureWay.ONLINE, PLEDGE
    return report
