"""One task of a spot check: its outcome, its reopening; and the questions of the sheet."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.spot_checks import OutcomeForm, QuestionsForm, ReopenFailedForm
from tracker.letters.queries import spot_checks as queries
from tracker.letters.rules.spot_checks import DEFAULT_QUESTIONS, CheckOutcome
from tracker.letters.service import spot_checks as service
from tracker.letters.views import bp
from tracker.rectification.evidence_queries import evidence_that_counts
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, check_shown, given, seen, status_of, version_of


@bp.route("/spot-check-items/<int:item_id>/outcome", methods=["GET", "POST"])
@requires(Permission.SPOT_CHECK_EDIT)
def check_outcome(item_id: int) -> ResponseReturnValue:
    """登记核查结果."""
    item = queries.get_item(db(), item_id, actor=actor())
    form = OutcomeForm(obj=item, data=None if item.checked_on else {"checked_on": today()})

    def save() -> None:
        check_version(item, seen(form), "这项核查结果")
        service.note_outcome(db(), item, _draft(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("核查结果已登记。", "ok")
        return redirect(url_for(".spot_check", check_id=item.spot_check_id))
    form.version.data = str(item.version)
    page = render_template(
        "letters/check_outcome.html",
        form=form,
        item=item,
        evidence=evidence_that_counts(db(), item.task),
        has_entered=queries.has_entered(db(), item.task_id, actor=actor()),
        is_closer=item.closer_person_id is not None and item.closer_person_id == actor().person_id,
    )
    return page, status_of(form)


def _draft(form: OutcomeForm) -> service.OutcomeDraft:
    return service.OutcomeDraft(
        outcome=CheckOutcome(form.outcome.data),
        findings=form.findings.data or "",
        checked_on=given(form.checked_on.data),
        checked_with=form.checked_with.data or "",
        proposes_reopening=bool(form.proposes_reopening.data),
        why_changed=form.why_changed.data or "",
    )


@bp.route("/spot-check-items/<int:item_id>/reopen", methods=["GET", "POST"])
@requires(Permission.TASK_REOPEN)
def reopen_failed(item_id: int) -> ResponseReturnValue:
    """重新整改 what did not stand, with a new due date chosen in the open."""
    item = queries.get_item(db(), item_id, actor=actor())
    form = ReopenFailedForm()

    def save() -> None:
        check_version(item, seen(form), "这项核查结果")
        words, new_due = form.words.data or "", form.new_due.data
        service.reopen_failed(db(), item, new_due, words, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已重新整改，按新的时限提醒。", "ok")
        return redirect(url_for(".spot_check", check_id=item.spot_check_id))
    form.version.data = str(item.version)
    return render_template("letters/reopen_failed.html", form=form, item=item), status_of(form)


@bp.route("/spot-check-questions", methods=["GET", "POST"])
@requires(Permission.SPOT_CHECK_EDIT)
def check_questions() -> ResponseReturnValue:
    """Keep the questions of the region's check sheet."""
    present = queries.questions_of(db(), own_region())
    form, version = QuestionsForm(data={"questions": "\n".join(present)}), version_of(present)

    def save() -> None:
        check_shown(form, version, "核查要点")
        lines = form.questions.data or ""
        service.keep_questions(db(), own_region(), lines, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存，此后打印的核查表按新的要点。", "ok")
        return redirect(url_for(".spot_checks"))
    form.version.data = str(version)
    page = render_template(
        "letters/check_questions.html", form=form, is_ours=present == list(DEFAULT_QUESTIONS)
    )
    return page, status_of(form)
