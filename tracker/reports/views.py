"""Kept reports: the list, one report, its files, its issuing."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.permissions import Permission, may
from tracker.reports import queries, service, texts
from tracker.reports.models import ReportRun
from tracker.reports.rules import ReportState
from tracker.reports.weekly import WeeklyReport, loaded
from tracker.reports.weekly_tables import tables
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.downloads import attachment
from tracker.web.forms import ActionForm, accepted

bp = Blueprint("reports", __name__)


@bp.get("/reports")
@requires(Permission.REPORT_READ)
def reports() -> ResponseReturnValue:
    """List the reports this person may see, the newest first."""
    return render_template(
        "reports/reports.html",
        runs=queries.list_reports(db(), actor=actor()),
        is_whole=queries.reads_whole(actor()),
    )


@bp.get("/reports/<int:report_id>")
@requires(Permission.REPORT_READ)
def report(report_id: int) -> ResponseReturnValue:
    """Show an edition with the figures that were kept; a unit reads its own lines alone."""
    run = queries.get_report(db(), report_id, actor=actor())
    is_whole = queries.reads_whole(actor())
    found = loaded(run.figures) if is_whole else _own_part(loaded(run.figures))
    return render_template(
        "reports/report.html",
        run=run,
        report=found,
        tables=tables(found),
        linked=queries.tasks_seen(db(), found.task_ids, actor=actor()),
        is_whole=is_whole,
        can_issue=_can_issue(run),
        said=texts.said,
        as_of=run.as_of,
    )


def _own_part(found: WeeklyReport) -> WeeklyReport:
    return found.only(queries.tasks_seen(db(), found.task_ids, actor=actor()))


def _can_issue(run: ReportRun) -> bool:
    return run.state is ReportState.INTERNAL and may(actor(), Permission.REPORT_ISSUE)


@bp.post("/reports/<int:report_id>/issue")
@requires(Permission.REPORT_ISSUE)
def issue_report(report_id: int) -> ResponseReturnValue:
    """签发."""
    run = queries.get_report(db(), report_id, actor=actor(), is_whole=True)
    form = ActionForm()
    if accepted(form, lambda: service.issue_report(db(), run, actor=actor(), now=now())):
        db().commit()
        flash("报告已签发。各单位可以查看本单位部分，联络员群将收到通知。", "ok")
    else:
        flash(form.form_errors[0], "warning")
    return redirect(url_for(".report", report_id=report_id))


@bp.get("/reports/<int:report_id>/docx")
@requires(Permission.REPORT_READ)
def report_docx(report_id: int) -> ResponseReturnValue:
    """Download the Word file: the whole report, so not for units."""
    run = queries.get_report(db(), report_id, actor=actor(), is_whole=True)
    return _download(run, run.docx)


@bp.get("/reports/<int:report_id>/xlsx")
@requires(Permission.REPORT_READ)
def report_xlsx(report_id: int) -> ResponseReturnValue:
    """Download the Excel file: the whole report, so not for units."""
    run = queries.get_report(db(), report_id, actor=actor(), is_whole=True)
    return _download(run, run.xlsx)


def _download(run: ReportRun, file: StoredFile) -> Response:
    path = FileStorage(config().evidence_dir).verified_path(file)
    with database().writing() as session:
        record(
            session,
            "report_downloaded",
            actor=actor(),
            now=now(),
            object_type=service.REPORT_RUN,
            object_id=run.id,
            detail={"file": file.extension},
        )
        session.commit()
    return attachment(path, name=file.original_name, media_type=file.media_type)
