"""授权代理: what is lent to whom, until when."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission, granted_to
from tracker.people import delegating
from tracker.people.forms import DelegationForm
from tracker.people.models import User
from tracker.people.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import ActionForm, accepted, given, status_of


@bp.get("/delegations")
@requires(Permission.DELEGATION_READ)
def delegations() -> ResponseReturnValue:
    """List the authorisations of the own office or unit."""
    return render_template(
        "people/delegations.html",
        rows=delegating.delegations_of(db(), actor=actor()),
        today=today(),
        may_lend=Permission.DELEGATE in granted_to(actor()),
        own_id=actor().user_id,
    )


@bp.route("/delegations/new", methods=["GET", "POST"])
@requires(Permission.DELEGATE)
def new_delegation() -> ResponseReturnValue:
    """Authorise a colleague between two days."""
    form = DelegationForm()
    deputies = delegating.possible_deputies(db(), db().get_one(User, actor().user_id))
    form.deputy_id.choices = {str(user.id): user.person.name for user in deputies}

    def save() -> None:
        chosen = next((user for user in deputies if user.id == form.deputy_id.data), None)
        if chosen is None:
            raise DomainError("请从名单中选择代理人。")
        delegating.lend(
            db(),
            chosen,
            given(form.from_on.data),
            given(form.to_on.data),
            form.reason.data or "",
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("授权已生效，到期自动失效。", "ok")
        return redirect(url_for(".delegations"))
    page = render_template("people/new_delegation.html", form=form, deputies=deputies)
    return page, status_of(form)


@bp.post("/delegations/<int:delegation_id>/revoke")
@requires(Permission.DELEGATE)
def revoke_delegation(delegation_id: int) -> ResponseReturnValue:
    """收回授权 at once."""
    found = delegating.get_delegation(db(), delegation_id, actor=actor())
    form = ActionForm()
    if accepted(form, lambda: delegating.revoke(db(), found, actor=actor(), now=now())):
        db().commit()
        flash("授权已收回，即时生效。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".delegations"))
