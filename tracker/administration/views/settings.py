"""工作模式, and the page of everything an office sets up."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.administration.forms import OfficeModeForm
from tracker.administration.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission, Role
from tracker.organizations import queries, service
from tracker.organizations.rules import OfficeMode
from tracker.people.queries import active_roles
from tracker.rectification.queries import GONE_IN_SIMPLE_MODE, standing_in
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, seen, status_of
from tracker.web.navigation import links_beside_the_menu


@bp.get("/settings")
@requires(Permission.HOME_READ)
def settings() -> ResponseReturnValue:
    """设置: what stands in no menu entry of its own."""
    return render_template("administration/settings.html", links=links_beside_the_menu())


@bp.route("/office-mode", methods=["GET", "POST"])
@requires(Permission.SYSTEM_SETTINGS)
def office_mode() -> ResponseReturnValue:
    """Switch between 简易模式 and 标准模式; nothing is lost either way."""
    region = queries.get_region(db(), own_region(), actor=actor())
    form = OfficeModeForm(data={"mode": region.mode.value})

    def save() -> None:
        check_version(region, seen(form), "工作模式")
        service.set_mode(db(), region, OfficeMode(form.mode.data), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"已切换为{region.mode.label}，数据和历史都没有改变。", "ok")
        return redirect(url_for(".office_mode"))
    form.version.data = str(region.version)
    roles = active_roles(db(), region.id)
    page = render_template(
        "administration/office_mode.html",
        form=form,
        region=region,
        standing=standing_in(db(), region.id, GONE_IN_SIMPLE_MODE),
        missing=[r.label for r in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN) if r not in roles],
    )
    return page, status_of(form)
