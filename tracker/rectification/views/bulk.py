"""批量办理: one page that lists what will be done, then what was done and what was skipped."""

import re

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.rectification.forms import BulkForm
from tracker.rectification.rules.bulk import NEEDS_NOTE, WITH_DAY, WITH_NOTE, BulkVerb, BulkWish
from tracker.rectification.service import bulk
from tracker.rectification.service.bulk import Outcome
from tracker.rectification.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, status_of

TICK = re.compile(r"(?P<id>[0-9]{1,18})(?::(?P<version>[0-9]{1,9}))?")


@bp.route("/tasks/bulk", methods=["GET", "POST"])
@requires(Permission.TASK_BULK)
def bulk_tasks() -> ResponseReturnValue:
    """Ask once for all chosen tasks; each is then done for itself by the same service as alone.

    Which verbs a person may use, the services decide.
    """
    verb, chosen, form = _verb(), _chosen(), BulkForm()
    done: list[Outcome] = []

    def work() -> None:
        done.append(bulk.do_bulk(db(), _wish(verb, form), chosen, actor=actor(), now=now()))

    if form.validate_on_submit() and accepted(form, work):
        db().commit()
    page = render_template(
        "rectification/bulk_tasks.html",
        form=form,
        verb=verb,
        outcome=done[0] if done else None,
        foreseen=None if done else _foreseen(verb, chosen, form),
        with_note=verb in WITH_NOTE,
        needs_note=verb in NEEDS_NOTE,
        with_day=verb in WITH_DAY,
    )
    return page, status_of(form)


def _foreseen(verb: BulkVerb, chosen: dict[int, int], form: BulkForm) -> Outcome | None:
    try:
        return bulk.foresee(db(), verb, chosen, actor=actor())
    except DomainError as error:
        if str(error) not in form.form_errors:
            form.form_errors.append(str(error))
        return None


def _verb() -> BulkVerb:
    value = request.values.get("verb", "")
    if value not in BulkVerb.__members__.values():
        abort(404)
    return BulkVerb(value)


def _chosen() -> dict[int, int]:
    """Return the ids that were ticked, each with the row version the page showed, as `id:version`.

    The list's ticks carry no version yet: 0, which no row has. What is no id is no task either.
    """
    sent = (TICK.fullmatch(value) for value in request.values.getlist("task"))
    return {int(tick["id"]): int(tick["version"] or 0) for tick in sent if tick}


def _wish(verb: BulkVerb, form: BulkForm) -> BulkWish:
    return BulkWish(
        verb=verb,
        note=form.note.data or "",
        supplement=form.supplement.data or "",
        day=form.day.data,
        is_sustained=bool(form.is_sustained.data),
        next_review_on=form.next_review_on.data,
    )
