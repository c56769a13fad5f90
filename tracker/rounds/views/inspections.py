"""One unit's inspection in a round."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.queries import feedbacks_of_inspection
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts_row
from tracker.rounds import queries, service
from tracker.rounds.forms import InspectionForm
from tracker.rounds.models import Inspection, Round
from tracker.rounds.rules import MilestoneKind, RoundKind
from tracker.rounds.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of
from tracker.workdays.queries import guessed_days

KINDS = list(MilestoneKind)


@bp.get("/inspections/<int:inspection_id>")
@requires(Permission.ROUND_READ)
def inspection(inspection_id: int) -> ResponseReturnValue:
    """Show an inspection: dates, milestones, feedback."""
    found = queries.get_inspection(db(), inspection_id, actor=actor())
    milestones = sorted(found.milestones, key=lambda row: (KINDS.index(row.kind), row.seq))
    feedbacks = feedbacks_of_inspection(db(), found.id, actor=actor())
    moves = any(each.profile.move_to_workday for each in feedbacks)
    return render_template(
        "rounds/inspection.html",
        inspection=found,
        milestones=milestones,
        feedbacks=feedbacks,
        guessed=guessed_days(db(), [row.due_on for row in milestones if moves]),
        ours=conducts_row(actor(), found.conducting_region_id),
        today=today(),
    )


@bp.route("/rounds/<int:round_id>/inspections/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new_inspection(round_id: int) -> ResponseReturnValue:
    """Take a unit into a round."""
    tour = queries.get_round(db(), round_id, actor=actor())
    form = _form(tour, None, {"kind": tour.kind})

    def save() -> None:
        service.add_inspection(db(), tour, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已添加，可以继续添加下一个。", "ok")
        return redirect(url_for(".new_inspection", round_id=round_id))
    page = render_template(
        "rounds/new_inspection.html",
        form=form,
        tour=tour,
        teams=queries.teams_of(db(), round_id),
        count=len(queries.inspections_of(db(), tour)),
    )
    return page, status_of(form)


@bp.route("/inspections/<int:inspection_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_inspection(inspection_id: int) -> ResponseReturnValue:
    """Change an inspection."""
    found = queries.get_inspection(db(), inspection_id, actor=actor(), to_change=True)
    form = _form(found.round, found.unit, _values(found))

    def save() -> None:
        check_version(found, seen(form), "这个巡察对象")
        service.edit_inspection(db(), found, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".inspection", inspection_id=inspection_id))
    form.version.data = str(found.version)
    teams = queries.teams_of(db(), found.round_id)
    page = render_template("rounds/edit_inspection.html", form=form, inspection=found, teams=teams)
    return page, status_of(form)


def _form(tour: Round, present: Unit | None, values: dict[str, object]) -> InspectionForm:
    """Return the form; the unit it has now stays a choice even when it has ended since."""
    form = InspectionForm(data=values)
    units = queries.inspectable_units(db(), tour, today=today())
    if present is not None and present.id not in {unit.id for unit in units}:
        units = [present, *units]
    form.unit_id.choices = [(unit.id, _called(unit, tour)) for unit in units]
    return form


def _values(row: Inspection) -> dict[str, object]:
    return {
        "unit_id": row.unit_id,
        "team": row.team.name if row.team else "",
        "batch_seq": row.batch.seq if row.batch else None,
        "kind": row.kind,
        "counts_for_coverage": row.counts_for_coverage,
        "onsite_start": row.onsite_start,
        "onsite_end": row.onsite_end,
    }


def _called(unit: Unit, tour: Round) -> str:
    return unit.name if unit.region_id == tour.region_id else f"{unit.region.name} {unit.name}"


def _draft(form: InspectionForm) -> service.InspectionDraft:
    return service.InspectionDraft(
        unit_id=form.unit_id.data,
        kind=RoundKind(form.kind.data),
        team=form.team.data or "",
        batch_seq=form.batch_seq.data,
        counts_for_coverage=bool(form.counts_for_coverage.data),
        onsite_start=form.onsite_start.data,
        onsite_end=form.onsite_end.data,
    )
