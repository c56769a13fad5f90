"""评估表 and 等次 of a region."""

from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.assessments import GradesForm, TemplateForm
from tracker.letters.models.assessments import AssessmentTemplate
from tracker.letters.queries import assessments as queries
from tracker.letters.rules.assessments import DEFAULT_GRADES, LOW, grades_typed
from tracker.letters.service import assessment_sheets as service
from tracker.letters.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, check_shown, given, seen, status_of, version_of


@bp.get("/assessment-sheets")
@requires(Permission.ASSESSMENT_EDIT)
def assessment_sheets() -> ResponseReturnValue:
    """List the region's sheets and grades."""
    grades = queries.grades_of(db(), own_region())
    return render_template(
        "letters/assessment_sheets.html",
        sheets=queries.list_templates(db(), actor=actor()),
        grades=grades,
        is_ours=grades == grades_typed(DEFAULT_GRADES),
    )


@bp.route("/assessment-sheets/new", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def new_assessment_sheet() -> ResponseReturnValue:
    """Take in a sheet, beginning from ours."""
    form = TemplateForm(obj=service.DEFAULT)

    def save() -> None:
        service.add_template(db(), own_region(), _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("评估表已建立。", "ok")
        return redirect(url_for(".assessment_sheets"))
    return render_template("letters/new_assessment_sheet.html", form=form), status_of(form)


@bp.route("/assessment-sheets/<int:sheet_id>/edit", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def edit_assessment_sheet(sheet_id: int) -> ResponseReturnValue:
    """Change a sheet."""
    sheet = queries.get_template(db(), sheet_id, actor=actor())
    form = TemplateForm(data=_values(sheet))

    def save() -> None:
        check_version(sheet, seen(form), "这张评估表")
        service.edit_template(db(), sheet, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。已经建立的评估不变。", "ok")
        return redirect(url_for(".assessment_sheets"))
    form.version.data = str(sheet.version)
    page = render_template("letters/edit_assessment_sheet.html", form=form, sheet=sheet)
    return page, status_of(form)


def _values(sheet: AssessmentTemplate) -> dict[str, object]:
    options = [
        (one.name, "—" if one.value is None else f"{one.value.normalize():f}")
        for one in sheet.options
    ]
    return {
        "name": sheet.name,
        "items": "\n".join(f"{item.name} {item.weight.normalize():f}" for item in sheet.items),
        "survey_weight": Decimal(f"{sheet.survey_weight.normalize():f}"),
        "options": "\n".join(f"{name} {value}" for name, value in options),
        "is_active": sheet.is_active,
    }


def _draft(form: TemplateForm) -> service.TemplateDraft:
    return service.TemplateDraft(
        name=form.name.data or "",
        items=form.items.data or "",
        survey_weight=given(form.survey_weight.data),
        options=form.options.data or "",
        is_active=bool(form.is_active.data),
    )


@bp.route("/assessment-grades", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def assessment_grades() -> ResponseReturnValue:
    """Keep the region's grades."""
    lines = [
        f"{grade.name} {grade.at_least.normalize():f}{f' {LOW}' if grade.is_low else ''}"
        for grade in queries.grades_of(db(), own_region())
    ]
    form, version = GradesForm(data={"grades": "\n".join(lines)}), version_of(lines)

    def save() -> None:
        check_shown(form, version, "评估等次")
        typed = form.grades.data or ""
        service.keep_grades(db(), own_region(), typed, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。已经确认的评估等次不变。", "ok")
        return redirect(url_for(".assessment_sheets"))
    form.version.data = str(version)
    return render_template("letters/assessment_grades.html", form=form), status_of(form)
