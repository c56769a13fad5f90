"""约谈: the list, one record, registering, correcting, 作废."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.files.models import StoredFile
from tracker.files.views import handed_out, taken_in
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.records import InterviewForm, VoidForm
from tracker.letters.models import Interview
from tracker.letters.queries import records, subjects
from tracker.letters.queries.records import PAGE_SIZE, RecordFilter
from tracker.letters.service import recording
from tracker.letters.service.recording import InterviewFacts
from tracker.letters.views import bp
from tracker.letters.views.choices import asked_unit_id, choose_unit, fill_choices, ids_of
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts_row
from tracker.web.access import actor, asked, own_region, requires, row_id
from tracker.web.database import database, db, now, today
from tracker.web.forms import accepted, given, seen, status_of

YEARS = range(1950, 2200)
FILTERS = ("unit", "year", "heads", "held", "q")


def wanted_records() -> RecordFilter:
    """Return what the address narrows a list of records to."""
    year = row_id("year")
    return RecordFilter(
        unit_id=row_id("unit"),
        year=year if year in YEARS else None,
        heads_only=asked("heads") == "1",
        text=asked("q"),
        after=row_id("after"),
    )


def filters() -> dict[str, Any]:
    """Return the filters of the address, without the place in the list."""
    return {name: value for name in FILTERS if (value := request.args.get(name))}


@bp.get("/interviews")
@requires(Permission.INTERVIEW_READ)
def interviews() -> ResponseReturnValue:
    """List interviews, the newest record first."""
    wanted = wanted_records()
    rows = records.list_interviews(db(), wanted, actor=actor())
    more, rows = rows[PAGE_SIZE:], rows[:PAGE_SIZE]
    times, persons = records.count_interviews(db(), wanted, actor=actor())
    return render_template(
        "letters/interviews.html",
        interviews=rows,
        wanted=wanted,
        times=times,
        persons=persons,
        next_url=url_for(".interviews", **filters(), after=rows[-1].id) if more else None,
        first_url=url_for(".interviews", **filters()) if wanted.after else None,
        units=records.units_of_interviews(db(), actor=actor()),
    )


@bp.get("/interviews/<int:interview_id>")
@requires(Permission.INTERVIEW_READ)
def interview(interview_id: int) -> ResponseReturnValue:
    """Show one interview."""
    found = records.get_interview(db(), interview_id, actor=actor())
    return render_template(
        "letters/interview.html",
        interview=found,
        ours=conducts_row(actor(), found.region_id),
        openable=subjects.seen_task_ids(db(), found.tasks, actor=actor()),
    )


@bp.get("/interviews/<int:interview_id>/file")
@requires(Permission.INTERVIEW_READ)
def interview_file(interview_id: int) -> ResponseReturnValue:
    """Download what is attached to an interview."""
    found = records.get_interview(db(), interview_id, actor=actor())
    return handed_out("interview", interview_id, found.file)


@bp.route("/interviews/new", methods=["GET", "POST"])
@requires(Permission.INTERVIEW_EDIT)
def new_interview() -> ResponseReturnValue:
    """登记约谈 (?unit=, and ?assessment= or ?letter= when a low grade or a letter led to it)."""
    unit_id = asked_unit_id()
    if unit_id is None:
        return choose_unit("new_interview")
    form = InterviewForm()
    unit = _prepared(form, unit_id)
    is_fine, file = taken_in(form) if form.validate_on_submit() else (False, None)
    made: list[Interview] = []

    def save() -> None:
        where = (own_region(), unit.id)
        made.append(
            recording.register_interview(db(), *where, _facts(form), file, actor=actor(), now=now())
        )

    if is_fine and accepted(form, save):
        db().commit()
        flash("已登记约谈。", "ok")
        return redirect(url_for(".interview", interview_id=made[0].id))
    page = render_template("letters/new_interview.html", form=form, unit=unit)
    return page, status_of(form)


def _prepared(form: InterviewForm, unit_id: int) -> Unit:
    """Fill the choices from a reading session: an upload comes before the writing one."""
    with database().reading() as read:
        unit = subjects.get_addressee(read, unit_id, own_region(), today=today())
        fill_choices(form, unit.id, own_region(), session=read)
    if not form.is_submitted():
        form.is_head.data, form.held_on.data = True, today()
        task_id = row_id("task")
        form.tasks.data = [] if task_id is None else [task_id]
        form.issues.data = []
    return unit


def _facts(form: InterviewForm) -> InterviewFacts:
    return InterviewFacts(
        person_name=form.person_name.data or "",
        post_title=form.post_title.data or "",
        is_head=bool(form.is_head.data),
        held_on=given(form.held_on.data),
        interviewer=form.interviewer.data or "",
        reason=form.reason.data or "",
        text=form.text.data or "",
        task_ids=ids_of(form.tasks),
        issue_ids=ids_of(form.issues),
        assessment_id=row_id("assessment"),
        letter_id=row_id("letter"),
    )


@bp.route("/interviews/<int:interview_id>/edit", methods=["GET", "POST"])
@requires(Permission.INTERVIEW_EDIT)
def edit_interview(interview_id: int) -> ResponseReturnValue:
    """Correct what was registered."""
    form = InterviewForm()
    with database().reading() as read:
        shown = records.get_interview(read, interview_id, actor=actor(), to_change=True)
        where = (shown.unit_id, shown.region_id)
        fill_choices(form, *where, shown.tasks, shown.issues, session=read)
    is_fine, file = taken_in(form) if form.validate_on_submit() else (False, None)
    if is_fine and accepted(form, lambda: _edit(form, interview_id, file)):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".interview", interview_id=interview_id))
    if not form.is_submitted():
        _fill(form, shown)
    form.version.data = str(shown.version)
    page = render_template("letters/edit_interview.html", form=form, interview=shown)
    return page, status_of(form)


def _edit(form: InterviewForm, interview_id: int, file: StoredFile | None) -> None:
    found = records.get_interview(db(), interview_id, actor=actor(), to_change=True)
    check_version(found, seen(form), "这条约谈记录")
    recording.edit_interview(db(), found, _facts(form), file, actor=actor(), now=now())


def _fill(form: InterviewForm, interview: Interview) -> None:
    form.person_name.data, form.post_title.data = interview.person.name, interview.post_title
    form.is_head.data, form.held_on.data = interview.is_head, interview.held_on
    form.interviewer.data, form.reason.data = interview.interviewer, interview.reason
    form.text.data = interview.text
    form.tasks.data = [task.id for task in interview.tasks]
    form.issues.data = [issue.id for issue in interview.issues]


@bp.route("/interviews/<int:interview_id>/void", methods=["GET", "POST"])
@requires(Permission.INTERVIEW_EDIT)
def void_interview(interview_id: int) -> ResponseReturnValue:
    """作废 a record that was typed in error."""
    found = records.get_interview(db(), interview_id, actor=actor(), to_change=True)
    form = VoidForm()

    def void() -> None:
        check_version(found, seen(form), "这条约谈记录")
        recording.void_record(db(), found, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, void):
        db().commit()
        flash("记录已作废，不再计入统计。", "ok")
        return redirect(url_for(".interview", interview_id=interview_id))
    form.version.data = str(found.version)
    page = render_template("letters/void_interview.html", form=form, interview=found)
    return page, status_of(form)
