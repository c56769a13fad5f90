"""办理时长 (internal): how long liaison, head and office had the tasks of a round."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification import turns
from tracker.rectification.views import bp
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, today

MOST_ROWS = 200


@bp.get("/court")
@requires(Permission.COURT_READ)
def court() -> ResponseReturnValue:
    """Show the office's own tasks of one round, by unit and one by one, and its own reviews."""
    rounds = turns.rounds_with_tasks(db(), actor=actor())
    newest = rounds[0].id if rounds else None
    round_id = row_id("round") if "round" in request.args else newest
    found = turns.load_turns(db(), round_id or None, actor=actor(), as_of=today())
    units, unit_id = turns.by_unit(found), row_id("unit")
    of_unit = [each for each in found if unit_id in (None, each.row.lead_unit_id)]
    return render_template(
        "rectification/court.html",
        rounds=[(tour.id, tour.name) for tour in rounds],
        round_id=round_id or 0,
        unit_id=unit_id,
        unit_choices=[(unit.unit_id, unit.unit) for unit in units],
        units=units,
        tasks=of_unit[:MOST_ROWS],
        total=len(of_unit),
        reviews=turns.own_reviews(of_unit, as_of=today())[:MOST_ROWS],
        as_of=today(),
    )
