"""Pages of the ledger: imports, one import's preview, the template, the export."""

import io
import json
import tempfile
from pathlib import Path

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from tracker.files.storage import FileStorage
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.ledger import importing, landing, queries
from tracker.ledger.change_queries import ChangeList, count_changes
from tracker.ledger.exporting import export_for_update, exportable_rounds, keep_outgoing
from tracker.ledger.forms import ImportForm
from tracker.ledger.matching import wants_eyes
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.packing import unpack_item, unpack_layouts, unpack_notes
from tracker.ledger.reading_apart import Question, read_apart
from tracker.ledger.rules import RowFate
from tracker.ledger.template import template_workbook
from tracker.ledger.updating import StaleChangesError
from tracker.ledger.views import bp
from tracker.ledger.views.lists import lists_file, wants_lists
from tracker.rounds.queries import get_round, list_rounds
from tracker.web.access import actor, requires, row_id
from tracker.web.database import config, database, db, now, today
from tracker.web.forms import ActionForm, accepted, status_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = {
    "attention": ("需要看的", queries.ATTENTION),
    **{fate.value: (fate.label, (fate,)) for fate in RowFate},
}


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
    with database().reading() as read:
        rounds = list_rounds(read, actor=actor())
    form.round_id.choices = [(tour.id, f"{tour.name}（{tour.code}）") for tour in rounds]
    if not rounds:
        flash("导入台账前，请先登记巡察轮次。", "note")
        return redirect(url_for("rounds.rounds"))
    if form.validate_on_submit() and (batch := _keep(form)) is not None:
        unsure = wants_eyes(unpack_layouts(json.loads(batch.layouts)))
        return redirect(url_for(".import_columns" if unsure else ".one_import", batch_id=batch.id))
    return render_template("ledger/new_import.html", form=form), status_of(form)


def _keep(form: ImportForm) -> ImportBatch | None:
    """Return the kept import; None when the file was refused."""
    batches: list[ImportBatch] = []
    if not accepted(form, lambda: batches.append(_preview(form))):
        return None
    db().commit()
    return batches[0]


def _preview(form: ImportForm) -> ImportBatch:
    """Read the file in a process of its own, store it, and only then open the transaction."""
    upload = form.file.data
    with database().reading() as read:
        tour = get_round(read, form.round_id.data, actor=actor())
        fed_back_on = importing.feedback_day(read, tour, form.fed_back_on.data, today=today())
        end = importing.end_of_concentrated_period(read, tour, fed_back_on)
        words = queries.words_of(read, tour.region_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger"
        upload.save(path)
        asked = Question(
            path=path,
            name=upload.filename or "",
            fed_back_on=fed_back_on,
            concentrated_end=end,
            unit=form.unit.data or None,
            words=words,
        )
        reading = read_apart(asked)
    importing.check_readable(reading, asking=True)
    upload.stream.seek(0)
    storage = FileStorage(config().evidence_dir)
    stored = storage.store(upload.stream, upload.filename, actor=actor(), now=now(), tables=True)
    return importing.preview_import(
        db(),
        stored,
        get_round(db(), form.round_id.data, actor=actor()),
        reading,
        fed_back_on=fed_back_on,
        unit=form.unit.data or None,
        actor=actor(),
        now=now(),
    )


@bp.get("/imports/<int:batch_id>")
@requires(Permission.LEDGER_IMPORT)
def one_import(batch_id: int) -> ResponseReturnValue:
    """Show an import: what it makes, what was refused and why, row by row."""
    batch = queries.get_batch(db(), batch_id, actor=actor())
    counts = queries.count_rows(db(), batch)
    layouts = unpack_layouts(json.loads(batch.layouts))
    shown = request.args.get("show", "")
    if shown not in SHOWN:
        needs_eyes = any(counts[fate] for fate in queries.ATTENTION)
        shown = "attention" if needs_eyes else RowFate.NEW.value
    page = min(row_id("page") or 1, importing.MAX_ROWS)
    rows = queries.rows_of(db(), batch, SHOWN[shown][1], page=page)
    return render_template(
        "ledger/one_import.html",
        batch=batch,
        summary=json.loads(batch.summary),
        layouts=layouts,
        must_match=wants_eyes(layouts),
        changes=count_changes(db(), batch),
        tabs=[
            (code, label, sum(counts[f] for f in fates)) for code, (label, fates) in SHOWN.items()
        ],
        shown=shown,
        rows=[_shown_row(row) for row in rows[: queries.PAGE_SIZE]],
        page=page,
        has_more=len(rows) > queries.PAGE_SIZE,
        form=ActionForm(),
    )


def _shown_row(row: ImportRow) -> dict[str, object]:
    cells = json.loads(row.cells)
    return {
        "sheet": row.sheet,
        "row_no": row.row_no,
        "fate": row.fate,
        "item": unpack_item(cells) if cells else None,
        "notes": unpack_notes(json.loads(row.notes)),
        "task_id": row.task_id,
    }


@bp.post("/imports/<int:batch_id>/apply")
@requires(Permission.LEDGER_IMPORT)
def apply_import(batch_id: int) -> ResponseReturnValue:
    """Import what the preview showed: all of it or nothing."""
    form = ActionForm()
    batch = queries.get_batch(db(), batch_id, actor=actor())
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
        return _workbook(*lists_file())
    rounds = exportable_rounds(db(), actor=actor())
    if "round" not in request.args:
        return render_template("ledger/export.html", rounds=rounds)
    tour = next((tour for tour in rounds if tour.id == row_id("round")), None)
    if tour is None:
        raise NotVisibleError
    outgoing = export_for_update(db(), tour, actor=actor(), now=now())
    with database().writing() as session:
        keep_outgoing(session, tour, outgoing, actor=actor(), now=now())
        session.commit()
    return _workbook(outgoing.content, f"{tour.name}整改台账{today().isoformat()}.xlsx")


def _workbook(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
