"""月度快照: the days there are, one day beside what is computed now, the rows that differ."""

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Permission
from tracker.statistics.comparing import compared, differences, frozen_days
from tracker.statistics.queries.query import FigureQuery, readable_regions
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_day, asked_region
from tracker.web.access import actor, requires
from tracker.web.database import db


@bp.get("/figures/snapshots")
@requires(Permission.SNAPSHOT_READ)
def snapshots() -> ResponseReturnValue:
    """List the days whose figures were frozen."""
    region = asked_region()
    return render_template(
        "statistics/snapshots.html",
        days=frozen_days(db(), region.id),
        region=region,
        region_options=[(one.code, one.name) for one in db().scalars(readable_regions(actor()))],
    )


@bp.get("/figures/snapshots/day")
@requires(Permission.SNAPSHOT_READ)
def snapshot() -> ResponseReturnValue:
    """Show a frozen day beside what is computed for it now."""
    region = asked_region()
    query = FigureQuery(actor=actor(), region_id=region.id, as_of=asked_day())
    found = compared(db(), query)
    return render_template(
        "statistics/snapshot.html",
        compared=found,
        counted={code for code, metric in METRICS.items() if isinstance(metric.reader, Counted)},
        taken_at=next(one.then.taken_at for one in found if one.then is not None),
        region=region,
        query=query,
    )


@bp.get("/figures/snapshots/day/<code>")
@requires(Permission.SNAPSHOT_READ)
def snapshot_rows(code: str) -> ResponseReturnValue:
    """Show the rows that make a figure differ from its frozen self, and why."""
    if code not in METRICS:
        raise NotVisibleError
    region = asked_region()
    query = FigureQuery(actor=actor(), region_id=region.id, as_of=asked_day())
    both, sides = differences(db(), query, code)
    return render_template(
        "statistics/snapshot_rows.html", both=both, sides=sides, region=region, query=query
    )
