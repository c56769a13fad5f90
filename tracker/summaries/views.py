"""总结段落: every paragraph of a region as of a day, and the words of one."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.rounds.models import Round
from tracker.statistics.queries.query import FigureQuery, readable_regions, rounds_of
from tracker.statistics.registry import METRICS
from tracker.statistics.service import latest_round
from tracker.statistics.views.asking import asked_query
from tracker.summaries.forms import TemplateForm
from tracker.summaries.rules import KINDS, TERM, Fact, Form, Purpose
from tracker.summaries.service import (
    Paragraph,
    Wording,
    bodies,
    history,
    keep_template,
    note_of,
    purposes_of,
    query_for,
    wording,
    write_paragraph,
)
from tracker.summaries.slots import check_body, shown
from tracker.summaries.texts import shipped
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of

bp = Blueprint("summaries", __name__)


@bp.get("/summaries")
@requires(Permission.STATISTICS_READ)
def summaries() -> ResponseReturnValue:
    """Show every paragraph of a region, filled."""
    region, query = asked_query()
    if query.round_id is None:
        query = _of_latest_round(region, query)
    paragraphs = [
        write_paragraph(db(), region, query_for(purpose, query), purpose, body)
        for purpose, body in bodies(db(), region).items()
    ]
    return render_template(
        "summaries/summaries.html",
        paragraphs=paragraphs,
        notes={each.purpose: [note_of(figure) for figure in each.figures] for each in paragraphs},
        region=region,
        region_options=[(one.code, one.name) for one in db().scalars(readable_regions(actor()))],
        round_options=[(one.code, one.name) for one in db().scalars(rounds_of(region.id))],
        tour=db().get(Round, query.round_id) if query.round_id else None,
        query=query,
        is_own=region.id == actor().region_id,
    )


def _of_latest_round(region: Region, query: FigureQuery) -> FigureQuery:
    found = latest_round(db(), region.id, as_of=query.as_of)
    return query if found is None else query.of_round(found.id)


@bp.route("/summaries/<purpose>/edit", methods=["GET", "POST"])
@requires(Permission.SUMMARY_EDIT)
def edit_summary(purpose: str) -> ResponseReturnValue:
    """Change the words of a paragraph; a preview shows them filled, saving keeps the earlier."""
    region, what = _editable(purpose)
    kept = wording(db(), region.id, what)
    form = TemplateForm(body=kept.body)
    filled = None
    if form.validate_on_submit():
        if form.preview.data:
            filled = _preview(form, region, what)
        elif accepted(form, lambda: _keep(form, region, what, kept), at=form.body):
            db().commit()
            flash("已保存。原来的文字保留在下面的历次文字中。", "ok")
            return redirect(url_for(".summaries"))
    if not form.is_submitted():
        form.version.data = str(kept.version)
    return render_template(
        "summaries/edit_summary.html",
        form=form,
        purpose=what,
        filled=filled,
        shipped=shipped(what),
        earlier=[(row, shown(row.body)) for row in history(db(), region.id, what)],
        names=[
            metric.definition
            for metric in METRICS.values()
            if region.level in metric.definition.levels
        ],
        words=(Fact, Form, [TERM, *KINDS]),
    ), status_of(form)


def _editable(purpose: str) -> tuple[Region, Purpose]:
    region = db().get_one(Region, own_region())
    try:
        what = Purpose(purpose)
    except ValueError:
        abort(404)
    if what not in purposes_of(region):
        abort(404)
    return region, what


def _preview(form: TemplateForm, region: Region, what: Purpose) -> Paragraph | None:
    """Return the words as they would read today; None and a message where they cannot."""
    query = FigureQuery(actor=actor(), region_id=region.id, as_of=today())
    query = query_for(what, _of_latest_round(region, query))
    written: list[Paragraph] = []

    def write() -> None:
        check_body(form.body.data or "")
        written.append(write_paragraph(db(), region, query, what, form.body.data or ""))

    return written[0] if accepted(form, write, at=form.body) else None


def _keep(form: TemplateForm, region: Region, what: Purpose, kept: Wording) -> None:
    check_version(kept, seen(form), "这段文字")
    keep_template(db(), region.id, what, form.body.data or "", actor=actor(), now=now())
