"""The list of letters, one letter with its replies and history, its files."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.files.views import handed_out
from tracker.kernel.permissions import Permission
from tracker.letters.models import Letter
from tracker.letters.queries import letters as queries
from tracker.letters.queries.letters import ONLY, PAGE_SIZE, LetterFilter
from tracker.letters.queries.records import interviews_of_letter
from tracker.letters.queries.subjects import seen_task_ids
from tracker.letters.rules.letters import LetterState, awaits_reply
from tracker.letters.service.letter_steps import available
from tracker.letters.views import bp
from tracker.organizations.models import Unit
from tracker.organizations.scope import conducts_row
from tracker.web.access import actor, asked, requires, row_id
from tracker.web.database import db, today
from tracker.workdays.queries import load_calendar

FILTERS = ("state", "unit", "kind", "year", "only", "q")


@bp.get("/letters")
@requires(Permission.LETTER_READ)
def letters() -> ResponseReturnValue:
    """List the letters this person may see, the newest first."""
    wanted = _wanted()
    rows = queries.list_letters(db(), wanted, actor=actor(), today=today())
    more, rows = rows[PAGE_SIZE:], rows[:PAGE_SIZE]
    return render_template(
        "letters/letters.html",
        letters=rows,
        wanted=wanted,
        today=today(),
        as_of=today(),
        total=queries.count_letters(db(), wanted, actor=actor(), today=today()),
        next_url=url_for(".letters", **_filters(), after=rows[-1].id) if more else None,
        first_url=url_for(".letters", **_filters()) if wanted.after else None,
        units=_units(),
        kinds=_kinds(),
        states=LetterState.choices().items(),
        only=[(code, label) for code, (label, _) in ONLY.items()],
        awaits_reply=awaits_reply,
    )


def _wanted() -> LetterFilter:
    state, year = request.args.get("state", ""), row_id("year")
    return LetterFilter(
        state=LetterState(state) if state in LetterState.__members__.values() else None,
        unit_id=row_id("unit"),
        kind=asked("kind"),
        year=year if year and year < 10_000 else None,
        only=asked("only"),
        text=asked("q"),
        after=row_id("after"),
    )


def _filters() -> dict[str, Any]:
    """Return the filters of the address; only ours, as url_for takes `_scheme` and others too."""
    return {name: value for name in FILTERS if (value := request.args.get(name))}


def _units() -> list[tuple[int, str]]:
    seen = select(Letter.unit_id).where(queries.visible_letters(actor()))
    units = db().scalars(select(Unit).where(Unit.id.in_(seen)).order_by(Unit.sort_no, Unit.id))
    return [(unit.id, unit.short_name) for unit in units]


def _kinds() -> list[tuple[str, str]]:
    query = select(Letter.kind_code, Letter.kind_label).where(queries.visible_letters(actor()))
    return [(row[0], row[1]) for row in db().execute(query.distinct().order_by(Letter.kind_label))]


@bp.get("/letters/<int:letter_id>")
@requires(Permission.LETTER_READ)
def letter(letter_id: int) -> ResponseReturnValue:
    """Show one letter: its text, what it is about, its replies, who did what when."""
    found = queries.get_letter(db(), letter_id, actor=actor())
    due = found.reply_due if awaits_reply(found.state, needs_reply=found.needs_reply) else None
    calendar = load_calendar(db()) if due else None
    return render_template(
        "letters/letter.html",
        letter=found,
        today=today(),
        days_left=(due - today()).days if due else None,
        workdays_left=calendar.workdays_between(today(), due)
        if calendar and due and due > today()
        else None,
        is_guessed=bool(calendar and due and calendar.is_estimated(due)),
        verbs=available(found, actor=actor()),
        history=queries.events_of(db(), found),
        interviews=interviews_of_letter(db(), letter_id, actor=actor()),
        ours=conducts_row(actor(), found.region_id),
        openable=seen_task_ids(db(), found.tasks, actor=actor()),
    )


@bp.get("/letters/<int:letter_id>/docx")
@requires(Permission.LETTER_READ)
def letter_docx(letter_id: int) -> ResponseReturnValue:
    """Download the signed letter as it was stored."""
    found = queries.get_letter(db(), letter_id, actor=actor())
    return handed_out("letter", letter_id, found.file)


@bp.get("/letter-replies/<int:reply_id>/file")
@requires(Permission.LETTER_READ)
def letter_reply_file(reply_id: int) -> ResponseReturnValue:
    """Download what came with a reply."""
    found = queries.get_reply(db(), reply_id, actor=actor())
    return handed_out("letter_reply", reply_id, found.file)
