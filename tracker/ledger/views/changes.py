"""更新已有任务: what a corrected ledger changes, cell by cell, and the choice about each."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.ledger import deciding, importing, queries
from tracker.ledger.cell_forms import title_of
from tracker.ledger.change_queries import (
    PAGE_SIZE,
    ChangeCounts,
    ChangeList,
    changes_of,
    count_changes,
    fields_of,
)
from tracker.ledger.models import ImportBatch
from tracker.ledger.rules import BatchState, ChangeChoice
from tracker.ledger.views import bp
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, now
from tracker.web.forms import VersionedForm, accepted, refusal_of_press, seen, status_of

WHAT = "这份台账的预览"
CHOICE_NAME = re.compile(r"choice-(\d{1,12})", re.ASCII)


@bp.route("/imports/<int:batch_id>/changes", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def import_changes(batch_id: int) -> ResponseReturnValue:
    """Show the changed cells, a page of one list at a time; keep what was chosen on it."""
    batch = queries.get_batch(db(), batch_id, actor=actor())
    form = VersionedForm(data={"version": str(batch.version)})
    if form.validate_on_submit() and accepted(form, lambda: _decide(form, batch)):
        db().commit()
        flash("已保存选择。", "ok")
        asked: dict[str, Any] = {name: request.args.get(name) for name in ("show", "page")}
        return redirect(url_for(".import_changes", batch_id=batch_id, **asked))
    if form.form_errors:
        flash(form.form_errors[0], "warning")
        batch = queries.get_batch(db(), batch_id, actor=actor())
    form.version.data = str(batch.version)
    counts = count_changes(db(), batch)
    shown = _shown(counts)
    page = min(row_id("page") or 1, importing.MAX_ROWS)
    rows = changes_of(db(), batch, shown, page=page)
    return render_template(
        "ledger/import_changes.html",
        batch=batch,
        is_open=batch.state is BatchState.PREVIEW,
        counts=counts,
        lists=ChangeList,
        shown=shown,
        rows=[(row, title_of(row.field)) for row in rows[:PAGE_SIZE]],
        fields=[(field, title_of(field)) for field in fields_of(db(), batch)],
        page=page,
        has_more=len(rows) > PAGE_SIZE,
        form=form,
    ), status_of(form)


def _decide(form: VersionedForm, batch: ImportBatch) -> None:
    check_version(batch, seen(form), WHAT)
    deciding.decide_cells(db(), batch, _choices(), actor=actor(), now=now())


def _choices() -> dict[int, ChangeChoice]:
    """Return the choices of the form, by the id of the cell; what is no choice is passed over."""
    known = set(ChangeChoice)
    found = ((CHOICE_NAME.fullmatch(name), value) for name, value in request.form.items())
    return {int(name[1]): ChangeChoice(value) for name, value in found if name and value in known}


def _shown(counts: ChangeCounts) -> ChangeList:
    wanted = request.args.get("show", "")
    if wanted in set(ChangeList):
        return ChangeList(wanted)
    return next((which for which, number in counts.by_list.items() if number), ChangeList.THEIRS)


@bp.post("/imports/<int:batch_id>/changes/all")
@requires(Permission.LEDGER_IMPORT)
def decide_all_changes(batch_id: int) -> ResponseReturnValue:
    """Choose for all cells that the file changed, of one column or of all."""
    batch = queries.get_batch(db(), batch_id, actor=actor())
    choice = request.form.get("choice", "")
    field = request.form.get("field") or None
    if choice not in set(ChangeChoice):
        refusal: str | None = "请选择采用表中还是保留系统。"
    else:
        refusal = refusal_of_press(
            batch,
            WHAT,
            lambda: deciding.decide_all(
                db(), batch, ChangeChoice(choice), field, actor=actor(), now=now()
            ),
        )
    if refusal is None:
        db().commit()
        flash("已保存选择。", "ok")
    else:
        flash(refusal, "warning")
    return redirect(url_for(".import_changes", batch_id=batch_id))
