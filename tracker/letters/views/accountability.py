"""问责: the list, one decision, registering, correcting, 作废."""

from dataclasses import replace

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.records import AccountabilityForm, VoidForm
from tracker.letters.models import Accountability
from tracker.letters.queries import records, subjects
from tracker.letters.queries.records import PAGE_SIZE
from tracker.letters.queries.words import forms_of
from tracker.letters.rules.words import Held
from tracker.letters.service import recording
from tracker.letters.service.recording import AccountabilityFacts
from tracker.letters.views import bp
from tracker.letters.views.choices import asked_unit_id, choose_unit, fill_choices, ids_of
from tracker.letters.views.interviews import filters, wanted_records
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts_row
from tracker.web.access import actor, asked, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of


def _held() -> Held | None:
    code = asked("held")
    return Held(code) if code in Held.__members__.values() else None


@bp.get("/accountability")
@requires(Permission.ACCOUNTABILITY_READ)
def accountabilities() -> ResponseReturnValue:
    """List decisions, the newest record first."""
    wanted = replace(wanted_records(), held=_held())
    rows = records.list_accountabilities(db(), wanted, actor=actor())
    more, rows = rows[PAGE_SIZE:], rows[:PAGE_SIZE]
    return render_template(
        "letters/accountabilities.html",
        decisions=rows,
        wanted=wanted,
        counts=records.count_accountabilities(db(), wanted, actor=actor()),
        Held=Held,
        next_url=url_for(".accountabilities", **filters(), after=rows[-1].id) if more else None,
        first_url=url_for(".accountabilities", **filters()) if wanted.after else None,
        units=records.units_of_accountabilities(db(), actor=actor()),
    )


@bp.get("/accountability/<int:accountability_id>")
@requires(Permission.ACCOUNTABILITY_READ)
def accountability(accountability_id: int) -> ResponseReturnValue:
    """Show one decision."""
    found = records.get_accountability(db(), accountability_id, actor=actor())
    return render_template(
        "letters/accountability.html",
        decision=found,
        ours=conducts_row(actor(), found.region_id),
        openable=subjects.seen_task_ids(db(), found.tasks, actor=actor()),
    )


@bp.route("/accountability/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNTABILITY_EDIT)
def new_accountability() -> ResponseReturnValue:
    """登记问责 (?unit=&held=)."""
    unit_id, held = asked_unit_id(), _held()
    if unit_id is None or held is None:
        return choose_unit("new_accountability")
    unit = subjects.get_addressee(db(), unit_id, own_region(), today=today())
    form = AccountabilityForm()
    _choices(form, held, unit)
    made: list[Accountability] = []

    def save() -> None:
        where = (own_region(), unit.id)
        made.append(
            recording.register_accountability(
                db(), *where, _facts(form, held), actor=actor(), now=now()
            )
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记问责。", "ok")
        return redirect(url_for(".accountability", accountability_id=made[0].id))
    page = render_template("letters/new_accountability.html", form=form, unit=unit, held=held)
    return page, status_of(form)


def _choices(form: AccountabilityForm, held: Held, unit: Unit) -> None:
    form.form_code.choices = list(forms_of(db(), own_region(), held).items())
    fill_choices(form, unit.id, own_region())
    if not form.is_submitted():
        task_id = row_id("task")
        form.decided_on.data = today()
        form.tasks.data = [] if task_id is None else [task_id]
        form.name.data = unit.name if held is Held.ORGAN else None


def _facts(form: AccountabilityForm, held: Held) -> AccountabilityFacts:
    return AccountabilityFacts(
        held=held,
        name=form.name.data or "",
        post_title=form.post_title.data or "",
        form_code=form.form_code.data or "",
        decided_on=given(form.decided_on.data),
        basis=form.basis.data or "",
        document_no=form.document_no.data or "",
        task_ids=ids_of(form.tasks),
    )


@bp.route("/accountability/<int:accountability_id>/edit", methods=["GET", "POST"])
@requires(Permission.ACCOUNTABILITY_EDIT)
def edit_accountability(accountability_id: int) -> ResponseReturnValue:
    """Correct what was registered."""
    found = records.get_accountability(db(), accountability_id, actor=actor(), to_change=True)
    form = AccountabilityForm()
    forms = {found.form_code: found.form_label, **forms_of(db(), found.region_id, found.held)}
    form.form_code.choices = list(forms.items())
    fill_choices(form, found.unit_id, found.region_id, found.tasks)

    def save() -> None:
        check_version(found, seen(form), "这条问责记录")
        facts = _facts(form, found.held)
        recording.edit_accountability(db(), found, facts, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".accountability", accountability_id=accountability_id))
    if not form.is_submitted():
        _fill(form, found)
    form.version.data = str(found.version)
    page = render_template("letters/edit_accountability.html", form=form, decision=found)
    return page, status_of(form)


def _fill(form: AccountabilityForm, found: Accountability) -> None:
    form.name.data = found.person.name if found.person else found.organ_name
    form.post_title.data, form.form_code.data = found.post_title, found.form_code
    form.decided_on.data, form.basis.data = found.decided_on, found.basis
    form.document_no.data = found.document_no
    form.tasks.data = [task.id for task in found.tasks]


@bp.route("/accountability/<int:accountability_id>/void", methods=["GET", "POST"])
@requires(Permission.ACCOUNTABILITY_EDIT)
def void_accountability(accountability_id: int) -> ResponseReturnValue:
    """作废 a record that was typed in error."""
    found = records.get_accountability(db(), accountability_id, actor=actor(), to_change=True)
    form = VoidForm()

    def void() -> None:
        check_version(found, seen(form), "这条问责记录")
        recording.void_record(db(), found, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, void):
        db().commit()
        flash("记录已作废，不再计入统计。", "ok")
        return redirect(url_for(".accountability", accountability_id=accountability_id))
    form.version.data = str(found.version)
    page = render_template("letters/void_accountability.html", form=form, decision=found)
    return page, status_of(form)
