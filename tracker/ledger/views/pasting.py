"""粘贴台账: a table copied in Excel or WPS, pasted into the page, previewed like a file."""

import io

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.ledger import pasting
from tracker.ledger.forms import PastedForm
from tracker.ledger.models import ImportBatch
from tracker.ledger.views import bp, keeping
from tracker.web.access import requires
from tracker.web.forms import status_of


@bp.route("/imports/paste", methods=["GET", "POST"])
@requires(Permission.LEDGER_IMPORT)
def paste_import() -> ResponseReturnValue:
    """Make a file of what was pasted, read it and keep it for the preview."""
    form = PastedForm()
    if not keeping.offer_rounds(form):
        return redirect(url_for("rounds.rounds"))
    if form.validate_on_submit():
        batch = keeping.kept(form, lambda: _preview(form))
        if batch is not None:
            return keeping.next_step(batch)
    page = render_template("ledger/paste_import.html", form=form, pasting=pasting)
    return page, status_of(form)


def _preview(form: PastedForm) -> ImportBatch:
    content = pasting.tsv_of(form.table.data or "", has_header=form.has_header.data)
    return keeping.preview_of(form, pasting.FILE_NAME, io.BytesIO(content))
