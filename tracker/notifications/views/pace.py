"""发送节奏: how fast and how often things are sent."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.notifications import pacing
from tracker.notifications.forms import PaceForm
from tracker.notifications.views import bp
from tracker.web.access import actor, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, check_shown, status_of, version_of


@bp.route("/channels/pace", methods=["GET", "POST"])
@requires(Permission.CHANNEL_MANAGE)
def pace() -> ResponseReturnValue:
    """Set how fast and how often things are sent."""
    stored = pacing.standing(db())
    form = PaceForm(data=stored)
    version = version_of(*stored.values())

    def keep() -> None:
        check_shown(form, version, "发送节奏")
        told = {name: form[name].data for name in stored}
        pacing.keep(db(), told, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, keep):
        db().commit()
        flash("发送节奏已保存，一分钟内生效。", "ok")
        return redirect(url_for(".channels"))
    form.version.data = str(version)
    page = "notifications/pace.html"
    return render_template(page, form=form, dials=pacing.DIALS), status_of(form)
