"""上传签字扫描件: the head signed on paper; the liaison, or the clerk for the unit, brings the scan."""

from collections.abc import Callable

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.forms import ScanForm
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.service import closing, extending, plan_steps
from tracker.rectification.views import bp
from tracker.rectification.views.addresses import plan_url, task_url
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.forms import accepted, status_of


@bp.route("/tasks/<int:task_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def sign_closure_by_scan(task_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed closing request."""

    def load(session: Session) -> Task:
        return queries.get_task(session, task_id, actor=actor())

    def sign(file: StoredFile) -> None:
        closing.sign_closure_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_closure_by_scan", ScanForm(), load, sign, task_url(task_id))


@bp.route("/tasks/<int:task_id>/extension/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.TASK_REPORT)
def sign_extension_by_scan(task_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed application for more time."""

    def load(session: Session) -> Task:
        return queries.get_task(session, task_id, actor=actor())

    def sign(file: StoredFile) -> None:
        extending.sign_extension_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_extension_by_scan", ScanForm(), load, sign, task_url(task_id))


@bp.route("/plans/<int:plan_id>/sign-by-scan", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def sign_plan_by_scan(plan_id: int) -> ResponseReturnValue:
    """Bring the scan of a signed plan."""

    def load(session: Session) -> UnitDocument:
        return queries.get_plan(session, plan_id, actor=actor())

    def sign(file: StoredFile) -> None:
        plan_steps.sign_plan_by_scan(db(), load(db()), file, actor=actor(), now=now())

    return _page("sign_plan_by_scan", ScanForm(), load, sign, plan_url(plan_id))


def _page(
    view: str,
    form: ScanForm,
    load: Callable[[Session], Task | UnitDocument],
    sign: Callable[[StoredFile], None],
    back: str,
) -> ResponseReturnValue:
    """Show the form, or store the scan and sign; its bytes are on disk before the transaction."""
    with database().reading() as read:
        load(read)
    stored = _store(form) if form.validate_on_submit() else None
    if stored is not None and accepted(form, lambda: sign(stored)):
        db().commit()
        flash("签字扫描件已上传。", "ok")
        return redirect(back)
    return render_template(f"rectification/{view}.html", form=form, back=back), status_of(form)


def _store(form: ScanForm) -> StoredFile | None:
    upload = form.file.data
    try:
        return FileStorage(config().evidence_dir).store(
            upload.stream, upload.filename, actor=actor(), now=now()
        )
    except DomainError as error:
        form.file.errors = [str(error)]
        return None
