"""机构变动: what becomes of one unit, and its move to another region."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.administration.forms import UnitChangeForm, UnitMoveForm
from tracker.administration.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.organizations import changing, history, queries
from tracker.organizations.changing import Decision
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitChangeKind
from tracker.rectification.service.succeeding import (
    estate_of,
    merge_with_tasks,
    take_back_with_tasks,
)
from tracker.rounds.service import move_between_regions
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, refusal_of_press, seen, status_of


@bp.route("/units/<int:unit_id>/changes", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def unit_changes(unit_id: int) -> ResponseReturnValue:
    """Show what became of a unit; tell one more change."""
    unit = queries.get_unit(db(), unit_id, actor=actor())
    form = _form(unit)

    def save() -> None:
        check_version(unit, seen(form), "这个单位")
        _change(unit, form)

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记。", "ok")
        return redirect(url_for(".unit_changes", unit_id=unit_id))
    form.version.data = str(unit.version)
    return render_template(
        "administration/unit_changes.html",
        form=form,
        unit=unit,
        changes=history.changes_of(db(), unit),
        newest=history.newest_change(db(), unit.id),
        estate=estate_counts(unit),
        exists=unit.valid_to is None or unit.valid_to > today(),
    ), status_of(form)


def _form(unit: Unit) -> UnitChangeForm:
    form = UnitChangeForm(
        data={"name": unit.name, "short_name": unit.short_name, "effective_on": today()}
    )
    units = queries.pickable_units(db(), unit.region_id, today=today())
    own = [(each.id, each.name) for each in units if each.region_id == unit.region_id]
    others = [pair for pair in own if pair[0] != unit.id]
    form.successor_id.choices = [(0, "请选择"), *others]
    form.parent_id.choices = [(0, "没有上级单位"), *others]
    return form


def _change(unit: Unit, form: UnitChangeForm) -> None:
    kind, decision = UnitChangeKind(form.kind.data), _decision(form)
    if kind is UnitChangeKind.RENAMED:
        name, short_name = form.name.data or "", form.short_name.data or ""
        if not (name and short_name):
            raise DomainError("更名请填写新名称和新简称。")
        changing.rename_unit(db(), unit, name, short_name, decision, actor=actor(), now=now())
    elif kind is UnitChangeKind.PLACED:
        parent = _chosen(form.parent_id.data)
        changing.place_unit(db(), unit, parent, decision, actor=actor(), now=now())
    elif kind is UnitChangeKind.MERGED:
        successor = _chosen(form.successor_id.data)
        if successor is None:
            raise DomainError("合并请选择承接单位。")
        if any(estate_counts(unit)) and not form.is_estate_seen.data:
            raise DomainError("合并会把在办任务移交承接单位，请核对上面列出的移交内容并勾选确认。")
        merge_with_tasks(db(), unit, successor, decision, actor=actor(), now=now())
    else:
        changing.abolish_unit(db(), unit, decision, actor=actor(), now=now())


def estate_counts(unit: Unit) -> tuple[int, int, int]:
    """Return how many tasks led, tasks helped with, and documents a merger would hand over."""
    estate = estate_of(db(), unit.id)
    return len(estate.tasks), len(estate.co_tasks), len(estate.documents)


def _decision(form: UnitChangeForm | UnitMoveForm) -> Decision:
    return Decision(effective_on=given(form.effective_on.data), document=form.document.data or "")


def _chosen(unit_id: int | None) -> Unit | None:
    return queries.get_unit(db(), unit_id, actor=actor()) if unit_id else None


@bp.post("/unit-changes/<int:unit_change_id>/take-back")
@requires(Permission.ORGANIZATION_EDIT)
def take_back_unit_change(unit_change_id: int) -> ResponseReturnValue:
    """Take back a change told by mistake."""
    change = changing.get_change(db(), unit_change_id, actor=actor())

    def press() -> None:
        take_back_with_tasks(db(), change, actor=actor(), now=now())

    refusal = refusal_of_press(change, "这次变动", press)
    if refusal is None:
        db().commit()
    flash(refusal or "已撤回。", "warning" if refusal else "ok")
    return redirect(url_for(".unit_changes", unit_id=change.unit_id))


@bp.route("/units/move", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def move_unit() -> ResponseReturnValue:
    """Move a unit between the administrator's own region and its counties."""
    form = UnitMoveForm()
    kept = queries.regions_kept_by(db(), actor=actor())
    form.region_id.choices = [(region.id, region.name) for region in kept]

    def save() -> None:
        unit = queries.unit_kept(db(), form.unit.data or "", actor=actor())
        region = queries.get_region(db(), form.region_id.data, actor=actor())
        code, decision = form.code.data or "", _decision(form)
        move_between_regions(db(), unit, region, code, decision, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已划转。", "ok")
        return redirect(url_for(".regions"))
    return render_template("administration/move_unit.html", form=form), status_of(form)
