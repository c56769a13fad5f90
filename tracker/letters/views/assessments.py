"""整改评估: the list with its candidates, beginning, scoring, confirming, correcting."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.queries import get_feedback
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.assessments import (
    BeginForm,
    ScoringForm,
    scores_in,
    scoring_form,
    votes_in,
)
from tracker.letters.models.assessments import Assessment
from tracker.letters.queries import assessments as queries
from tracker.letters.service import assessments as service
from tracker.letters.views import bp
from tracker.organizations.scope import conducts_row
from tracker.web.access import actor, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, given, refusal_of_press, seen, status_of


@bp.get("/assessments")
@requires(Permission.ASSESSMENT_READ)
def assessments() -> ResponseReturnValue:
    """List assessments, how the grades stand, and whom they suggest for a focused inspection."""
    standings = queries.standings(db(), own_region(), as_of=today(), actor=actor())
    return render_template(
        "letters/assessments.html",
        assessments=queries.list_assessments(db(), actor=actor()),
        counts=queries.grade_counts(db(), own_region(), as_of=today(), actor=actor()),
        low=[each for each in standings if each.is_low],
        as_of=today(),
    )


@bp.get("/assessments/<int:assessment_id>")
@requires(Permission.ASSESSMENT_READ)
def assessment(assessment_id: int) -> ResponseReturnValue:
    """Show one assessment with its scores, votes, total, and what was corrected."""
    found = queries.get_assessment(db(), assessment_id, actor=actor())
    return render_template(
        "letters/assessment.html",
        assessment=found,
        survey=service.survey_shown(found),
        valid=service.valid_votes(found),
        ours=conducts_row(actor(), found.region_id),
        is_scorer=found.scorer_person_id is not None
        and found.scorer_person_id == actor().person_id,
    )


@bp.route("/assessments/new", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def new_assessment() -> ResponseReturnValue:
    """Begin an assessment: first the feedback, then one of its units."""
    sheets = [sheet for sheet in queries.list_templates(db(), actor=actor()) if sheet.is_active]
    if not sheets:
        flash("请先建立评估表。", "note")
        return redirect(url_for(".assessment_sheets"))
    feedbacks = queries.feedbacks_to_assess(db(), actor=actor())
    form = BeginForm(data={"assessed_on": today(), "feedback_id": row_id("feedback")})
    form.feedback_id.choices = [(one.id, f"{one.title}（{one.code}）") for one in feedbacks]
    form.template_id.choices = [(sheet.id, sheet.name) for sheet in sheets]
    form.unit_id.choices = _units(form.feedback_id.data)
    made: list[Assessment] = []
    if form.validate_on_submit() and accepted(form, lambda: made.append(_begin(form))):
        db().commit()
        return redirect(url_for(".score_assessment", assessment_id=made[0].id))
    page = render_template("letters/new_assessment.html", form=form, feedbacks=feedbacks)
    return page, status_of(form)


def _units(feedback_id: int | None) -> list[tuple[int, str]]:
    chosen = [
        one for one in queries.feedbacks_to_assess(db(), actor=actor()) if one.id == feedback_id
    ]
    units = queries.units_of_feedback(db(), chosen[0]) if chosen else []
    return [(unit.id, unit.name) for unit in units]


def _begin(form: BeginForm) -> Assessment:
    feedback = get_feedback(db(), given(form.feedback_id.data), actor=actor(), to_change=True)
    sheet = queries.get_template(db(), given(form.template_id.data), actor=actor())
    return service.begin_assessment(
        db(),
        feedback,
        given(form.unit_id.data),
        sheet,
        given(form.assessed_on.data),
        actor=actor(),
        now=now(),
    )


@bp.route("/assessments/<int:assessment_id>/score", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def score_assessment(assessment_id: int) -> ResponseReturnValue:
    """评分 before it is confirmed."""
    return _mark(assessment_id, "score_assessment", "评分已保存。")


@bp.route("/assessments/<int:assessment_id>/correct", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_EDIT)
def correct_assessment(assessment_id: int) -> ResponseReturnValue:
    """更正 after it was confirmed, with a reason."""
    return _mark(
        assessment_id, "correct_assessment", "已更正，请另一位同志确认；确认前以原结果为准。"
    )


def _mark(assessment_id: int, view: str, done: str) -> ResponseReturnValue:
    found = queries.get_assessment(db(), assessment_id, actor=actor(), to_change=True)
    form = scoring_form(found)

    def save() -> None:
        check_version(found, seen(form), "这份评估")
        marks = _marks(form, found)
        if view == "correct_assessment":
            reason = form.reason.data or ""
            service.correct_assessment(db(), found, marks, reason, actor=actor(), now=now())
        else:
            service.score_assessment(db(), found, marks, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".assessment", assessment_id=assessment_id))
    form.version.data = str(found.version)
    return render_template(f"letters/{view}.html", form=form, assessment=found), status_of(form)


def _marks(form: ScoringForm, found: Assessment) -> service.Marks:
    return service.Marks(
        scores=scores_in(form, found), votes=votes_in(form, found), text=form.text.data or ""
    )


@bp.post("/assessments/<int:assessment_id>/confirm")
@requires(Permission.ASSESSMENT_EDIT)
def confirm_assessment(assessment_id: int) -> ResponseReturnValue:
    """确认: from here on it is frozen."""
    found = queries.get_assessment(db(), assessment_id, actor=actor(), to_change=True)
    refusal = refusal_of_press(
        found,
        "这份评估",
        lambda: service.confirm_assessment(db(), found, actor=actor(), now=now()),
    )
    if refusal is None:
        db().commit()
        flash("评估已确认。", "ok")
    else:
        flash(refusal, "warning")
    return redirect(url_for(".assessment", assessment_id=assessment_id))
