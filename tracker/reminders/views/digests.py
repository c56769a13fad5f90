"""每日提醒次数: how often a day the own region's groups and persons are spoken to."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.notifications.allowance import allowance, keep_own
from tracker.notifications.pacing import DIGESTS
from tracker.reminders.forms import DigestsForm
from tracker.reminders.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, check_shown, status_of, version_of


@bp.route("/reminders/digests-per-day", methods=["GET", "POST"])
@requires(Permission.REMINDER_RULE_EDIT)
def digests_per_day() -> ResponseReturnValue:
    """Set the own region's number; empty: as the whole installation."""
    known, region_id = allowance(db()), own_region()
    own = known.own.get(region_id)
    form = DigestsForm(data={"digests_per_day": own})
    version = version_of(own)

    def save() -> None:
        check_shown(form, version, "每日提醒次数")
        keep_own(db(), region_id, form.digests_per_day.data, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("每日提醒次数已保存，一分钟内生效。", "ok")
        return redirect(url_for(".overview"))
    form.version.data = str(version)
    page = "reminders/digests_per_day.html"
    return render_template(page, form=form, usual=known.usual, dial=DIGESTS), status_of(form)
