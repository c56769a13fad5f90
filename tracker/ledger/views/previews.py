"""预览: one import, row by row with every remark, and a place to correct each cell right there."""

import json
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.ledger import correcting, importing, queries
from tracker.ledger.change_queries import count_changes
from tracker.ledger.forms import CorrectionsForm, name_of
from tracker.ledger.layouts import TableLayout
from tracker.ledger.matching import wants_eyes
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.packing import unpack_layouts
from tracker.ledger.reading_apart import read_apart
from tracker.ledger.remarks import ShownRow, choices_wanted, shown_row, units_wanted
from tracker.ledger.rules import BatchState, RowFate
from tracker.ledger.views import bp
from tracker.ledger.views.keeping import question_of
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.web.access import actor, requires, row_id
from tracker.web.database import database, db, now, today
from tracker.web.forms import accepted, seen, status_of

CORRECTED = "corrected"
SHOWN = {
    "attention": ("待处理", queries.ATTENTION),
    **{fate.value: (fate.label, (fate,)) for fate in RowFate},
    CORRECTED: ("已更正", ()),
}


@dataclass(frozen=True)
class Asked:
    """Which rows the address asks for, and how many there are of each kind."""

    show: str
    page: int
    counts: dict[str, int]


@bp.route("/imports/<int:batch_id>", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def one_import(batch_id: int) -> ResponseReturnValue:
    """Show an import: what it makes, what was refused and why; cells typed anew are read again."""
    with database().reading() as read:
        batch = queries.get_batch(read, batch_id, actor=actor())
        asked = _asked(read, batch)
    form = CorrectionsForm(data={"version": str(batch.version)})
    if form.validate_on_submit() and accepted(form, lambda: _correct(form, batch)):
        db().commit()
        flash("已按更正重新读取，请核对下面的结果。", "ok")
        again: dict[str, Any] = {"show": asked.show, "page": asked.page if asked.page > 1 else None}
        return redirect(url_for(".one_import", batch_id=batch.id, **again))
    form.version.data = str(batch.version)
    with database().reading() as read:
        return _page(read, batch, form, asked), status_of(form)


def _correct(form: CorrectionsForm, batch: ImportBatch) -> None:
    """Read the stored file with the corrections, and only then open the transaction."""
    check_version(batch, seen(form), "这次导入")
    typed = form.typed()
    with database().reading() as read:
        changes = correcting.changes_of(
            typed,
            form.taken_back(),
            queries.rows_at(read, batch, typed),
            queries.standing_corrections(read, batch),
            unpack_layouts(json.loads(batch.layouts)),
        )
        question = question_of(read, batch)
    wanted = correcting.with_changes(question.corrections, changes)
    reading = read_apart(replace(question, corrections=wanted))
    fresh = queries.get_batch(db(), batch.id, actor=actor())
    check_version(fresh, seen(form), "这次导入")
    correcting.correct_import(db(), fresh, changes, reading, actor=actor(), now=now())


def _asked(session: Session, batch: ImportBatch) -> Asked:
    fates = queries.count_rows(session, batch)
    counts = {code: sum(fates[f] for f in wanted) for code, (_, wanted) in SHOWN.items()}
    counts[CORRECTED] = queries.count_corrected(session, batch)
    show = request.args.get("show", "")
    if show not in SHOWN:
        show = "attention" if counts["attention"] else RowFate.NEW.value
    return Asked(show, min(row_id("page") or 1, importing.MAX_ROWS), counts)


def _page(session: Session, batch: ImportBatch, form: CorrectionsForm, asked: Asked) -> str:
    layouts = unpack_layouts(json.loads(batch.layouts))
    found = _rows(session, batch, asked)
    rows = _shown(session, batch, found[: queries.PAGE_SIZE], layouts)
    return render_template(
        "ledger/one_import.html",
        batch=batch,
        changes=count_changes(session, batch),
        summary=json.loads(batch.summary),
        layouts=layouts,
        must_match=wants_eyes(layouts),
        tabs=[(code, label, asked.counts[code]) for code, (label, _) in SHOWN.items()],
        shown=asked.show,
        rows=rows,
        owners=(owners := _owners(rows)),
        left_over=[(cell, text) for cell, text in form.typed().items() if cell not in owners],
        units=_units(session, batch, rows),
        choices=list(choices_wanted(rows)),
        name_of=name_of,
        page=asked.page,
        has_more=len(found) > queries.PAGE_SIZE,
        form=form,
    )


def _rows(session: Session, batch: ImportBatch, asked: Asked) -> list[ImportRow]:
    if asked.show == CORRECTED:
        return queries.corrected_rows(session, batch, page=asked.page)
    return queries.rows_of(session, batch, SHOWN[asked.show][1], page=asked.page)


def _shown(
    session: Session, batch: ImportBatch, rows: list[ImportRow], layouts: tuple[TableLayout, ...]
) -> list[ShownRow]:
    standing = queries.standing_corrections(session, batch)
    return [shown_row(row, layouts, standing) for row in rows]


def _owners(rows: list[ShownRow]) -> dict[object, int]:
    """Return the row under which each cell can be corrected: a merged one stands in several."""
    owners: dict[object, int] = {}
    for row in rows:
        for cell in row.cells:
            owners.setdefault(cell.cell, row.row.row_no)
    return owners


def _units(session: Session, batch: ImportBatch, rows: list[ShownRow]) -> list[Unit]:
    if batch.state is not BatchState.PREVIEW or not units_wanted(rows):
        return []
    return pickable_units(session, batch.region_id, today=today())
