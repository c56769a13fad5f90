"""Where the checking of stored files stands."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.administration.views import bp
from tracker.files import checking
from tracker.kernel.permissions import Permission
from tracker.web.access import requires
from tracker.web.database import db


@bp.get("/file-checks")
@requires(Permission.SYSTEM_SETTINGS)
def file_checks() -> ResponseReturnValue:
    """Show numbers and ids: no names, no contents."""
    return render_template(
        "administration/file_checks.html",
        summary=checking.summary(db()),
        checks=checking.files_at_fault(db()),
    )
