"""What the pages of figures show, as Excel files; each download is in the trail."""

import io

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from tracker.audit.service import record
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.rounds.models import Round
from tracker.statistics.asked import Asked
from tracker.statistics.service import measure, measure_all, rows_behind
from tracker.statistics.sheets import figures_workbook, rows_workbook
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_figures
from tracker.statistics.views.figures import asked_side
from tracker.web.access import actor, asked, requires
from tracker.web.database import database, db, now

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/figures/export")
@requires(Permission.FIGURE_READ)
def figures_file() -> ResponseReturnValue:
    """Download every figure the page shows."""
    region, question = asked_figures()
    query = question.query
    tour = db().get(Round, query.round_id) if query.round_id else None
    title = f"{region.name}{tour.name if tour else '本届'}统计数据"
    found = measure_all(db(), query, with_year_before=question.is_compared)
    content = figures_workbook(found, title=title, as_of=query.as_of, asked=question)
    _note("figures_exported", region, question, {})
    return _sent(content, f"{title}{query.as_of.isoformat()}.xlsx")


@bp.get("/figures/<code>/rows/export")
@requires(Permission.FIGURE_READ)
def rows_file(code: str) -> ResponseReturnValue:
    """Download all rows behind numerator or denominator of a figure."""
    region, question = asked_figures()
    query = question.query
    side, part = asked_side(asked("side")), asked("part") or None
    figure = measure(db(), query, code)
    listing = rows_behind(db(), query, code, side=side, part=part, is_whole=True)
    content = rows_workbook(
        figure, listing, side=side, part=part, region_name=region.name, asked=question
    )
    _note("figure_rows_exported", region, question, {"code": code, "rows": len(listing.rows)})
    return _sent(content, f"{region.name}{figure.definition.name}{query.as_of.isoformat()}.xlsx")


def _note(action: str, region: Region, question: Asked, detail: dict[str, object]) -> None:
    with database().writing() as session:
        record(
            session,
            action,
            actor=actor(),
            now=now(),
            object_type="region",
            object_id=region.id,
            detail={"as_of": question.query.as_of, **question.kept, **detail},
        )
        session.commit()


def _sent(content: bytes, name: str) -> Response:
    return send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
