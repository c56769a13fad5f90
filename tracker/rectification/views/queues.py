"""审核: the office's queue, and the supervisors' 会签 queue."""

from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.kernel.permissions import Permission
from tracker.organizations.models import Unit
from tracker.rectification import review_queue
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.review_queue import PAGE_SIZE, QueueFilter, Row, Waiting
from tracker.rectification.views import bp
from tracker.web.access import actor, requires, row_id
from tracker.web.database import db, today

FILTERS = ("kind", "unit", "round", "only")


@bp.get("/reviews")
@requires(Permission.TASK_RETURN)
def reviews() -> ResponseReturnValue:
    """List what waits for the office: plans, documents, closing requests, applications."""
    wanted = _wanted()
    rows = review_queue.office_queue(db(), wanted, actor=actor())
    return render_template(
        "rectification/reviews.html",
        counts=review_queue.office_counts(db(), wanted, actor=actor()),
        **_page(rows, wanted, ".reviews"),
    )


@bp.get("/reviews/cosign")
@requires(Permission.TASK_COSIGN)
def cosign_reviews() -> ResponseReturnValue:
    """List the closing requests of the supervisors' units; first of all what waits for them."""
    wanted = _wanted()
    rows = review_queue.cosign_queue(db(), wanted, actor=actor())
    return render_template(
        "rectification/cosign_reviews.html", **_page(rows, wanted, ".cosign_reviews")
    )


def _page(rows: list[Row], wanted: QueueFilter, endpoint: str) -> dict[str, Any]:
    more, shown = rows[PAGE_SIZE:], rows[:PAGE_SIZE]
    units = db().execute(
        select(Unit.id, Unit.short_name)
        .where(Unit.id.in_(select(Task.lead_unit_id).where(visible_tasks(actor()))))
        .order_by(Unit.sort_no)
    )
    kept: dict[str, Any] = {name: value for name in FILTERS if (value := request.args.get(name))}
    return {
        "rows": shown,
        "wanted": wanted,
        "today": today(),
        "as_of": today(),
        "units": [(row.id, row.short_name) for row in units],
        "first_url": url_for(endpoint, **kept) if wanted.after else None,
        "next_url": url_for(endpoint, **kept, after=_key(shown[-1])) if more else None,
    }


def _key(row: Row) -> str:
    return f"{row.since}_{row.object_id}_{row.kind.value}"


def _wanted() -> QueueFilter:
    kind = request.args.get("kind", "")
    return QueueFilter(
        kind=Waiting(kind) if kind in Waiting.__members__.values() else None,
        unit_id=row_id("unit"),
        round_id=row_id("round"),
        only_mine=request.args.get("only", "") == "mine",
        after=_after(request.args.get("after", "")),
    )


def _after(value: str) -> tuple[date, str, int] | None:
    day, _, rest = value.partition("_")
    last, _, kind = rest.partition("_")
    try:
        if not value:
            return None
        return date.fromisoformat(day), Waiting(kind).value, int(last[:18])
    except ValueError:
        abort(404)
