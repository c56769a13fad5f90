"""督查记录: the list, one visit, recording and changing it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.visits import VisitForm
from tracker.letters.models.visits import SupervisionVisit
from tracker.letters.queries import visits as queries
from tracker.letters.service import visits as service
from tracker.letters.views import bp
from tracker.organizations.queries import pickable_units
from tracker.organizations.scope import conducts_row
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of


@bp.get("/visits")
@requires(Permission.VISIT_READ)
def visits() -> ResponseReturnValue:
    """List the visits this person may read."""
    return render_template(
        "letters/visits.html",
        visits=queries.list_visits(db(), actor=actor()),
        total=queries.count_visits(db(), own_region(), as_of=today(), actor=actor()),
        as_of=today(),
    )


@bp.get("/visits/<int:visit_id>")
@requires(Permission.VISIT_READ)
def visit(visit_id: int) -> ResponseReturnValue:
    """Show a visit, cut to the units this person may know of."""
    shown = queries.show_visit(db(), visit_id, actor=actor())
    return render_template(
        "letters/visit.html",
        shown=shown,
        visit=shown.visit,
        tasks_seen=queries.tasks_seen(db(), shown, actor=actor()),
        ours=conducts_row(actor(), shown.visit.region_id),
    )


@bp.route("/visits/new", methods=["GET", "POST"])
@requires(Permission.VISIT_EDIT)
def new_visit() -> ResponseReturnValue:
    """Record a visit."""
    form = _form(None)
    made: list[SupervisionVisit] = []

    def save() -> None:
        made.append(
            service.record_visit(db(), own_region(), _draft(form), actor=actor(), now=now())
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("督查已登记。请逐条登记督查意见。", "ok")
        return redirect(url_for(".visit", visit_id=made[0].id))
    return render_template("letters/new_visit.html", form=form), status_of(form)


@bp.route("/visits/<int:visit_id>/edit", methods=["GET", "POST"])
@requires(Permission.VISIT_EDIT)
def edit_visit(visit_id: int) -> ResponseReturnValue:
    """Change a visit."""
    found = queries.get_visit(db(), visit_id, actor=actor())
    form = _form(found)

    def save() -> None:
        check_version(found, seen(form), "这次督查")
        service.edit_visit(db(), found, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".visit", visit_id=visit_id))
    form.version.data = str(found.version)
    return render_template("letters/edit_visit.html", form=form, visit=found), status_of(form)


def _form(found: SupervisionVisit | None) -> VisitForm:
    present = [link.unit for link in found.units] if found else []
    values: dict[str, object] = {"unit_ids": [unit.id for unit in present]}
    if found:
        values |= {name: getattr(found, name) for name in ("visited_on", "members", "text")}
        values["leader"] = found.leader.name
    form = VisitForm(data=values)
    known = {unit.id for unit in present}
    others = pickable_units(db(), own_region(), today=today())
    choices = present + [unit for unit in others if unit.id not in known]
    form.unit_ids.choices = [(unit.id, unit.name) for unit in choices]
    return form


def _draft(form: VisitForm) -> service.VisitDraft:
    return service.VisitDraft(
        visited_on=given(form.visited_on.data),
        leader=form.leader.data or "",
        members=form.members.data or "",
        unit_ids=tuple(form.unit_ids.data or ()),
        text=form.text.data or "",
    )
