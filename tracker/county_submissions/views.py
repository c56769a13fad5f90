"""县区报送: the board of a city, and each county's answers."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.county_submissions import queries, service
from tracker.county_submissions.forms import (
    CallForm,
    ChangeCallForm,
    FillForm,
    ReturnForm,
    answers_in,
    fill_form,
)
from tracker.county_submissions.models import CountySubmission
from tracker.county_submissions.rules import SubmissionState
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.scope import conducts_row
from tracker.statistics.rules import EnteredMetric
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import VersionedForm, accepted, given, refusal_of_press, seen, status_of

bp = Blueprint("county_submissions", __name__, url_prefix="/county-submissions")


@bp.get("")
@requires(Permission.SUBMISSION_READ)
def submissions() -> ResponseReturnValue:
    """Show a city's board, county × call, and what the own office was asked for."""
    calls = queries.list_calls(db(), actor=actor())
    return render_template(
        "county_submissions/submissions.html",
        calls=calls,
        answers={one.id: {it.region_id: it for it in one.submissions} for one in calls},
        counties=queries.counties_of(db(), own_region()),
        owed=queries.list_owed(db(), actor=actor()),
        states=SubmissionState,
        today=today(),
    )


@bp.route("/calls/new", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_CALL)
def new_call() -> ResponseReturnValue:
    """发出报送要求."""
    form = CallForm()
    made: list[int] = []

    def save() -> None:
        draft = service.CallDraft(
            title=form.title.data or "",
            metrics=[EnteredMetric(code) for code in form.metrics.data or []],
            period_start=given(form.period_start.data),
            period_end=given(form.period_end.data),
            due_on=given(form.due_on.data),
            note=form.note.data or None,
        )
        made.append(service.open_call(db(), own_region(), draft, actor=actor(), now=now()).id)

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已发出，各县（市、区）可以填报。", "ok")
        return redirect(url_for(".call", call_id=made[0]))
    return render_template("county_submissions/new_call.html", form=form), status_of(form)


@bp.get("/calls/<int:call_id>")
@requires(Permission.SUBMISSION_READ)
def call(call_id: int) -> ResponseReturnValue:
    """Show a call: who has answered what."""
    found = queries.get_call(db(), call_id, actor=actor())
    return render_template(
        "county_submissions/call.html",
        call=found,
        figures={row.id: {it.metric: it for it in row.figures} for row in found.submissions},
        totals=queries.totals(found),
        states=SubmissionState,
    )


@bp.route("/calls/<int:call_id>/edit", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_CALL)
def edit_call(call_id: int) -> ResponseReturnValue:
    """修改报送要求."""
    found = queries.get_call(db(), call_id, actor=actor())
    form = ChangeCallForm(obj=found)

    def save() -> None:
        check_version(found, seen(form), "这次报送要求")
        service.change_call(
            db(),
            found,
            title=form.title.data or "",
            due_on=given(form.due_on.data),
            note=form.note.data or None,
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".call", call_id=call_id))
    form.version.data = str(found.version)
    page = render_template("county_submissions/edit_call.html", form=form, call=found)
    return page, status_of(form)


@bp.post("/calls/<int:call_id>/close")
@requires(Permission.SUBMISSION_CALL)
def close_call(call_id: int) -> ResponseReturnValue:
    """结束报送."""
    found = queries.get_call(db(), call_id, actor=actor())
    refused = refusal_of_press(
        found,
        "这次报送要求",
        lambda: service.close_call(db(), found, actor=actor(), now=now()),
    )
    return _told(refused, "报送已结束，不再提醒。", url_for(".call", call_id=call_id))


@bp.get("/<int:county_submission_id>")
@requires(Permission.SUBMISSION_READ)
def submission(county_submission_id: int) -> ResponseReturnValue:
    """Show one county's answer and every step of it."""
    found = queries.get_submission(db(), county_submission_id, actor=actor())
    return render_template(
        "county_submissions/submission.html",
        submission=found,
        given_figures={figure.metric: figure for figure in found.figures},
        is_ours=conducts_row(actor(), found.region_id),
        has_asked=conducts_row(actor(), found.call.region_id),
        states=SubmissionState,
        today=today(),
    )


@bp.route("/<int:county_submission_id>/fill", methods=["GET", "POST"])
@requires(Permission.FIGURE_ENTER)
def fill_submission(county_submission_id: int) -> ResponseReturnValue:
    """填报 by the county's office."""
    found = queries.get_own_submission(db(), county_submission_id, actor=actor())
    form = fill_form(found)
    return _decide(found, form, "fill_submission", lambda: _submit(found, form), "已报送。")


def _submit(found: CountySubmission, form: FillForm) -> None:
    service.submit(
        db(),
        found,
        answers_in(form, found),
        form.source_document.data or "",
        actor=actor(),
        now=now(),
    )


@bp.post("/<int:county_submission_id>/withdraw")
@requires(Permission.FIGURE_ENTER)
def withdraw_submission(county_submission_id: int) -> ResponseReturnValue:
    """撤回 by the county's office."""
    found = queries.get_own_submission(db(), county_submission_id, actor=actor())
    return _press(found, service.withdraw, "已撤回，可以修改后重新报送。")


@bp.post("/<int:county_submission_id>/accept")
@requires(Permission.SUBMISSION_CALL)
def accept_submission(county_submission_id: int) -> ResponseReturnValue:
    """接收 by the city's office."""
    found = queries.get_asked_submission(db(), county_submission_id, actor=actor())
    return _press(found, service.accept, "已接收，数字按填报计入统计。")


@bp.route("/<int:county_submission_id>/return", methods=["GET", "POST"])
@requires(Permission.SUBMISSION_CALL)
def return_submission(county_submission_id: int) -> ResponseReturnValue:
    """退回 by the city's office."""
    found = queries.get_asked_submission(db(), county_submission_id, actor=actor())
    form = ReturnForm()
    return _decide(
        found,
        form,
        "return_submission",
        lambda: service.send_back(db(), found, form.reason.data or "", actor=actor(), now=now()),
        "已退回，县（市、区）巡察办更正后重新报送。",
    )


def _decide(
    found: CountySubmission,
    form: VersionedForm,
    view: str,
    do: Callable[[], object],
    done: str,
) -> ResponseReturnValue:
    def save() -> None:
        check_version(found, seen(form), "这份报送")
        do()

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".submission", county_submission_id=found.id))
    form.version.data = str(found.version)
    page = render_template(f"county_submissions/{view}.html", form=form, submission=found)
    return page, status_of(form)


def _press(found: CountySubmission, do: Callable[..., None], done: str) -> ResponseReturnValue:
    refused = refusal_of_press(found, "这份报送", lambda: do(db(), found, actor=actor(), now=now()))
    return _told(refused, done, url_for(".submission", county_submission_id=found.id))


def _told(refused: str | None, done: str, url: str) -> ResponseReturnValue:
    """Commit and say so, or say why not."""
    if refused is None:
        db().commit()
    flash(refused or done, "warning" if refused else "ok")
    return redirect(url)
