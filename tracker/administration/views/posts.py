"""职务 of a unit and who holds them: 主要负责人, 分管领导, 联络员."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.administration.forms import HoldingForm, LeavingForm, PostForm
from tracker.administration.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.queries import get_unit
from tracker.people import posts as service
from tracker.people.rules import PostKind
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of


@bp.route("/units/<int:unit_id>/posts", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def unit_posts(unit_id: int) -> ResponseReturnValue:
    """List a unit's posts with their holders; take in a post."""
    unit = get_unit(db(), unit_id, actor=actor())
    form = PostForm()

    def save() -> None:
        kind = PostKind(form.kind.data)
        service.add_post(db(), unit, form.title.data or "", kind, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"“{form.title.data}”已添加，请登记任职人员。", "ok")
        return redirect(url_for(".unit_posts", unit_id=unit_id))
    page = render_template(
        "administration/unit_posts.html",
        form=form,
        unit=unit,
        posts=service.posts_of(db(), unit),
        today=today(),
    )
    return page, status_of(form)


@bp.route("/posts/<int:post_id>/holdings/new", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def new_holding(post_id: int) -> ResponseReturnValue:
    """Take in who holds a post."""
    post = service.get_post(db(), post_id, actor=actor())
    form = HoldingForm()

    def save() -> None:
        person = service.known_person(
            db(),
            post.unit.region_id,
            form.name.data or "",
            mobile=form.mobile.data or None,
            actor=actor(),
            now=now(),
        )
        first = given(form.from_on.data)
        service.begin_holding(db(), post, person, first, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记任职。", "ok")
        return redirect(url_for(".unit_posts", unit_id=post.unit_id))
    return render_template("administration/new_holding.html", form=form, post=post), status_of(form)


@bp.route("/holdings/<int:holding_id>/end", methods=["GET", "POST"])
@requires(Permission.ORGANIZATION_EDIT)
def end_holding(holding_id: int) -> ResponseReturnValue:
    """Note that somebody left a post without a successor."""
    holding = service.get_holding(db(), holding_id, actor=actor())
    form = LeavingForm()

    def save() -> None:
        check_version(holding, seen(form), "这条任职")
        service.end_holding(db(), holding, given(form.to_on.data), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记卸任。", "ok")
        return redirect(url_for(".unit_posts", unit_id=holding.post.unit_id))
    form.version.data = str(holding.version)
    page = render_template("administration/end_holding.html", form=form, holding=holding)
    return page, status_of(form)
