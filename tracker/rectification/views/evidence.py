"""Upload, download and withdraw evidence."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.forms import EvidenceForm, WithdrawForm
from tracker.rectification.service import working
from tracker.rectification.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.downloads import attachment
from tracker.web.forms import accepted, seen, status_of


def storage() -> FileStorage:
    """Return where evidence is kept."""
    return FileStorage(config().evidence_dir)


@bp.route("/tasks/<int:task_id>/evidence", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def upload_evidence(task_id: int) -> ResponseReturnValue:
    """Upload one file; its bytes are on disk before the transaction opens."""
    form = EvidenceForm()
    with database().reading() as read:
        seen = queries.get_task(read, task_id, actor=actor())
        working.ensure_may_add_evidence(seen, actor=actor())
    stored = _store(form) if form.validate_on_submit() else None
    if stored is not None and accepted(form, lambda: _attach(form, task_id, stored)):
        db().commit()
        flash("材料已上传。", "ok")
        return redirect(url_for(".task", task_id=task_id, _anchor="evidence"))
    return render_template("rectification/upload_evidence.html", form=form, task=seen), status_of(
        form
    )


def _store(form: EvidenceForm) -> StoredFile | None:
    upload = form.file.data
    try:
        return storage().store(upload.stream, upload.filename, actor=actor(), now=now())
    except DomainError as error:
        form.file.errors = [str(error)]
        return None


def _attach(form: EvidenceForm, task_id: int, stored: StoredFile) -> None:
    task = queries.get_task(db(), task_id, actor=actor())
    uses = working.other_uses(db(), stored, task)
    working.add_evidence(
        db(),
        task,
        stored,
        title=form.title.data or "",
        document_on=form.document_on.data,
        is_confirmed_not_secret=bool(form.is_confirmed_not_secret.data),
        actor=actor(),
        now=now(),
    )
    if uses:
        flash(f"提示：同一份文件已用于另外 {uses} 项任务。", "note")


@bp.get("/evidence/<int:evidence_id>/file")
@requires(Permission.TASK_READ)
def evidence_file(evidence_id: int) -> ResponseReturnValue:
    """Download a piece of evidence; who took it is audited."""
    found = queries.get_evidence(db(), evidence_id, actor=actor())
    path = storage().path(found.file)
    with database().writing() as session:
        record(
            session,
            "evidence_downloaded",
            actor=actor(),
            now=now(),
            object_type="evidence",
            object_id=evidence_id,
        )
        session.commit()
    return attachment(path, name=found.file.original_name, media_type=found.file.media_type)


@bp.route("/evidence/<int:evidence_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def withdraw_evidence(evidence_id: int) -> ResponseReturnValue:
    """撤下 a piece of evidence, with a reason."""
    found = queries.get_evidence(db(), evidence_id, actor=actor())
    form = WithdrawForm()

    def withdraw() -> None:
        check_version(found, seen(form), "这份材料")
        working.withdraw_evidence(db(), found, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, withdraw):
        db().commit()
        flash("材料已撤下，历史中仍可查看。", "ok")
        return redirect(url_for(".task", task_id=found.task_id, _anchor="evidence"))
    form.version.data = str(found.version)
    page = render_template("rectification/withdraw_evidence.html", form=form, evidence=found)
    return page, status_of(form)
