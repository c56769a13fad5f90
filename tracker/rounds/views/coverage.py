"""全覆盖任务: a term's list, one unit on it, and how it is filled."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.organizations.queries import own_and_counties
from tracker.organizations.rules import UnitCategory
from tracker.rounds import coverage_queries, queries, service
from tracker.rounds.forms import CoverageTargetForm, FillCoverageForm
from tracker.rounds.models import CoverageTarget, Round, Term
from tracker.rounds.rules import Decided
from tracker.rounds.views import bp
from tracker.web.access import actor, asked, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of

COUNTED = {"1": True, "0": False}


@bp.get("/terms/<int:term_id>/coverage-targets")
@requires(Permission.ROUND_READ)
def coverage_targets(term_id: int) -> ResponseReturnValue:
    """List whom a term owes an inspection, who of them counts, and why the others do not."""
    term = queries.get_term(db(), term_id, actor=actor())
    code = request.args.get("category", "")
    wanted = coverage_queries.TargetFilter(
        category=UnitCategory(code) if code in UnitCategory.__members__.values() else None,
        is_counted=COUNTED.get(request.args.get("counted", "")),
        text=asked("q"),
    )
    rows = coverage_queries.list_targets(db(), term, wanted, today=today())
    return render_template(
        "rounds/coverage_targets.html",
        term=term,
        targets=rows[: coverage_queries.LIST_SIZE],
        is_cut=len(rows) > coverage_queries.LIST_SIZE,
        counts=coverage_queries.count_targets(db(), term, today=today()),
        wanted=wanted,
        counted=request.args.get("counted", ""),
        categories=UnitCategory.choices().items(),
        today=today(),
    )


@bp.route("/terms/<int:term_id>/coverage-targets/fill", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def fill_coverage_targets(term_id: int) -> ResponseReturnValue:
    """Put all units of some kinds, or a pasted list, on a term's list."""
    term = queries.get_term(db(), term_id, actor=actor())
    form = _fill_form(term, own_and_counties(db(), term.region_id))
    new: list[int] = []

    def save() -> None:
        new.append(_fill(term, form))

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"新列入 {new[0]} 个单位；已在名单中的没有改动。", "ok")
        return redirect(url_for(".coverage_targets", term_id=term_id))
    page = render_template("rounds/fill_coverage_targets.html", form=form, term=term)
    return page, status_of(form)


def _fill_form(term: Term, regions: list[Region]) -> FillCoverageForm:
    data = {"added_on": term.starts_on, "regions": [term.region_id]}
    form = FillCoverageForm(data=data)
    form.regions.choices = [(region.id, region.name) for region in regions]
    return form


def _fill(term: Term, form: FillCoverageForm) -> int:
    added_on = given(form.added_on.data)
    if (form.pasted.data or "").strip():
        text = form.pasted.data or ""
        return service.list_pasted(db(), term, text, added_on, actor=actor(), now=now())
    return service.list_by_kind(
        db(),
        term,
        [UnitCategory(code) for code in form.categories.data or ()],
        form.regions.data or (),
        added_on,
        actor=actor(),
        now=now(),
    )


@bp.route("/coverage-targets/<int:target_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_coverage_target(target_id: int) -> ResponseReturnValue:
    """Decide whether and where a unit counts, from which day on; plan its round."""
    target = coverage_queries.get_target(db(), target_id, actor=actor())
    form = _target_form(target)

    def save() -> None:
        check_version(target, seen(form), "这个单位的全覆盖任务")
        _decide(target, form)

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".coverage_targets", term_id=target.term_id))
    form.version.data = str(target.version)
    page = render_template(
        "rounds/edit_coverage_target.html",
        form=form,
        target=target,
        earlier=coverage_queries.earlier_decisions(db(), target),
    )
    return page, status_of(form)


def _target_form(target: CoverageTarget) -> CoverageTargetForm:
    form = CoverageTargetForm(obj=target, effective_on=today())
    regions = coverage_queries.regions_to_count_in(db(), target)
    form.counted_in_region_id.choices = [(region.id, region.name) for region in regions]
    tours = [tour for tour in queries.list_rounds(db(), actor=actor()) if _is_of(tour, target)]
    form.planned_round_id.choices = [(0, "未安排"), *((tour.id, tour.name) for tour in tours)]
    if not form.is_submitted():
        form.planned_round_id.data = target.planned_round_id or 0
    return form


def _is_of(tour: Round, target: CoverageTarget) -> bool:
    return tour.term_id == target.term_id


def _decide(target: CoverageTarget, form: CoverageTargetForm) -> None:
    counted = bool(form.is_counted.data)
    decided = Decided(
        is_counted=counted,
        counted_in_region_id=form.counted_in_region_id.data,
        uncounted_reason=None if counted else form.uncounted_reason.data or None,
    )
    day = given(form.effective_on.data)
    holding = service.decide_target(db(), target, decided, day, actor=actor(), now=now())
    service.plan_target(db(), holding, form.planned_round_id.data or None, actor=actor(), now=now())
