"""The restricted pages: one clue's detail, and answers overdue. For people granted by name."""

from typing import cast

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.handover.forms import ClueDetailForm
from tracker.handover.queries import clues as queries
from tracker.handover.service import clue_details as service
from tracker.handover.views import bp
from tracker.kernel.crypto import Sealer
from tracker.kernel.permissions import Permission, may
from tracker.web.access import actor, requires
from tracker.web.database import database, db, now, today
from tracker.web.forms import accepted, seen, status_of


@bp.get("/clues/unanswered")
@requires(Permission.CLUE_READ)
def unanswered_clues() -> ResponseReturnValue:
    """List entries whose answer is overdue or due soon."""
    queries.ensure_may_open_details(db(), actor=actor(), today=today())
    rows = queries.unanswered_clues(db(), actor=actor(), today=today())
    return render_template("handover/unanswered_clues.html", clues=rows, today=today())


@bp.route("/clues/<int:clue_id>/detail", methods=["GET", "POST"])
@requires(Permission.CLUE_READ)
def clue_detail(clue_id: int) -> ResponseReturnValue:
    """Open one detail: the look is in the trail before anything is shown."""
    queries.ensure_may_open_details(db(), actor=actor(), today=today())
    found = queries.get_clue(db(), clue_id, actor=actor())
    known = service.open_detail(db(), found, _sealer())
    form = ClueDetailForm(obj=known)

    def save() -> None:
        said = service.Detail(form.text.data or "", form.persons.data or "", seen(form))
        service.save_detail(db(), found, said, _sealer(), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已加密保存。", "ok")
        return redirect(url_for(".clue", clue_id=clue_id))
    form.version.data = str(known.version if known else 0)
    answer = render_template(
        "handover/clue_detail.html",
        form=form,
        clue=found,
        known=known,
        may_write=may(actor(), Permission.CLUE_EDIT),
    )
    db().close()
    with database().writing() as session:
        service.note_opening(session, found, actor=actor(), now=now())
        session.commit()
    return answer, status_of(form)


def _sealer() -> Sealer:
    return cast("Sealer", current_app.extensions["tracker_sealer"])
