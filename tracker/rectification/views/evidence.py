"""Hand in evidence: documents, photos that become one PDF, a new version; withdraw it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.files.models import StoredFile
from tracker.files.photos import Photo, combined
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.evidence_queries import get_evidence, other_uses
from tracker.rectification.forms import EvidenceForm, PhotosForm, RevisionForm, WithdrawForm
from tracker.rectification.models import Evidence, Task
from tracker.rectification.service import proving
from tracker.rectification.service.proving import Statement
from tracker.rectification.service.steps import ensure_own
from tracker.rectification.views import bp
from tracker.rectification.views.storing import Sent, stored_and
from tracker.web.access import actor, requires
from tracker.web.database import database, db, now
from tracker.web.forms import accepted, seen, status_of


@bp.route("/tasks/<int:task_id>/evidence", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def upload_evidence(task_id: int) -> ResponseReturnValue:
    """Upload one or several files, each evidence of its own; all of them or none."""
    form, task = EvidenceForm(), _task(task_id)
    if form.validate_on_submit() and stored_and(
        form,
        [Sent(each.filename or "", each.stream) for each in form.file.data],
        lambda files: _attach(form, task_id, files),
    ):
        flash(f"已上传 {len(form.file.data)} 份材料。", "ok")
        return redirect(url_for(".task", task_id=task_id, _anchor="evidence"))
    return render_template("rectification/upload_evidence.html", form=form, task=task), status_of(
        form
    )


@bp.route("/tasks/<int:task_id>/photos", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def upload_photos(task_id: int) -> ResponseReturnValue:
    """Upload photos, which become one PDF in the order they were chosen."""
    form, task = PhotosForm(), _task(task_id)

    def save() -> None:
        photos = [Photo(each.filename or "", each.stream) for each in form.photos.data]
        with combined(photos) as made:
            sent = Sent(f"{form.title.data}.pdf", made.file)
            stored_and(form, [sent], lambda files: _attach(form, task_id, files, made.originals))

    if form.validate_on_submit() and accepted(form, save) and not form.form_errors:
        flash(f"{len(form.photos.data)} 张照片已合成一个 PDF 并上传。", "ok")
        return redirect(url_for(".task", task_id=task_id, _anchor="evidence"))
    page = render_template("rectification/upload_photos.html", form=form, task=task)
    return page, status_of(form)


@bp.route("/evidence/<int:evidence_id>/revise", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def revise_evidence(evidence_id: int) -> ResponseReturnValue:
    """修订: hand in a new version; the old one stays readable."""
    with database().reading() as read:
        old = get_evidence(read, evidence_id, actor=actor())
        proving.ensure_may_revise(read, old, actor=actor())
    form = RevisionForm(obj=old)
    if form.validate_on_submit() and stored_and(
        form,
        [Sent(form.file.data.filename or "", form.file.data.stream)],
        lambda files: _revise(form, evidence_id, files[0]),
    ):
        flash("新版本已上传，以前的版本仍可查看。", "ok")
        return redirect(url_for(".task", task_id=old.task_id, _anchor="evidence"))
    form.version.data = form.version.data or str(old.version)
    page = render_template("rectification/revise_evidence.html", form=form, evidence=old)
    return page, status_of(form)


@bp.route("/evidence/<int:evidence_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.EVIDENCE_UPLOAD)
def withdraw_evidence(evidence_id: int) -> ResponseReturnValue:
    """撤下 a piece of evidence, with a reason."""
    found = get_evidence(db(), evidence_id, actor=actor())
    ensure_own(found.task, actor=actor())
    form = WithdrawForm()

    def withdraw() -> None:
        check_version(found, seen(form), "这份材料")
        proving.withdraw_evidence(db(), found, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, withdraw):
        db().commit()
        flash("材料已撤下，历史中仍可查看。", "ok")
        return redirect(url_for(".task", task_id=found.task_id, _anchor="evidence"))
    form.version.data = str(found.version)
    page = render_template("rectification/withdraw_evidence.html", form=form, evidence=found)
    return page, status_of(form)


def _task(task_id: int) -> Task:
    """Return a task that takes evidence, read before bytes are stored and the lock is taken."""
    with database().reading() as read:
        task = queries.get_task(read, task_id, actor=actor())
        proving.ensure_may_add_evidence(task, actor=actor())
        return task


def _attach(
    form: EvidenceForm | PhotosForm,
    task_id: int,
    files: list[StoredFile],
    originals: list[str] | None = None,
) -> None:
    task = queries.get_task(db(), task_id, actor=actor())
    _warn_of_other_uses(task, files)
    for number, file in enumerate(files, start=1):
        said = _said(form, number if len(files) > 1 else None)
        proving.add_evidence(db(), task, file, said, actor=actor(), now=now(), originals=originals)


def _revise(form: RevisionForm, evidence_id: int, file: StoredFile) -> Evidence:
    old = get_evidence(db(), evidence_id, actor=actor())
    check_version(old, seen(form), "这份材料")
    _warn_of_other_uses(old.task, [file])
    return proving.revise_evidence(db(), old, file, _said(form), actor=actor(), now=now())


def _said(form: EvidenceForm | PhotosForm | RevisionForm, number: int | None = None) -> Statement:
    """Return what the form says; of several files with one title, each gets its number."""
    title = form.title.data or ""
    return Statement(
        title=f"{title}（{number}）" if title and number else title,
        document_on=form.document_on.data,
        is_confirmed_not_secret=bool(form.is_confirmed_not_secret.data),
    )


def _warn_of_other_uses(task: Task, files: list[StoredFile]) -> None:
    uses = other_uses(db(), {file.sha256 for file in files}, besides=task, actor=actor())
    for file in files:
        if tasks := uses.get(file.sha256):
            numbers = "、".join(each.task_no for each in tasks[:5])
            flash(
                f"提示：“{file.original_name}”同一份文件已用于另外 {len(tasks)} 项任务"
                f"（{numbers}{'等' if len(tasks) > 5 else ''}）。请核对是否确实适用于本任务。",
                "note",
            )
