"""The list of feedback, and one feedback with its issues, date and recipients."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback import queries, service
from tracker.feedback.forms import FeedbackDateForm, FeedbackForm, NewFeedbackForm, ReceiptForm
from tracker.feedback.rules import FeedbackSource
from tracker.feedback.views import bp
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.organizations.models import Region
from tracker.organizations.rules import RegionLevel
from tracker.organizations.scope import conducts_row
from tracker.rectification.queries import has_issued_tasks
from tracker.rectification.service.plan_dates import computed_plan_due, move_plan_dues
from tracker.rounds.models import Inspection
from tracker.rounds.queries import get_inspection, list_profiles, list_rounds
from tracker.web.access import actor, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, seen, status_of


@bp.get("/feedbacks")
@requires(Permission.ROUND_READ)
def feedbacks() -> ResponseReturnValue:
    """List feedback, what has no date yet first."""
    source = request.args.get("source", "")
    round_id = row_id("round")
    rows = queries.list_feedbacks(
        db(),
        actor=actor(),
        source=source if source in FeedbackSource.__members__.values() else "",
        round_id=round_id,
    )
    return render_template(
        "feedback/feedbacks.html",
        feedbacks=rows[: queries.LIST_SIZE],
        is_cut=len(rows) > queries.LIST_SIZE,
        counts=queries.count_issues(db(), actor=actor()),
        rounds=[(tour.id, tour.name) for tour in list_rounds(db(), actor=actor())],
        sources=FeedbackSource.choices().items(),
        source=source,
        round_id=round_id,
    )


@bp.get("/feedbacks/<int:feedback_id>")
@requires(Permission.ROUND_READ)
def feedback(feedback_id: int) -> ResponseReturnValue:
    """Show a feedback with its recipients and issues."""
    found = queries.get_feedback(db(), feedback_id, actor=actor())
    return render_template(
        "feedback/feedback.html",
        feedback=found,
        issues=queries.issues_of(db(), feedback_id, actor=actor()),
        ours=conducts_row(actor(), found.region_id),
    )


@bp.route("/feedbacks/new", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def new_feedback() -> ResponseReturnValue:
    """Record feedback: of one of our inspections (?inspection=), or from above."""
    inspection_id = row_id("inspection")
    inspection = (
        get_inspection(db(), inspection_id, actor=actor(), to_change=True)
        if inspection_id is not None
        else None
    )
    form = NewFeedbackForm(data=_suggested(inspection))
    form.profile_id.choices = _profiles()
    made = []

    def save() -> None:
        made.append(
            service.record_feedback(
                db(),
                own_region(),
                _draft(form, inspection_id),
                actor=actor(),
                now=now(),
                fed_back_on=form.fed_back_on.data,
            )
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已登记，请录入问题。", "ok")
        return redirect(url_for(".feedback", feedback_id=made[0].id))
    page = render_template("feedback/new_feedback.html", form=form, inspection=inspection)
    return page, status_of(form)


@bp.route("/feedbacks/<int:feedback_id>/edit", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def edit_feedback(feedback_id: int) -> ResponseReturnValue:
    """Change how a feedback is called, its source or its profile."""
    found = queries.get_feedback(db(), feedback_id, actor=actor(), to_change=True)
    form = FeedbackForm(obj=found)
    form.profile_id.choices = _profiles()

    def save() -> None:
        check_version(found, seen(form), "这份反馈")
        draft = _draft(form, found.inspection_id)
        before = computed_plan_due(db(), found)
        service.edit_feedback(db(), found, draft, actor=actor(), now=now())
        move_plan_dues(db(), found, before=before, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".feedback", feedback_id=feedback_id))
    form.version.data = str(found.version)
    return render_template("feedback/edit_feedback.html", form=form, feedback=found), status_of(
        form
    )


@bp.route("/feedbacks/<int:feedback_id>/date", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def feedback_date(feedback_id: int) -> ResponseReturnValue:
    """Set the day that all deadlines start from."""
    found = queries.get_feedback(db(), feedback_id, actor=actor(), to_change=True)
    form = FeedbackDateForm(data={"fed_back_on": found.fed_back_on or today()})

    def save() -> None:
        check_version(found, seen(form), "这份反馈")
        before = computed_plan_due(db(), found)
        service.set_feedback_date(
            db(),
            found,
            given(form.fed_back_on.data),
            actor=actor(),
            now=now(),
            is_issued=has_issued_tasks(db(), feedback_id),
        )
        move_plan_dues(db(), found, before=before, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("反馈日期已保存，各项时限从这一天起算。", "ok")
        return redirect(url_for(".feedback", feedback_id=feedback_id))
    form.version.data = str(found.version)
    return render_template("feedback/feedback_date.html", form=form, feedback=found), status_of(
        form
    )


@bp.route("/feedback-recipients/<int:recipient_id>", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_EDIT)
def receipt(recipient_id: int) -> ResponseReturnValue:
    """Note when a recipient acknowledged the feedback."""
    row = queries.get_recipient(db(), recipient_id, actor=actor())
    form = ReceiptForm(data={"acknowledged_on": row.acknowledged_on or today()})

    def save() -> None:
        check_version(row, seen(form), "这份签收")
        service.acknowledge_receipt(
            db(), row, given(form.acknowledged_on.data), actor=actor(), now=now()
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("签收已登记。", "ok")
        return redirect(url_for(".feedback", feedback_id=row.feedback_id))
    form.version.data = str(row.version)
    return render_template("feedback/receipt.html", form=form, recipient=row), status_of(form)


def _profiles() -> list[tuple[int, str]]:
    return [(profile.id, profile.name) for profile in list_profiles(db(), actor=actor())]


def _suggested(inspection: Inspection | None) -> dict[str, object]:
    if inspection is None:
        return {}
    is_city = db().get_one(Region, inspection.conducting_region_id).level is RegionLevel.CITY
    return {
        "title": f"关于巡察{inspection.unit.name}的反馈意见",
        "code": f"{inspection.round.code}-{inspection.unit.code}"[:40],
        "source": FeedbackSource.CITY_INSPECTION if is_city else FeedbackSource.COUNTY_INSPECTION,
        "profile_id": inspection.round.profile_id,
    }


def _draft(form: FeedbackForm, inspection_id: int | None) -> service.FeedbackDraft:
    return service.FeedbackDraft(
        code=form.code.data or "",
        title=form.title.data or "",
        source=FeedbackSource(form.source.data),
        profile_id=form.profile_id.data,
        inspection_id=inspection_id,
    )
