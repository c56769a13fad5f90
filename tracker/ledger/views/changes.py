"""更新已有任务: what a corrected ledger changes, cell by cell, and the choice about each."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

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
from tracker.ledger.rules import BatchState, ChangeChoice
from tracker.ledger.views import bp
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, now
from tracker.web.forms import ActionForm, accepted

CHOICE_NAME = re.compile(r"choice-(\d{1,12})", re.ASCII)


@bp.route("/imports/<int:batch_id>/changes", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def import_changes(batch_id: int) -> ResponseReturnValue:
    """Show the changed cells, a page of one list at a time; keep what was chosen on it."""
    batch = queries.get_batch(db(), batch_id, actor=actor())
    form = ActionForm()
    here = url_for(
        ".import_changes",
        batch_id=batch_id,
        show=request.args.get("show"),
        page=request.args.get("page"),
    )
    if form.validate_on_submit():
        choices = _choices()
        if accepted(
            form, lambda: deciding.decide_cells(db(), batch, choices, actor=actor(), now=now())
        ):
            db().commit()
            flash("已保存选择。", "ok")
        else:
            flash(form.form_errors[0], "warning")
        return redirect(here)
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
    )


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
    form = ActionForm()
    choice = request.form.get("choice", "")
    field = request.form.get("field") or None
    if choice not in set(ChangeChoice):
        form.form_errors.append("请选择采用表中还是保留系统。")
    elif form.validate_on_submit() and accepted(
        form,
        lambda: deciding.decide_all(
            db(), batch, ChangeChoice(choice), field, actor=actor(), now=now()
        ),
    ):
        db().commit()
        flash("已保存选择。", "ok")
        return redirect(url_for(".import_changes", batch_id=batch_id))
    flash(form.form_errors[0], "warning")
    return redirect(url_for(".import_changes", batch_id=batch_id))
