"""Pages of 单位, 人员, 地区."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.administration.forms import CountyForm, PersonForm, RegionForm, UnitForm
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations import queries, service
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.people import directory
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of

bp = Blueprint("administration", __name__)


def _searched() -> str:
    return request.args.get("q", "").replace("\x00", "").strip()[:100]


@bp.get("/units")
@requires(Permission.ORGANIZATION_EDIT)
def units() -> ResponseReturnValue:
    """List the region's units."""
    code = request.args.get("category", "")
    category = UnitCategory(code) if code in UnitCategory.__members__.values() else None
    rows = queries.list_units(db(), actor=actor(), text=_searched(), category=category)
    return render_template(
        "administration/units.html",
        units=rows[: queries.LIST_SIZE],
        is_cut=len(rows) > queries.LIST_SIZE,
        categories=UnitCategory.choices().items(),
        category=code,
        text=_searched(),
        today=today(),
    )


@bp.route("/units/new", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def new_unit() -> ResponseReturnValue:
    """Take in a unit."""
    form = UnitForm()

    def save() -> None:
        service.add_unit(db(), own_region(), _unit(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"“{form.name.data}”已添加。", "ok")
        return redirect(url_for(".units"))
    return render_template("administration/new_unit.html", form=form), status_of(form)


@bp.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def edit_unit(unit_id: int) -> ResponseReturnValue:
    """Change a unit."""
    unit = queries.get_unit(db(), unit_id, actor=actor())
    form = UnitForm(obj=unit)

    def save() -> None:
        check_version(unit, seen(form), "这个单位")
        service.edit_unit(db(), unit, _unit(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".units"))
    form.version.data = str(unit.version)
    return render_template("administration/edit_unit.html", form=form, unit=unit), status_of(form)


def _unit(form: UnitForm) -> service.UnitDraft:
    return service.UnitDraft(
        code=form.code.data or "",
        name=form.name.data or "",
        short_name=form.short_name.data or "",
        category=UnitCategory(form.category.data),
        sort_no=form.sort_no.data or 0,
        valid_from=form.valid_from.data,
        valid_to=form.valid_to.data,
    )


@bp.get("/persons")
@requires(Permission.ORGANIZATION_EDIT)
def persons() -> ResponseReturnValue:
    """List the region's persons, most of whom have no sign-in."""
    rows = directory.list_persons(db(), actor=actor(), text=_searched())
    return render_template(
        "administration/persons.html",
        persons=rows[: directory.LIST_SIZE],
        is_cut=len(rows) > directory.LIST_SIZE,
        text=_searched(),
        today=today(),
    )


@bp.route("/persons/new", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def new_person() -> ResponseReturnValue:
    """Take in a person."""
    form = PersonForm()

    def save() -> None:
        directory.add_person(
            db(),
            own_region(),
            form.name.data or "",
            mobile=form.mobile.data or None,
            wecom_userid=form.wecom_userid.data or None,
            email=form.email.data or None,
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"“{form.name.data}”已添加。", "ok")
        return redirect(url_for(".persons"))
    return render_template("administration/new_person.html", form=form), status_of(form)


@bp.route("/persons/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def edit_person(person_id: int) -> ResponseReturnValue:
    """Change a person."""
    person = directory.get_person(db(), person_id, actor=actor())
    form = PersonForm(obj=person)

    def save() -> None:
        check_version(person, seen(form), "这位人员的资料")
        directory.edit_person(
            db(),
            person,
            form.name.data or "",
            mobile=form.mobile.data or None,
            wecom_userid=form.wecom_userid.data or None,
            email=form.email.data or None,
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".persons"))
    form.version.data = str(person.version)
    page = render_template("administration/edit_person.html", form=form, person=person)
    return page, status_of(form)


@bp.route("/regions", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def regions() -> ResponseReturnValue:
    """List the own region and its counties; take in a county."""
    rows = queries.regions_kept_by(db(), actor=actor())
    own = queries.get_region(db(), own_region(), actor=actor())
    form = CountyForm()

    def save() -> None:
        code, name = form.code.data or "", form.name.data or ""
        service.add_county(db(), own, code, name, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"“{form.name.data}”已添加。", "ok")
        return redirect(url_for(".regions"))
    page = render_template("administration/regions.html", form=form, regions=rows, own=own)
    return page, status_of(form)


@bp.route("/regions/<int:region_id>/edit", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def edit_region(region_id: int) -> ResponseReturnValue:
    """Change how a region is called."""
    region = queries.get_region(db(), region_id, actor=actor())
    form = RegionForm(obj=region)

    def save() -> None:
        check_version(region, seen(form), "这个地区")
        service.rename_region(
            db(),
            region,
            code=form.code.data or "",
            name=form.name.data or "",
            short_name=form.short_name.data or "",
            level=RegionLevel(form.level.data),
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".regions"))
    form.version.data = str(region.version)
    page = render_template("administration/edit_region.html", form=form, region=region)
    return page, status_of(form)


from tracker.administration.views import calendar, files, posts, reorganising, settings  # noqa: E402

__all__ = ["bp", "calendar", "files", "posts", "reorganising", "settings"]
