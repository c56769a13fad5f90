"""Figures with their 口径, the rows behind them, and figures that people enter."""

from decimal import Decimal

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rounds.models import Round
from tracker.statistics.forms import EntryForm
from tracker.statistics.queries.entered import entries
from tracker.statistics.queries.query import readable_regions, rounds_of
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import EnteredMetric, Figure, FigureGroup, Side
from tracker.statistics.service import Entry, enter_figure, measure, measure_all, rows_behind
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_query
from tracker.web.access import actor, asked, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted


@bp.get("/figures")
@requires(Permission.STATISTICS_READ)
def figures() -> ResponseReturnValue:
    """Show all figures of a region, grouped."""
    region, query = asked_query()
    return render_template(
        "statistics/figures.html",
        groups=_grouped(measure_all(db(), query)),
        counted={code for code, metric in METRICS.items() if isinstance(metric.reader, Counted)},
        region=region,
        region_options=[(one.code, one.name) for one in db().scalars(readable_regions(actor()))],
        round_options=[(one.code, one.name) for one in db().scalars(rounds_of(region.id))],
        tour=db().get(Round, query.round_id) if query.round_id else None,
        query=query,
    )


@bp.get("/figures/<code>/rows")
@requires(Permission.STATISTICS_READ)
def rows(code: str) -> ResponseReturnValue:
    """Show the rows behind numerator or denominator of a figure."""
    region, query = asked_query()
    side = asked_side(request.args.get("side"))
    part = asked("part") or None
    return render_template(
        "statistics/rows.html",
        figure=measure(db(), query, code),
        listing=rows_behind(db(), query, code, side=side, part=part),
        side=side,
        part=part,
        region=region,
        query=query,
    )


@bp.route("/figures/entered", methods=["GET", "POST"])
@requires(Permission.FIGURE_ENTER)
def entered() -> ResponseReturnValue:
    """Take in a figure that is not counted here; list what was entered before."""
    form, region_id = EntryForm(), actor().region_id or 0

    def enter() -> None:
        enter_figure(db(), region_id, _entry(form), actor=actor(), now=now(), today=today())

    if form.validate_on_submit() and accepted(form, enter, at=form.value):
        db().commit()
        flash("已填报。", "ok")
        return redirect(url_for("statistics.entered"))
    return render_template(
        "statistics/entered.html",
        form=form,
        entries=entries(db(), region_id),
        labels={metric.value: metric.label for metric in EnteredMetric},
    ), 422 if form.errors else 200


def _entry(form: EntryForm) -> Entry:
    return Entry(
        metric=EnteredMetric(form.metric.data),
        period_start=form.period_start.data or today(),
        period_end=form.period_end.data or today(),
        value=form.value.data or Decimal(0),
        source_document=form.source_document.data or "",
    )


def asked_side(code: str | None) -> Side:
    try:
        return Side(code) if code else Side.NUMERATOR
    except ValueError:
        abort(404)


def _grouped(found: list[Figure]) -> list[tuple[FigureGroup, list[Figure]]]:
    groups = [
        (group, [figure for figure in found if figure.definition.group is group])
        for group in FigureGroup
    ]
    return [(group, members) for group, members in groups if members]
