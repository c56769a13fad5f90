"""问题线索、信访事项 as numbers."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.handover.forms import (
    ClueForm,
    ClueReplyForm,
    CorrectionForm,
    EditClueForm,
    FoundForm,
    OutcomeForm,
    VoidForm,
)
from tracker.handover.models import Clue
from tracker.handover.queries import clues as queries
from tracker.handover.rules import ClueDirection, ClueKind, ClueMeasure, Disposal
from tracker.handover.service import clues as service
from tracker.handover.views import bp
from tracker.handover.views.choices import fill_places
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import ChineseForm, accepted, given, seen, status_of


@bp.get("/clues")
@requires(Permission.CLUE_READ)
def clues() -> ResponseReturnValue:
    """Show the office's numbers and the entries behind them."""
    queries.ensure_clues_on(db(), actor=actor())
    return render_template(
        "handover/clues.html",
        sums=queries.clue_sums(db(), actor=actor(), as_of=today()),
        kinds=list(ClueKind),
        clues=queries.list_clues(db(), actor=actor()),
        found=queries.found_counts(db(), actor=actor()),
        is_granted=queries.may_open_details(db(), actor=actor(), today=today()),
        as_of=today(),
    )


@bp.route("/clues/new", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def new_clue() -> ResponseReturnValue:
    """Note clues that moved out or were taken in."""
    queries.ensure_clues_on(db(), actor=actor())
    form = ClueForm()
    fill_places(form, own_region())

    def save() -> None:
        service.record_clue(db(), own_region(), _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记。", "ok")
        return redirect(url_for(".clues"))
    return render_template("handover/new_clue.html", form=form), status_of(form)


@bp.get("/clues/<int:clue_id>")
@requires(Permission.CLUE_READ)
def clue(clue_id: int) -> ResponseReturnValue:
    """Show one entry: how many, where to, what came of it."""
    return render_template(
        "handover/clue.html",
        clue=_clue(clue_id),
        is_granted=queries.may_open_details(db(), actor=actor(), today=today()),
    )


def _clue(clue_id: int) -> Clue:
    queries.ensure_clues_on(db(), actor=actor())
    return queries.get_clue(db(), clue_id, actor=actor())


@bp.route("/clues/<int:clue_id>/edit", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def edit_clue(clue_id: int) -> ResponseReturnValue:
    """Change an entry."""
    found = _clue(clue_id)
    form = EditClueForm(obj=found)
    fill_places(form, own_region())
    return _decide(
        found,
        form,
        "edit_clue",
        lambda: service.edit_clue(
            db(), found, _draft(form), reason=form.reason.data or "", actor=actor(), now=now()
        ),
        "已保存。",
    )


@bp.route("/clues/<int:clue_id>/reply", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def clue_reply(clue_id: int) -> ResponseReturnValue:
    """Note the answer of the receiving organ."""
    found = _clue(clue_id)
    form = ClueReplyForm(obj=found)
    return _decide(
        found,
        form,
        "clue_reply",
        lambda: service.note_reply(
            db(),
            found,
            given(form.replied_on.data),
            Disposal(form.disposal.data),
            reason=form.reason.data or "",
            actor=actor(),
            now=now(),
        ),
        "已登记回复。",
    )


@bp.route("/clues/<int:clue_id>/outcomes/new", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def new_outcome(clue_id: int) -> ResponseReturnValue:
    """Note settled, filed, punished."""
    found = _clue(clue_id)
    form = OutcomeForm()
    return _decide(
        found,
        form,
        "new_outcome",
        lambda: service.add_outcome(
            db(),
            found,
            ClueMeasure(form.measure.data),
            given(form.amount.data),
            given(form.occurred_on.data),
            source_document=form.source_document.data or None,
            actor=actor(),
            now=now(),
        ),
        "已登记。",
    )


@bp.route("/clues/<int:clue_id>/void", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def void_clue(clue_id: int) -> ResponseReturnValue:
    """作废 of an entry made by mistake."""
    found = _clue(clue_id)
    form = VoidForm()
    return _decide(
        found,
        form,
        "void_clue",
        lambda: service.void_clue(db(), found, form.reason.data or "", actor=actor(), now=now()),
        "已作废，不再计入统计。",
    )


@bp.route("/clues/counts/new", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def new_found() -> ResponseReturnValue:
    """Note how many clues a round found."""
    queries.ensure_clues_on(db(), actor=actor())
    form = FoundForm()
    fill_places(form, own_region())

    def save() -> None:
        draft = service.FoundDraft(
            kind=ClueKind(form.kind.data),
            amount=given(form.amount.data),
            occurred_on=given(form.occurred_on.data),
            round_id=form.round_id.data,
            inspection_id=form.inspection_id.data or None,
            source_document=form.source_document.data or None,
        )
        service.add_found(db(), own_region(), draft, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记。", "ok")
        return redirect(url_for(".clues"))
    return render_template("handover/new_found.html", form=form), status_of(form)


@bp.route("/clues/counts/<int:count_id>/correct", methods=["GET", "POST"])
@requires(Permission.CLUE_EDIT)
def correct_count(count_id: int) -> ResponseReturnValue:
    """更正 of a number."""
    queries.ensure_clues_on(db(), actor=actor())
    count = queries.get_count(db(), count_id, actor=actor())
    form = CorrectionForm(obj=count)

    def save() -> None:
        check_version(count, seen(form), "这个数")
        service.correct_count(
            db(),
            count,
            amount=given(form.amount.data),
            occurred_on=given(form.occurred_on.data),
            reason=form.reason.data or "",
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已更正。", "ok")
        back = url_for(".clue", clue_id=count.clue_id) if count.clue_id else url_for(".clues")
        return redirect(back)
    form.version.data = str(count.version)
    return render_template("handover/correct_count.html", form=form, count=count), status_of(form)


def _decide(
    found: Clue, form: ChineseForm, view: str, do: Callable[[], object], done: str
) -> ResponseReturnValue:
    def save() -> None:
        if "version" in form:
            check_version(found, seen(form), "这条登记")
        do()

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".clue", clue_id=found.id))
    if "version" in form:
        form["version"].data = str(found.version)
    return render_template(f"handover/{view}.html", form=form, clue=found), status_of(form)


def _draft(form: ClueForm) -> service.ClueDraft:
    return service.ClueDraft(
        code=form.code.data or "",
        direction=ClueDirection(form.direction.data),
        kind=ClueKind(form.kind.data),
        amount=given(form.amount.data),
        counterpart=form.counterpart.data or "",
        moved_on=given(form.moved_on.data),
        round_id=form.round_id.data or None,
        inspection_id=form.inspection_id.data or None,
        feedback_id=form.feedback_id.data or None,
    )
