"""意见建议 to departments, and what came of it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.handover.forms import AdviceAnswerForm, AdviceForm, VoidForm
from tracker.handover.models import Advice
from tracker.handover.queries import advice as queries
from tracker.handover.queries.clues import rounds_to_pick
from tracker.handover.rules import Adoption
from tracker.handover.service import advice as service
from tracker.handover.views import bp
from tracker.handover.views.choices import NONE, fill_places
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Unit
from tracker.organizations.queries import pickable_units
from tracker.web.access import actor, asked, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import ChineseForm, accepted, given, seen, status_of


@bp.get("/advice")
@requires(Permission.ADVICE_READ)
def advices() -> ResponseReturnValue:
    """List advice with what was made of it."""
    wanted = queries.AdviceFilter(round_id=row_id("round"), only=asked("only"), text=asked("q"))
    return render_template(
        "handover/advices.html",
        advices=queries.list_advice(db(), wanted, actor=actor()),
        counts=queries.count_advice(db(), actor=actor(), as_of=today()),
        wanted=wanted,
        rounds=[(row.id, row.name) for row in rounds_to_pick(db(), own_region())],
        outcomes=[*Adoption.choices().items(), (queries.WAITING, "待回复")],
        today=today(),
        as_of=today(),
    )


@bp.route("/advice/new", methods=["GET", "POST"])
@requires(Permission.ADVICE_EDIT)
def new_advice() -> ResponseReturnValue:
    """Note advice to a department."""
    form = _form(None)

    def save() -> None:
        service.issue_advice(db(), own_region(), _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记。", "ok")
        return redirect(url_for(".advices"))
    return render_template("handover/new_advice.html", form=form), status_of(form)


@bp.get("/advice/<int:advice_id>")
@requires(Permission.ADVICE_READ)
def advice(advice_id: int) -> ResponseReturnValue:
    """Show one piece of advice."""
    found = queries.get_advice(db(), advice_id, actor=actor())
    return render_template("handover/advice.html", advice=found, today=today())


@bp.route("/advice/<int:advice_id>/edit", methods=["GET", "POST"])
@requires(Permission.ADVICE_EDIT)
def edit_advice(advice_id: int) -> ResponseReturnValue:
    """Change advice."""
    found = queries.get_advice(db(), advice_id, actor=actor())
    form = _form(found)
    return _decide(
        found,
        form,
        "edit_advice",
        lambda: service.edit_advice(db(), found, _draft(form), actor=actor(), now=now()),
        "已保存。",
    )


@bp.route("/advice/<int:advice_id>/answer", methods=["GET", "POST"])
@requires(Permission.ADVICE_EDIT)
def advice_answer(advice_id: int) -> ResponseReturnValue:
    """Note whether the department adopts it."""
    found = queries.get_advice(db(), advice_id, actor=actor())
    form = AdviceAnswerForm(obj=found)
    return _decide(
        found,
        form,
        "advice_answer",
        lambda: service.answer_advice(
            db(),
            found,
            Adoption(form.adoption.data),
            form.answer_text.data or "",
            given(form.answered_on.data),
            actor=actor(),
            now=now(),
        ),
        "已登记采纳情况。",
    )


@bp.route("/advice/<int:advice_id>/void", methods=["GET", "POST"])
@requires(Permission.ADVICE_EDIT)
def void_advice(advice_id: int) -> ResponseReturnValue:
    """作废 of advice entered by mistake."""
    found = queries.get_advice(db(), advice_id, actor=actor())
    form = VoidForm()
    return _decide(
        found,
        form,
        "void_advice",
        lambda: service.void_advice(db(), found, form.reason.data or "", actor=actor(), now=now()),
        "已作废，不再计入统计。",
    )


def _decide(
    found: Advice, form: ChineseForm, view: str, do: Callable[[], object], done: str
) -> ResponseReturnValue:
    def save() -> None:
        check_version(found, seen(form), "这条意见建议")
        do()

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".advice", advice_id=found.id))
    form["version"].data = str(found.version)
    return render_template(f"handover/{view}.html", form=form, advice=found), status_of(form)


def _form(present: Advice | None) -> AdviceForm:
    """Return the form; the unit it has now stays a choice even when it has ended since."""
    form = AdviceForm(obj=present)
    fill_places(form, own_region())
    units: list[Unit] = pickable_units(db(), own_region(), today=today())
    if present is not None and present.unit is not None and present.unit not in units:
        units = [present.unit, *units]
    form.unit_id.choices = [NONE, *((unit.id, unit.name) for unit in units)]
    form.unit_id.data = form.unit_id.data or 0
    return form


def _draft(form: AdviceForm) -> service.AdviceDraft:
    return service.AdviceDraft(
        addressee=form.addressee.data or "",
        text=form.text.data or "",
        issued_on=given(form.issued_on.data),
        reply_due=form.reply_due.data,
        unit_id=form.unit_id.data or None,
        round_id=form.round_id.data or None,
        inspection_id=form.inspection_id.data or None,
    )
