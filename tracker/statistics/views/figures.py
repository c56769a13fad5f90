"""Figures with their 口径, the rows behind them, and figures that people enter."""

from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.rules import FeedbackSource
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region, Unit
from tracker.rounds.rules import RoundKind
from tracker.statistics.asked import COMPARED, Asked
from tracker.statistics.filters import Filter
from tracker.statistics.forms import EntryForm
from tracker.statistics.queries.choices import rounds_seen, tags_seen, themes_of, unit_choices
from tracker.statistics.queries.entered import entries
from tracker.statistics.queries.query import FigureQuery, readable_regions, terms_of
from tracker.statistics.readers import Counted
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import EnteredMetric, Figure, FigureGroup, Side
from tracker.statistics.service import Entry, enter_figure, measure, measure_all, rows_behind
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_figures
from tracker.web.access import actor, asked, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted


@bp.get("/figures")
@requires(Permission.FIGURE_READ)
def figures() -> ResponseReturnValue:
    """Show all figures of a region, grouped, as far as they are divided as asked."""
    region, question = asked_figures()
    found = measure_all(db(), question.query, with_year_before=question.is_compared)
    divided, undivided = _apart(found, question.query)
    return render_template(
        "statistics/figures.html",
        groups=_grouped(divided),
        undivided=undivided,
        opening=opening(found, question.query),
        region=region,
        asked=question,
        query=question.query,
        chips=_chips(region, question),
        **_options(region, question.query),
    )


def _apart(found: list[Figure], query: FigureQuery) -> tuple[list[Figure], dict[str, list[Figure]]]:
    """Return the figures that are divided as asked, and by the reason those that are not."""
    divided: list[Figure] = []
    undivided: dict[str, list[Figure]] = {}
    for figure in found:
        if METRICS[figure.definition.code].refused(query):
            undivided.setdefault(figure.reading.reason, []).append(figure)
        else:
            divided.append(figure)
    return divided, undivided


def opening(found: list[Figure], query: FigureQuery) -> set[str]:
    """Return the codes of the figures whose rows this reader may open."""
    if query.is_figures_only:
        return set()
    counted = ((figure.definition.code, METRICS[figure.definition.code]) for figure in found)
    return {
        code
        for code, metric in counted
        if isinstance(metric.reader, Counted) and not metric.refused(query)
    }


def _chips(region: Region, question: Asked) -> list[tuple[str, str]]:
    """Return each filter in words with the address of the page without it."""
    where = {"region": region.code, "as_of": question.query.as_of.isoformat(), **question.kept}
    return [
        (words, url_for(".figures", **_without(where, one))) for one, words in question.said.items()
    ]


def _without(where: dict[str, str], one: Filter) -> dict[str, Any]:
    dropped = {one.value, COMPARED} if one is Filter.SINCE else {one.value}
    return {name: text for name, text in where.items() if name not in dropped}


def _options(region: Region, query: FigureQuery) -> dict[str, Any]:
    """Return what the page's filters offer."""
    rounds = list(db().scalars(rounds_seen(query)))
    terms = db().scalars(terms_of(region.id))
    units = unit_choices(db(), query)
    return {
        "region_options": [(one.code, one.name) for one in db().scalars(readable_regions(actor()))],
        "term_options": [(one.id, f"第 {one.number} 届") for one in terms],
        "round_options": [(one.code, one.name) for one in rounds],
        "theme_options": [(theme, theme) for theme in themes_of(rounds)],
        "tag_options": [(tag, tag) for tag in db().scalars(tags_seen(query))],
        "own_unit": next((unit.name for unit in units if unit.id == actor().unit_id), ""),
        "unit_options": [(unit_address(unit, region), unit.name) for unit in units],
        "round_kinds": RoundKind.choices().items(),
        "sources": FeedbackSource.choices().items(),
    }


def unit_address(unit: Unit, region: Region) -> str:
    """Return how an address names a unit: its code, with its region's where that is another."""
    return unit.code if unit.region_id == region.id else f"{unit.region.code}/{unit.code}"


@bp.get("/figures/<code>/rows")
@requires(Permission.FIGURE_READ)
def rows(code: str) -> ResponseReturnValue:
    """Show the rows behind numerator or denominator of a figure."""
    region, question = asked_figures()
    side = asked_side(request.args.get("side"))
    part = asked("part") or None
    return render_template(
        "statistics/rows.html",
        figure=measure(db(), question.query, code),
        listing=rows_behind(db(), question.query, code, side=side, part=part),
        side=side,
        part=part,
        region=region,
        asked=question,
        query=question.query,
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
