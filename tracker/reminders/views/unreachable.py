"""没有联系方式的人员 of the reader's own region."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.reminders import reachability
from tracker.reminders.views import bp
from tracker.web.access import own_region, requires
from tracker.web.database import db, today


@bp.get("/reminders/unreachable")
@requires(Permission.REMINDER_READ)
def unreachable() -> ResponseReturnValue:
    """List who can neither be told nor called, with the way to where it is mended."""
    people = reachability.unreachable(db(), own_region(), today=today())
    return render_template("reminders/unreachable.html", people=people)
