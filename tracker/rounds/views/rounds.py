"""The list of rounds, and one round."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.queries import feedbacks_of_round
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rectification.queries import progress_by_inspection
from tracker.rounds import queries, service
from tracker.rounds.forms import RoundForm
from tracker.rounds.models import Round
from tracker.rounds.rules import (
    MAX_EXTENSIONS,
    SWITCH_COLUMNS,
    RoundKind,
    RoundMode,
    RoundStatus,
    Switches,
)
from tracker.rounds.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, given, seen, status_of


@bp.get("/rounds")
@requires(Permission.ROUND_READ)
def rounds() -> ResponseReturnValue:
    """List the region's terms and rounds."""
    return render_template(
        "rounds/rounds.html",
        terms=queries.list_terms(db(), actor=actor()),
        rounds=queries.list_rounds(db(), actor=actor()),
        counts=queries.count_inspections(db(), actor=actor()),
    )


@bp.get("/rounds/<int:round_id>", endpoint="round")
@requires(Permission.ROUND_READ)
def one_round(round_id: int) -> ResponseReturnValue:
    """Show a round: its path, its inspections with their progress, its feedback."""
    tour = queries.get_round(db(), round_id, actor=actor())
    return render_template(
        "rounds/round.html",
        tour=tour,
        inspections=queries.inspections_of(db(), tour),
        feedbacks=feedbacks_of_round(db(), tour.id, actor=actor()),
        progress=progress_by_inspection(db(), tour.id, actor=actor()),
    )


@bp.route("/rounds/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new_round() -> ResponseReturnValue:
    """Take in a round."""
    form = _form()
    if not (form.term_id.choices and form.profile_id.choices):
        flash("登记轮次前，请先登记届。", "note")
        return redirect(url_for(".new_term"))
    made = []

    def save() -> None:
        made.append(service.plan_round(db(), own_region(), _draft(form), actor=actor(), now=now()))

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记，请添加巡察对象。", "ok")
        return redirect(url_for(".round", round_id=made[0].id))
    return render_template("rounds/new_round.html", form=form), status_of(form)


@bp.route("/rounds/<int:round_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_round(round_id: int) -> ResponseReturnValue:
    """Change a round."""
    tour = queries.get_round(db(), round_id, actor=actor())
    form = _form(_values(tour))

    def save() -> None:
        check_version(tour, seen(form), "这一轮")
        service.edit_round(db(), tour, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".round", round_id=round_id))
    form.version.data = str(tour.version)
    return render_template("rounds/edit_round.html", form=form, tour=tour), status_of(form)


def _form(values: dict[str, object] | None = None) -> RoundForm:
    form = RoundForm(data={"max_extensions": MAX_EXTENSIONS} | (values or {}))
    terms = queries.list_terms(db(), actor=actor())
    form.term_id.choices = [(term.id, f"第 {term.number} 届") for term in terms]
    form.profile_id.choices = [
        (profile.id, profile.name) for profile in queries.list_profiles(db(), actor=actor())
    ]
    return form


def _values(tour: Round) -> dict[str, object]:
    same = ("term_id", "seq", "code", "name", "kind", "theme", "profile_id", "status")
    values = {name: getattr(tour, name) for name in (*same, *SWITCH_COLUMNS.values())}
    return values | {"modes": [choice.mode for choice in tour.modes]}


def _draft(form: RoundForm) -> service.RoundDraft:
    return service.RoundDraft(
        term_id=form.term_id.data,
        code=form.code.data or "",
        seq=given(form.seq.data),
        name=form.name.data or "",
        kind=RoundKind(form.kind.data),
        profile_id=form.profile_id.data,
        modes=tuple(RoundMode(mode) for mode in form.modes.data or ()),
        theme=form.theme.data or None,
        status=RoundStatus(form.status.data),
        switches=Switches(**{name: form[column].data for name, column in SWITCH_COLUMNS.items()}),
    )
