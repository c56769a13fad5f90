"""工作日历: a year's days off and 调休, and the State Council's notice taken in."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.administration import calendar as service
from tracker.administration.forms import NoticeForm
from tracker.administration.views import bp
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, status_of
from tracker.workdays.models import CalendarNotice
from tracker.workdays.notice import LONGEST_NOTICE, Reading, read_notice
from tracker.workdays.queries import days_of_year, load_calendar, notices_of_year
from tracker.workdays.rules import ONE_DAY, year_without_notice
from tracker.workdays.seed import FIRST_YEAR

WEEKDAYS = "一二三四五六日"
YEARS_AHEAD = 2


@bp.get("/calendar")
@requires(Permission.CALENDAR_READ)
def calendar() -> ResponseReturnValue:
    """Show a year: days off, weekends worked, where they come from, what moved because of them."""
    last = today().year + YEARS_AHEAD
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today().year
    year = min(max(year, FIRST_YEAR), last)
    found = load_calendar(db())
    return render_template(
        "administration/calendar.html",
        year=year,
        years=range(FIRST_YEAR, last + 1),
        days=days_of_year(db(), year),
        weekdays=WEEKDAYS,
        is_estimated=found.is_estimated(date(year, 1, 1)),
        workdays=found.workdays_between(date(year, 1, 1) - ONE_DAY, date(year, 12, 31)),
        notices=notices_of_year(db(), year),
        own_region=own_region(),
        missing=year_without_notice(found, today=today()),
        may_keep=service.keeps_calendar(db(), actor()),
    )


@bp.route("/calendar/notice", methods=["GET", "POST"])
@requires(Permission.CALENDAR_EDIT)
def calendar_notice() -> ResponseReturnValue:
    """录入节假日安排: pasted or as a file, looked at first, saved when it was read whole."""
    form, reading = NoticeForm(), None
    if form.validate_on_submit():
        text = form.given_text()
        form.text.data, reading = text, read_notice(text)
        if form.confirm.data and _is_kept(form, reading, text):
            flash(f"{reading.year} 年节假日安排已保存。", "ok")
            return redirect(url_for(".calendar", year=reading.year))
        form.digest.data = reading.digest
    return _page(form, reading), status_of(form) if not (reading and reading.problems) else 422


def _is_kept(form: NoticeForm, reading: Reading, text: str) -> bool:
    """Save what was looked at, and nothing else; return whether it is saved."""
    found: list[CalendarNotice] = []

    def keep() -> None:
        if form.digest.data != reading.digest:
            raise DomainError("文字在预览后有改动，没有保存。请核对新的预览，再确认保存。")
        found.append(service.keep_notice(db(), reading, text, actor=actor(), now=now()))

    if not accepted(form, keep):
        return False
    db().commit()
    return True


def _page(form: NoticeForm, reading: Reading | None) -> str:
    """Return the page; the preview names each day, what differs now, and which dates move."""
    is_clear = reading is not None and not reading.problems
    return render_template(
        "administration/calendar_notice.html",
        form=form,
        reading=reading,
        is_clear=is_clear,
        weekdays=WEEKDAYS,
        now_off=load_calendar(db()),
        moves=service.moves_with(db(), reading) if is_clear and reading else [],
        own_region=own_region(),
        longest=LONGEST_NOTICE,
        may_keep=service.keeps_calendar(db(), actor()),
    )
