"""总结段落: every paragraph of a region as of a day, and the words of one."""

from io import BytesIO

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.dispatches.queries import known_words, sent_before
from tracker.dispatches.service import DispatchDraft, register_dispatch
from tracker.files.views import storage
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.rounds.models import Round
from tracker.statistics.queries.query import FigureQuery, readable_regions, rounds_of
from tracker.statistics.registry import METRICS
from tracker.statistics.service import latest_round
from tracker.statistics.views.asking import asked_query
from tracker.summaries.forms import SummaryDispatchForm, TemplateForm
from tracker.summaries.paragraph_docx import file_name, paragraph_docx, text_digest, title_of
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
from tracker.web.access import actor, asked, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of

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


@bp.route("/summaries/<purpose>/dispatch", methods=["GET", "POST"])
@requires(Permission.DISPATCH_EDIT)
def dispatch_summary(purpose: str) -> ResponseReturnValue:
    """登记报送 of a paragraph: its text is frozen in a file beside the entry."""
    region, query = asked_query()
    paragraph = _paragraph(region, query, purpose)
    form = SummaryDispatchForm(subject=title_of(region, paragraph), sent_on=today())
    is_fine = form.validate_on_submit() and _is_fine(form, paragraph)
    if is_fine and accepted(form, lambda: _register(form, region, query, paragraph)):
        db().commit()
        flash("已登记，报送的文字已存档。", "ok")
        return redirect(url_for("dispatches.dispatches"))
    form.text_sha256.data = text_digest(paragraph)
    return _dispatch_page(form, region, query, paragraph), status_of(form)


def _dispatch_page(
    form: SummaryDispatchForm, region: Region, query: FigureQuery, paragraph: Paragraph
) -> str:
    subjects, addressees = known_words(db(), actor=actor())
    subject = form.subject.data or title_of(region, paragraph)
    return render_template(
        "summaries/dispatch_summary.html",
        form=form,
        paragraph=paragraph,
        region=region,
        query=query,
        file_name=file_name(region, paragraph, query.as_of),
        sent=sent_before(db(), subject, actor=actor()),
        subjects=subjects,
        addressees=addressees,
        back=url_for(
            ".summaries", region=region.code, round=asked("round") or None, as_of=query.as_of
        ),
    )


def _paragraph(region: Region, query: FigureQuery, purpose: str) -> Paragraph:
    what = _purpose(region, purpose)
    if query.round_id is None:
        query = _of_latest_round(region, query)
    body = wording(db(), region.id, what).body
    return write_paragraph(db(), region, query_for(what, query), what, body)


def _is_fine(form: SummaryDispatchForm, paragraph: Paragraph) -> bool:
    """Return whether what would be frozen is what was shown, and no secret; say so if not."""
    if form.text_sha256.data != text_digest(paragraph):
        form.form_errors.append("文字或数字在您填写时有了变化，请核对下面的文字后再保存。")
    elif not form.is_confirmed_not_secret.data:
        refusal = "请先确认不涉密，再提交。涉密内容不得录入本系统。"
        form.is_confirmed_not_secret.errors = [refusal]
    else:
        return True
    return False


def _register(
    form: SummaryDispatchForm, region: Region, query: FigureQuery, paragraph: Paragraph
) -> None:
    draft = DispatchDraft(
        subject=form.subject.data or "",
        addressee=form.addressee.data or "",
        doc_no=form.doc_no.data or None,
        sent_on=given(form.sent_on.data),
        as_of=query.as_of,
        note=form.note.data or None,
    )
    data = paragraph_docx(region, paragraph, as_of=query.as_of, created_on=today())
    name = file_name(region, paragraph, query.as_of)
    file = storage().store(BytesIO(data), name, actor=actor(), now=now())
    register_dispatch(db(), own_region(), draft, file, actor=actor(), now=now())


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
    return region, _purpose(region, purpose)


def _purpose(region: Region, code: str) -> Purpose:
    found = next((one for one in purposes_of(region) if one.value == code), None)
    return found or abort(404)


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
