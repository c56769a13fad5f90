"""Write a letter: choose the unit and the kind, then the text; change a draft."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.letters.forms.letters import LetterForm
from tracker.letters.models import Letter
from tracker.letters.queries import subjects
from tracker.letters.queries.letters import get_letter
from tracker.letters.queries.words import active_kinds, letter_kind
from tracker.letters.rules.letters import LetterVerb
from tracker.letters.rules.words import LetterKindWords
from tracker.letters.service import writing
from tracker.letters.service.letter_steps import ensure_may
from tracker.letters.texts import first_body, first_title
from tracker.letters.views import bp
from tracker.letters.views.choices import asked_unit_id, fill_choices, ids_of
from tracker.organizations.models import Unit
from tracker.rectification.queries import get_task
from tracker.web.access import actor, asked, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, seen, status_of


@bp.route("/letters/new", methods=["GET", "POST"])
@requires(Permission.LETTER_EDIT)
def new_letter() -> ResponseReturnValue:
    """拟稿: first to whom and which kind (?unit=&kind=, or ?task=), then the text."""
    unit, code = _addressee(), asked("kind")
    if unit is None or not code:
        return _choose(unit, code)
    kind = letter_kind(db(), own_region(), code)
    form = LetterForm()
    fill_choices(form, unit.id, own_region())
    made: list[Letter] = []

    def save() -> None:
        text = _text(form)
        made.append(
            writing.draft_letter(
                db(), own_region(), unit.id, kind.code, text, actor=actor(), now=now()
            )
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已拟稿，请送巡察办主任签发。编号在签发时产生。", "ok")
        return redirect(url_for(".letter", letter_id=made[0].id))
    if not form.is_submitted():
        _suggest(form, unit, kind)
    page = render_template("letters/new_letter.html", form=form, unit=unit, kind=kind)
    return page, status_of(form)


def _addressee() -> Unit | None:
    unit_id = asked_unit_id()
    if unit_id is None:
        return None
    return subjects.get_addressee(db(), unit_id, own_region(), today=today())


def _choose(unit: Unit | None, code: str) -> ResponseReturnValue:
    return render_template(
        "letters/new_letter.html",
        form=None,
        unit=unit,
        kind_code=code,
        task_id=row_id("task"),
        kinds=active_kinds(db(), own_region()),
        units=subjects.addressees(db(), own_region(), today=today()),
    )


def _suggest(form: LetterForm, unit: Unit, kind: LetterKindWords) -> None:
    """Begin with the kind's own text, about the task one came from."""
    due = today() + timedelta(days=kind.reply_days) if kind.needs_reply else None
    task_id = row_id("task")
    tasks = [] if task_id is None else [get_task(db(), task_id, actor=actor())]
    tasks = [task for task in tasks if task.lead_unit_id == unit.id]
    form.title.data = first_title(kind.label, is_about_tasks=bool(tasks))
    form.body.data = first_body(kind.code, tasks=tasks, reply_due=due)
    form.needs_reply.data, form.reply_due.data = kind.needs_reply, due
    form.tasks.data, form.issues.data = [task.id for task in tasks], []


@bp.route("/letters/<int:letter_id>/edit", methods=["GET", "POST"])
@requires(Permission.LETTER_EDIT)
def edit_letter(letter_id: int) -> ResponseReturnValue:
    """Change a draft."""
    found = get_letter(db(), letter_id, actor=actor())
    ensure_may(found, LetterVerb.EDIT, actor=actor())
    form = LetterForm()
    fill_choices(form, found.unit_id, found.region_id, found.tasks, found.issues)

    def save() -> None:
        check_version(found, seen(form), "这份函件")
        writing.edit_letter(db(), found, _text(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("已保存。", "ok")
        return redirect(url_for(".letter", letter_id=letter_id))
    if not form.is_submitted():
        _fill(form, found)
    form.version.data = str(found.version)
    return render_template("letters/edit_letter.html", form=form, letter=found), status_of(form)


def _fill(form: LetterForm, letter: Letter) -> None:
    form.title.data, form.body.data = letter.title, letter.body
    form.needs_reply.data, form.reply_due.data = letter.needs_reply, letter.reply_due
    form.tasks.data = [task.id for task in letter.tasks]
    form.issues.data = [issue.id for issue in letter.issues]


def _text(form: LetterForm) -> writing.LetterText:
    return writing.LetterText(
        title=form.title.data or "",
        body=form.body.data or "",
        needs_reply=bool(form.needs_reply.data),
        reply_due=form.reply_due.data,
        task_ids=ids_of(form.tasks),
        issue_ids=ids_of(form.issues),
    )
