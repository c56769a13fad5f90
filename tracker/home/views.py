"""工作台: what waits for me."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.web.access import requires

bp = Blueprint("home", __name__)


@bp.get("/")
@requires(Permission.HOME_READ)
def index() -> ResponseReturnValue:
    """Show what waits for the signed-in person."""
    return render_template("home/index.html")
