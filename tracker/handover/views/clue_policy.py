"""线索模块 on or off, and who may open details: decided by the security administrator."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.handover.forms import ClueGrantForm
from tracker.handover.models import ClueGrant
from tracker.handover.queries import clues as queries
from tracker.handover.service import clue_details as service
from tracker.handover.views import bp
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.organizations.queries import get_region, regions_kept_by
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import ActionForm, accepted, given, status_of


@bp.get("/clue-policy")
@requires(Permission.GRANT_MANAGE)
def clue_policies() -> ResponseReturnValue:
    """List the regions with their switches."""
    regions = regions_kept_by(db(), actor=actor())
    return render_template(
        "handover/clue_policies.html",
        regions=[
            (
                region,
                queries.is_switched_on(db(), queries.CLUES_ON, region.id),
                queries.is_switched_on(db(), queries.DETAIL_ON, region.id),
            )
            for region in regions
        ],
    )


@bp.route("/clue-policy/<int:region_id>", methods=["GET", "POST"])
@requires(Permission.GRANT_MANAGE)
def clue_policy(region_id: int) -> ResponseReturnValue:
    """Show a region's switches and grants; grant."""
    region = get_region(db(), region_id, actor=actor())
    form = ClueGrantForm()
    form.user_id.choices = [
        (user.id, f"{user.person.name}（{user.username}，{user.role.label}）")
        for user in queries.users_to_grant(db(), region_id)
    ]

    def save() -> None:
        draft = service.GrantDraft(
            user_id=form.user_id.data,
            from_on=given(form.from_on.data),
            to_on=given(form.to_on.data),
            reason=form.reason.data or "",
        )
        service.grant(db(), region, draft, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已授权。", "ok")
        return redirect(url_for(".clue_policy", region_id=region_id))
    page = render_template(
        "handover/clue_policy.html",
        form=form,
        region=region,
        is_on=queries.is_switched_on(db(), queries.CLUES_ON, region_id),
        is_detail_on=queries.is_switched_on(db(), queries.DETAIL_ON, region_id),
        grants=queries.grants_of(db(), region_id),
        today=today(),
    )
    return page, status_of(form)


@bp.post("/clue-policy/<int:region_id>/switch")
@requires(Permission.GRANT_MANAGE)
def switch_clues(region_id: int) -> ResponseReturnValue:
    """Switch the module or its detail on or off."""
    region = get_region(db(), region_id, actor=actor())
    key, is_on = request.form.get("key", ""), request.form.get("on") == "1"
    service.switch(db(), region, key, is_on, actor=actor(), now=now())
    db().commit()
    flash("已开启。" if is_on else "已关闭。", "ok")
    return redirect(url_for(".clue_policy", region_id=region_id))


@bp.post("/clue-grants/<int:grant_id>/revoke")
@requires(Permission.GRANT_MANAGE)
def revoke_grant(grant_id: int) -> ResponseReturnValue:
    """Take a grant back."""
    row = db().get(ClueGrant, grant_id)
    if row is None:
        raise NotVisibleError
    get_region(db(), row.region_id, actor=actor())
    form = ActionForm()
    if accepted(form, lambda: service.revoke(db(), row, actor=actor(), now=now())):
        db().commit()
        flash("已收回，立即生效。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".clue_policy", region_id=row.region_id))
