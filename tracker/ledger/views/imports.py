"""Pages of the ledger: imports, the upload, what becomes of an import, the template, the export."""

import io
import json

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tracker.job_runs.rules import WorkKind
from tracker.job_runs.works import Wish
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.ledger import importing, landing, queries, undoing
from tracker.ledger.change_queries import ChangeList, count_changes
from tracker.ledger.exporting import (
    export_for_update,
    export_name,
    exportable_rounds,
    keep_outgoing,
)
from tracker.ledger.forms import ImportForm, UndoImportForm
from tracker.ledger.in_the_way import what_stands
from tracker.ledger.models import ImportBatch
from tracker.ledger.rules import BatchState
from tracker.ledger.template import template_workbook
from tracker.ledger.updating import StaleChangesError
from tracker.ledger.views import bp, keeping
from tracker.ledger.views.asking import asked, is_large, progress_page
from tracker.ledger.views.large_imports import (
    ask_landing,
    ask_reading,
    is_large_import,
    is_large_upload,
)
from tracker.ledger.views.lists import lists_file, wants_lists
from tracker.rectification.queries import TaskFilter
from tracker.rounds.models import Round
from tracker.web.access import actor, requires, row_id
from tracker.web.database import database, db, now, today
from tracker.web.forms import ActionForm, accepted, status_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/imports")
@requires(Permission.LEDGER_IMPORT)
def imports() -> ResponseReturnValue:
    """List what was imported."""
    return render_template("ledger/imports.html", batches=queries.list_batches(db(), actor=actor()))


@bp.route("/imports/new", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def new_import() -> ResponseReturnValue:
    """Read a ledger and keep it for the preview; nothing is imported yet."""
    form = ImportForm()
    if not keeping.offer_rounds(form):
        return redirect(url_for("rounds.rounds"))
    if form.validate_on_submit() and is_large_upload(form):
        work_id = ask_reading(form)
        if work_id is not None:
            return progress_page(work_id)
    elif form.validate_on_submit():
        upload = form.file.data
        batch = keeping.kept(
            form, lambda: keeping.preview_of(form, upload.filename or "", upload.stream)
        )
        if batch is not None:
            return keeping.next_step(batch)
    return render_template("ledger/new_import.html", form=form), status_of(form)


@bp.post("/imports/<int:batch_id>/apply")
@requires(Permission.LEDGER_IMPORT)
def apply_import(batch_id: int) -> ResponseReturnValue:
    """Import what the preview showed: all of it or nothing."""
    form = ActionForm()
    batch = queries.get_batch(db(), batch_id, actor=actor())
    if form.validate_on_submit() and is_large_import(batch):
        return ask_landing(batch)
    stale: list[StaleChangesError] = []

    def apply() -> None:
        try:
            landing.apply_import(db(), batch, actor=actor(), now=now())
        except StaleChangesError as error:
            stale.append(error)
            raise

    if form.validate_on_submit() and accepted(form, apply):
        db().commit()
        flash(_made(batch), "ok")
        return redirect(url_for(".one_import", batch_id=batch_id))
    if stale:
        landing.renew_preview(db(), batch, actor=actor(), now=now())
        db().commit()
    flash(form.form_errors[0], "warning")
    is_open = bool(count_changes(db(), batch).by_list[ChangeList.OPEN])
    return redirect(url_for(".import_changes" if is_open else ".one_import", batch_id=batch_id))


def _made(batch: ImportBatch) -> str:
    updated = json.loads(batch.summary).get("updated", 0)
    made = f"已导入：新建 {batch.issues_made} 个问题、{batch.tasks_made} 项任务"
    return f"{made}，更新 {updated} 处。" if updated else f"{made}。"


@bp.post("/imports/<int:batch_id>/cancel")
@requires(Permission.LEDGER_IMPORT)
def cancel_import(batch_id: int) -> ResponseReturnValue:
    """放弃 a previewed import."""
    form = ActionForm()
    batch = queries.get_batch(db(), batch_id, actor=actor())
    if form.validate_on_submit() and accepted(
        form, lambda: importing.cancel_import(db(), batch, actor=actor(), now=now())
    ):
        db().commit()
        flash("已放弃，没有导入任何内容。", "ok")
        return redirect(url_for(".imports"))
    flash(form.form_errors[0], "warning")
    return redirect(url_for(".one_import", batch_id=batch_id))


@bp.route("/imports/<int:batch_id>/undo", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def undo_import(batch_id: int) -> ResponseReturnValue:
    """撤销导入: what would go, or what stands in the way; then all of it or nothing."""
    form = UndoImportForm()
    batch = queries.get_batch(db(), batch_id, actor=actor())
    if form.validate_on_submit() and accepted(form, lambda: _undo(batch, str(form.reason.data))):
        db().commit()
        return redirect(url_for(".one_import", batch_id=batch_id))
    is_undoable = batch.state is BatchState.APPLIED and batch.is_traced
    page = render_template(
        "ledger/undo_import.html",
        batch=batch,
        form=form,
        is_undoable=is_undoable,
        standing=what_stands(db(), batch) if is_undoable else [],
        leaving=undoing.leaving(db(), batch) if is_undoable else None,
    )
    return page, status_of(form)


def _undo(batch: ImportBatch, reason: str) -> None:
    gone = undoing.undo_import(db(), batch, reason, actor=actor(), now=now())
    told = "、".join(f"{word} {number}" for word, number in gone.going.items())
    flash(f"已撤销导入：{told}。" if told else "已撤销导入，没有新建过内容。", "ok")


@bp.get("/imports/template")
@requires(Permission.LEDGER_IMPORT)
def template() -> ResponseReturnValue:
    """下载模板."""
    return _workbook(template_workbook(created_at=now()), "整改台账模板.xlsx")


@bp.get("/ledger/export")
@requires(Permission.LEDGER_EXPORT)
def export() -> ResponseReturnValue:
    """导出台账 or the official lists; without a round, choose from those this person has tasks in."""
    if wants_lists():
        return lists_file()
    rounds = exportable_rounds(db(), actor=actor())
    if "round" not in request.args:
        return render_template("ledger/export.html", rounds=rounds)
    tour = next((tour for tour in rounds if tour.id == row_id("round")), None)
    if tour is None:
        raise NotVisibleError
    if is_large(TaskFilter(round_id=tour.id, only="all")):
        return asked(_export_of(tour))
    outgoing = export_for_update(db(), tour, actor=actor(), now=now())
    with database().writing() as session:
        keep_outgoing(session, tour, outgoing, actor=actor(), now=now())
        session.commit()
    return _workbook(outgoing.content, export_name(tour, today=today()))


def _export_of(tour: Round) -> Wish:
    name = export_name(tour, today=today())
    params = {"round_id": tour.id}
    return Wish(kind=WorkKind.LEDGER_EXPORT, subject=name, params=params, back_to="/ledger/export")


def _workbook(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
