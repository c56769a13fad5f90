"""提醒: the switch, whom to call today, what goes out next, and the rules."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.links import Links
from tracker.kernel.permissions import Permission, may
from tracker.reminders import overview as pages
from tracker.reminders import queries, service
from tracker.reminders.forms import SwitchForm
from tracker.reminders.rulebook import rule_table
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted
from tracker.workdays.queries import load_calendar

bp = Blueprint("reminders", __name__)


@bp.get("/reminders")
@requires(Permission.REMINDER_READ)
def overview() -> ResponseReturnValue:
    """Show the reader's own region."""
    region_id = actor().region_id or 0
    calendar = load_calendar(db())
    following = calendar.next_workday(today() + timedelta(days=1))
    return render_template(
        "reminders/overview.html",
        links=Links(request.script_root),
        is_on=queries.is_pushing(db(), region_id),
        may_switch=may(actor(), Permission.PUSH_SWITCH),
        units=pages.call_list(db(), region_id, today=today(), calendar=calendar),
        following=following,
        previews=pages.preview(db(), [region_id], on=following, calendar=calendar),
        rules=rule_table(db(), region_id),
        pauses=queries.paused_unit_names(db(), region_id, today=today()),
    )


@bp.post("/reminders/push")
@requires(Permission.PUSH_SWITCH)
def switch() -> ResponseReturnValue:
    """Switch pushing of the lead's own region on or off."""
    form = SwitchForm()
    if not form.validate_on_submit():
        flash("请用页面上的按钮操作。", "error")
        return redirect(url_for("reminders.overview"))
    on = form.on.data == "1"
    region_id = actor().region_id or 0

    def switch() -> None:
        service.switch_pushing(db(), region_id, on, actor=actor(), now=now())

    if accepted(form, switch):
        db().commit()
        done = "推送已开启，下一个发送时段起发送。" if on else "推送已关闭，不再发送任何提醒。"
        flash(done, "success")
    else:
        flash(str(form.form_errors[0]), "error")
    return redirect(url_for("reminders.overview"))
