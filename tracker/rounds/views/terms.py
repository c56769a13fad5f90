"""届, and 期限方案."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.rounds import queries, service
from tracker.rounds.deadlines import ProfileDraft
from tracker.rounds.forms import ProfileForm, TermForm
from tracker.rounds.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, given, seen, status_of


@bp.route("/terms/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new_term() -> ResponseReturnValue:
    """Take in a term."""
    form = TermForm()

    def save() -> None:
        service.add_term(
            db(),
            own_region(),
            given(form.number.data),
            given(form.starts_on.data),
            form.ends_on.data,
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记。可以登记轮次了。", "ok")
        return redirect(url_for(".rounds"))
    return render_template("rounds/new_term.html", form=form), status_of(form)


@bp.route("/terms/<int:term_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_term(term_id: int) -> ResponseReturnValue:
    """Change a term's dates."""
    term = queries.get_term(db(), term_id, actor=actor())
    form = TermForm(obj=term)

    def save() -> None:
        check_version(term, seen(form), "这一届")
        service.edit_term(
            db(),
            term,
            given(form.number.data),
            given(form.starts_on.data),
            form.ends_on.data,
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".rounds"))
    form.version.data = str(term.version)
    return render_template("rounds/edit_term.html", form=form, term=term), status_of(form)


@bp.get("/deadline-profiles")
@requires(Permission.ROUND_READ)
def profiles() -> ResponseReturnValue:
    """List the region's deadline profiles."""
    rows = queries.list_profiles(db(), actor=actor())
    return render_template("rounds/profiles.html", profiles=rows)


@bp.post("/deadline-profiles/defaults")
@requires(Permission.ROUND_EDIT)
def make_default_profiles() -> ResponseReturnValue:
    """Take in the shipped profiles."""
    service.ensure_default_profiles(db(), own_region(), actor=actor(), now=now())
    db().commit()
    flash("已建立默认期限方案，请按本地规定核对后使用。", "ok")
    return redirect(url_for(".profiles"))


@bp.route("/deadline-profiles/new", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def new_profile() -> ResponseReturnValue:
    """Take in a profile of our own."""
    form = ProfileForm()

    def save() -> None:
        service.add_profile(db(), own_region(), _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".profiles"))
    return render_template("rounds/new_profile.html", form=form), status_of(form)


@bp.route("/deadline-profiles/<int:profile_id>/edit", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def edit_profile(profile_id: int) -> ResponseReturnValue:
    """Change a profile's periods."""
    profile = queries.get_profile(db(), profile_id, actor=actor())
    form = ProfileForm(obj=profile)

    def save() -> None:
        check_version(profile, seen(form), "这个方案")
        service.edit_profile(db(), profile, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。此前已经确定的时限不变。", "ok")
        return redirect(url_for(".profiles"))
    form.version.data = str(profile.version)
    return render_template("rounds/edit_profile.html", form=form, profile=profile), status_of(form)


def _draft(form: ProfileForm) -> ProfileDraft:
    return ProfileDraft(
        name=form.name.data or "",
        plan_months=given(form.plan_months.data),
        concentrated_months=given(form.concentrated_months.data),
        report_months=given(form.report_months.data),
        move_to_workday=bool(form.move_to_workday.data),
    )
