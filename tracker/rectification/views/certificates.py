"""整改销号审批表: its page, its Word file, and the check of a printed one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.files.rules import WORD, clean_name
from tracker.kernel.permissions import Permission, may
from tracker.organizations.scope import conducts_row, ensure_conducts
from tracker.rectification import queries
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.forms import VerifyForm
from tracker.rectification.models import ClosureCertificate
from tracker.rectification.rules.certificate import (
    FACTS,
    FORM,
    columns_of,
    grouped,
    read_canonical,
    sections_of,
)
from tracker.rectification.service import certifying
from tracker.rectification.service.checking import Check, check_printed
from tracker.rectification.views import bp
from tracker.rectification.views.storing import storage
from tracker.web.access import actor, requires
from tracker.web.database import database, db, now
from tracker.web.downloads import attached
from tracker.web.forms import accepted, status_of


@bp.get("/tasks/<int:task_id>/certificate")
@requires(Permission.TASK_READ)
def certificate(task_id: int) -> ResponseReturnValue:
    """Show a task's certificates, the newest held against rows and files just now."""
    task = queries.get_task(db(), task_id, actor=actor())
    kept = certifying.certificates_of(db(), task)
    newest = kept[0] if kept else None
    return render_template(
        "rectification/certificate.html",
        task=task,
        certificates=kept,
        newest=newest,
        content=read_canonical(newest.content) if newest else None,
        verdict=certifying.verify(db(), newest, storage().path) if newest else None,
        is_to_keep=newest is None and certifying.closing_of(db(), task) is not None,
        may_keep=may(actor(), Permission.TASK_CERTIFY) and conducts_row(actor(), task.region_id),
        labels=FACTS,
        sections_of=sections_of,
        grouped=grouped,
        columns_of=columns_of,
    )


@bp.post("/tasks/<int:task_id>/certificate/keep")
@requires(Permission.TASK_CERTIFY)
def keep_certificate(task_id: int) -> ResponseReturnValue:
    """登记审批表 of a task that was closed before it was in this program."""
    task = queries.get_task(db(), task_id, actor=actor())
    ensure_conducts(actor(), task.region_id)
    certifying.certify(db(), task, actor=actor(), now=now())
    db().commit()
    flash("审批表已登记，验证码已生成。", "ok")
    return redirect(url_for(".certificate", task_id=task_id))


@bp.get("/tasks/<int:task_id>/certificate/docx")
@requires(Permission.TASK_READ)
def certificate_file(task_id: int) -> ResponseReturnValue:
    """Download the form of the newest closing that is kept. Audited."""
    made = _printed(task_id)
    data = certificate_docx(read_canonical(made.content))
    return attached(data, name=clean_name(f"{FORM}-{made.number}.docx"), media_type=WORD)


def _printed(task_id: int) -> ClosureCertificate:
    with database().writing() as session:
        task = queries.get_task(session, task_id, actor=actor())
        made = certifying.newest_certificate(session, task)
        record(
            session,
            "certificate_downloaded",
            actor=actor(),
            now=now(),
            object_type="task",
            object_id=task_id,
            detail={"code": made.code},
        )
        session.commit()
    return made


@bp.route("/closure-certificates/verify", methods=["GET", "POST"])
@requires(Permission.TASK_READ)
def verify_certificate() -> ResponseReturnValue:
    """审批表核验: by the code of a printed form, or by its Word file."""
    form = VerifyForm()
    found: list[Check] = []

    def look() -> None:
        data = form.file.data.stream.read() if form.file.data else None
        found.append(
            check_printed(db(), form.code.data or "", data, locate=storage().path, actor=actor())
        )

    if form.validate_on_submit():
        accepted(form, look)
    page = render_template(
        "rectification/verify_certificate.html", form=form, check=found[0] if found else None
    )
    return page, status_of(form)
