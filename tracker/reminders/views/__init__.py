"""提醒: the switch, whom to call today, what goes out next, and the rules."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.links import Links
from tracker.kernel.permissions import Permission, may
from tracker.organizations.models import Region
from tracker.reminders import overview as pages
from tracker.reminders import pausing, preview, queries, service
from tracker.reminders.calling import note_calls
from tracker.reminders.forms import BUTTONS_ONLY, CallForm, EndPauseForm, PauseForm, SwitchForm
from tracker.reminders.rule_sets import rule_change, switch_rules
from tracker.reminders.rulebook import rule_table
from tracker.reports import voice as reports
from tracker.watchdog import voice as watchdog
from tracker.web.access import actor, own_region, requires, row_id
from tracker.web.database import config, db, now, today
from tracker.web.forms import ActionForm, accepted, seen, status_of
from tracker.workdays.queries import load_calendar

bp = Blueprint("reminders", __name__)
OTHER_VOICES = (*reports.VOICES, *watchdog.VOICES)
"""What other features queue shares the digests of reminders."""


@bp.get("/reminders")
@requires(Permission.REMINDER_READ)
def overview() -> ResponseReturnValue:
    """Show the reader's own region."""
    region_id = actor().region_id or 0
    calendar = load_calendar(db())
    following = calendar.next_workday(today() + timedelta(days=1))
    selection = pages.reaching(db(), [region_id], on=following)
    lines = preview.preview(
        db(), selection, [region_id], on=following, calendar=calendar, others=OTHER_VOICES
    )
    mobile = Links(config().mobile_url)
    todos = service.office_todos(db(), selection, actor(), today=today(), calendar=calendar)
    return render_template(
        "reminders/overview.html",
        links=Links(request.script_root),
        is_on=queries.is_pushing(db(), region_id),
        may_switch=may(actor(), Permission.PUSH_SWITCH),
        units=pages.call_list(db(), selection, today=today(), calendar=calendar),
        following=following,
        is_following_guessed=calendar.is_estimated(following),
        is_estimated=calendar.is_estimated,
        previews=lines,
        messages=preview.messages_of(db(), lines, on=following, links=mobile),
        rules=rule_table(db(), region_id),
        todos=todos,
        names=queries.unit_names(db(), {it.candidate.unit_id for it in todos}) if todos else {},
        pauses=queries.paused_unit_names(db(), region_id, today=today()),
        rule_change=rule_change(db(), region_id),
    )


@bp.get("/reminders/call-list")
@requires(Permission.REMINDER_READ)
def call_list() -> ResponseReturnValue:
    """Show whom to call today by itself, as it is printed."""
    return render_template(
        "reminders/call_list.html",
        links=Links(request.script_root),
        units=_calls(),
        office=db().get_one(Region, own_region()).name,
        now=now(),
    )


def _calls() -> list[pages.UnitCalls]:
    selection = pages.reaching(db(), [actor().region_id or 0], on=today())
    return pages.call_list(db(), selection, today=today(), calendar=load_calendar(db()))


@bp.post("/reminders/calls")
@requires(Permission.CALL_NOTE)
def note_call() -> ResponseReturnValue:
    """已电话催办: note that somebody called about things on the list."""
    form = CallForm()
    if not form.validate_on_submit():
        flash(BUTTONS_ONLY, "warning")
        return redirect(url_for(".overview"))

    def note() -> None:
        listed = [call.due.candidate for unit in _calls() for call in unit.calls]
        note_calls(db(), own_region(), form.keys, listed, actor=actor(), now=now())

    if accepted(form, note):
        db().commit()
        flash("已登记电话催办。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".overview", _anchor="calls"))


@bp.post("/reminders/push")
@requires(Permission.PUSH_SWITCH)
def switch() -> ResponseReturnValue:
    """Switch pushing of the lead's own region on or off."""
    form = SwitchForm()
    if not form.validate_on_submit():
        flash("请用页面上的按钮操作。", "error")
        return redirect(url_for("reminders.overview"))
    on = form.on.data == "1"
    region_id = actor().region_id or 0

    def switch() -> None:
        service.switch_pushing(db(), region_id, on, actor=actor(), now=now())

    if accepted(form, switch):
        db().commit()
        done = "推送已开启，下一个发送时段起发送。" if on else "推送已关闭，不再发送任何提醒。"
        flash(done, "success")
    else:
        flash(str(form.form_errors[0]), "error")
    return redirect(url_for("reminders.overview"))


@bp.post("/reminders/switch-rules")
@requires(Permission.REMINDER_RULE_EDIT)
def change_rules() -> ResponseReturnValue:
    """换用本模式的提醒规则."""
    form = ActionForm()
    if accepted(form, lambda: switch_rules(db(), own_region(), actor=actor(), now=now())):
        db().commit()
        flash("提醒规则已切换；自行设置的规则没有改变。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".overview"))


@bp.get("/reminders/pauses")
@requires(Permission.REMINDER_PAUSE)
def pauses() -> ResponseReturnValue:
    """List the office's pauses, running and past."""
    found = pausing.pauses_of_office(db(), own_region())
    return render_template(
        "reminders/pauses.html", pauses=found, today=today(), longest=pausing.LONGEST_LIST
    )


@bp.route("/reminders/pauses/new", methods=["GET", "POST"])
@requires(Permission.REMINDER_PAUSE)
def new_pause() -> ResponseReturnValue:
    """暂停提醒 of a unit."""
    form = PauseForm()
    units = pausing.pausable_units(db(), own_region())
    form.unit.choices = [(unit.id, unit.short_name) for unit in units]
    if not form.is_submitted():
        form.unit.data, form.from_on.data = row_id("unit"), today()

    def pause() -> None:
        wanted = pausing.Pause(
            unit_id=form.unit.data,
            from_on=form.from_on.data,
            to_on=form.to_on.data,
            reason=form.reason.data or "",
        )
        pausing.pause_unit(db(), own_region(), wanted, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, pause):
        db().commit()
        flash("已登记暂停提醒。", "ok")
        return redirect(url_for(".pauses"))
    return render_template("reminders/new_pause.html", form=form), status_of(form)


@bp.route("/reminders/pauses/<int:pause_id>/end", methods=["GET", "POST"])
@requires(Permission.REMINDER_PAUSE)
def end_pause(pause_id: int) -> ResponseReturnValue:
    """提前结束 of a pause."""
    pause, form = pausing.get_pause(db(), pause_id, actor=actor()), EndPauseForm()

    def end() -> None:
        check_version(pause, seen(form), "这次暂停")
        pausing.end_pause(db(), pause, form.reason.data or "", actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, end):
        db().commit()
        flash("已提前结束，从今天起恢复提醒。", "ok")
        return redirect(url_for(".pauses"))
    form.version.data = str(pause.version)
    return render_template("reminders/end_pause.html", form=form, pause=pause), status_of(form)


from tracker.reminders.views import digests, rules, unreachable  # noqa: E402

__all__ = ["bp", "digests", "rules", "unreachable"]
