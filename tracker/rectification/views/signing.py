"""上传签字扫描件: the head signed on paper; the liaison, or the clerk for the unit, brings the scan."""

from collections.abc import Callable

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import check_version
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.document_queries import get_document
from tracker.rectification.forms import ScanForm
from tracker.rectification.models import MonthlyReport, Task, UnitDocument
from tracker.rectification.monthly_queries import get_report
from tracker.rectification.service import closing, document_steps, extending, monthly, plan_steps
from tracker.rectification.service.plan_rows import ensure_own_plan
from tracker.rectification.service.steps import ensure_own
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import (
    document_url,
    monthly_report_url,
    plan_url,
    task_url,
)
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.downloads import attachment
from tracker.web.forms import accepted, seen, status_of


@bp.route("/tasks/<int:task_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def sign_closure_by_scan(task_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed closing request."""

    def load(session: Session) -> Task:
        task = queries.get_task(session, task_id, actor=actor())
        ensure_own(task, actor=actor())
        return task

    def sign(file: StoredFile) -> None:
        closing.sign_closure_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_closure_by_scan", ScanForm(), load, sign, task_url(task_id))


@bp.route("/tasks/<int:task_id>/extension/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def sign_extension_by_scan(task_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed application for more time."""

    def load(session: Session) -> Task:
        task = queries.get_task(session, task_id, actor=actor())
        ensure_own(task, actor=actor())
        return task

    def sign(file: StoredFile) -> None:
        extending.sign_extension_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_extension_by_scan", ScanForm(), load, sign, task_url(task_id))


@bp.route("/plans/<int:plan_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def sign_plan_by_scan(plan_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed plan."""

    def load(session: Session) -> UnitDocument:
        plan = queries.get_plan(session, plan_id, actor=actor())
        ensure_own_plan(plan, actor=actor())
        return plan

    def sign(file: StoredFile) -> None:
        plan_steps.sign_plan_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_plan_by_scan", ScanForm(), load, sign, plan_url(plan_id))


@bp.route("/documents/<int:document_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_DRAFT)
def sign_document_by_scan(document_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed report or notice."""

    def load(session: Session) -> UnitDocument:
        return get_document(session, document_id, actor=actor())

    def sign(file: StoredFile) -> None:
        document_steps.sign_document_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_document_by_scan", ScanForm(), load, sign, document_url(document_id))


@bp.route("/monthly-reports/<int:report_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def sign_month_by_scan(report_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed month's report."""

    def load(session: Session) -> MonthlyReport:
        report = get_report(session, report_id, actor=actor())
        monthly.ensure_own_report(report, Permission.TASK_REPORT, actor=actor())
        return report

    def sign(file: StoredFile) -> None:
        monthly.sign_month_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_month_by_scan", ScanForm(), load, sign, monthly_report_url(report_id))


@bp.get("/monthly-reports/<int:report_id>/file")
@requires(Permission.TASK_READ)
def monthly_report_file(report_id: int) -> ResponseReturnValue:
    """Download the scan of a signed month's report."""
    report = get_report(db(), report_id, actor=actor())
    if report.file is None:
        raise NotVisibleError
    return _scan(report.file, "monthly_report", report_id)


@bp.get("/sign-offs/<int:sign_off_id>/file")
@requires(Permission.TASK_READ)
def sign_off_file(sign_off_id: int) -> ResponseReturnValue:
    """Download the scan of a signed closing request."""
    file = queries.scan_of_sign_off(db(), sign_off_id, actor=actor())
    return _scan(file, "sign_off", sign_off_id)


@bp.get("/plan-signatures/<int:signature_id>/file")
@requires(Permission.TASK_READ)
def plan_signature_file(signature_id: int) -> ResponseReturnValue:
    """Download the scan of a signed plan, report or notice."""
    file = queries.scan_of_plan(db(), signature_id, actor=actor())
    return _scan(file, "document_signature", signature_id)


@bp.get("/extensions/<int:extension_id>/file")
@requires(Permission.TASK_READ)
def extension_file(extension_id: int) -> ResponseReturnValue:
    """Download the scan of a signed application for more time."""
    file = queries.scan_of_extension(db(), extension_id, actor=actor())
    return _scan(file, "extension", extension_id)


def _scan(file: StoredFile, object_type: str, object_id: int) -> ResponseReturnValue:
    path = FileStorage(config().evidence_dir).verified_path(file)
    with database().writing() as session:
        record(
            session,
            "scan_downloaded",
            actor=actor(),
            now=now(),
            object_type=object_type,
            object_id=object_id,
        )
        session.commit()
    return attachment(path, name=file.original_name, media_type=file.media_type)


def _page(
    view: str,
    form: ScanForm,
    load: Callable[[Session], Task | UnitDocument | MonthlyReport],
    sign: Callable[[StoredFile], None],
    back: str,
) -> ResponseReturnValue:
    """Show the form, or store the scan and sign; its bytes are on disk before the transaction."""
    with database().reading() as read:
        load(read)
    stored = _store(form) if form.validate_on_submit() else None

    def signed(file: StoredFile) -> None:
        check_version(load(db()), seen(form), "这份内容")
        sign(file)

    if stored is not None and accepted(form, lambda: signed(stored)):
        db().commit()
        flash("签字扫描件已上传。", "ok")
        return redirect(back)
    form.version.data = str(load(db()).version)
    return render_template(f"rectification/{view}.html", form=form, back=back), status_of(form)


def _store(form: ScanForm) -> StoredFile | None:
    upload, files = form.file.data, []

    def store() -> None:
        storage = FileStorage(config().evidence_dir)
        files.append(storage.store(upload.stream, upload.filename, actor=actor(), now=now()))

    return files[0] if accepted(form, store, at=form.file) else None
