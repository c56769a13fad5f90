"""提醒规则: of the region, or of one round; each change is looked at before it is saved."""

from collections.abc import Callable
from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission, may
from tracker.reminders import forecast, ruling
from tracker.reminders import rehearsal as past_days
from tracker.reminders.forms import RuleForm
from tracker.reminders.models import ReminderRule
from tracker.reminders.queries import unit_names
from tracker.reminders.rule_checks import PLACEHOLDERS, check_rule
from tracker.reminders.rulebook import as_rule, rule_table
from tracker.reminders.rules import AnchorKind, Rule, RuleStatus
from tracker.reminders.views import bp
from tracker.rounds.models import Round
from tracker.rounds.queries import get_round, list_rounds
from tracker.web.access import actor, own_region, requires, row_id
from tracker.web.database import db, now, today
from tracker.web.forms import ActionForm, accepted, refusal_of_press, seen, status_of
from tracker.workdays.queries import load_calendar


@bp.get("/reminders/rules")
@requires(Permission.REMINDER_READ)
def rules() -> ResponseReturnValue:
    """List the region's rules, or a round's own, and what those in dry run would have sent."""
    tour = _round(row_id("round"))
    rows = ruling.rules_at(db(), own_region(), tour.id if tour else None)
    return render_template(
        "reminders/rules.html",
        tour=tour,
        rounds=list_rounds(db(), actor=actor()),
        rows=rows,
        ladders=_ladders(rows, is_of_round=tour is not None),
        set_version=str(ruling.RuleSet(rows).version),
        trials=_trials(rows),
        may_edit=may(actor(), Permission.REMINDER_RULE_EDIT),
        days=forecast.DAYS_AHEAD,
    )


Shown = tuple[Rule, RuleStatus, ReminderRule | None]
"""A rule with its status, and its row where it is stored."""


def _ladders(
    rows: list[ReminderRule], *, is_of_round: bool
) -> list[tuple[AnchorKind, list[Shown]]]:
    """Return the rules by the date they count from; before anything is stored those of the mode."""
    shown: list[Shown] = [(as_rule(row), row.status, row) for row in rows]
    if not rows and not is_of_round:
        shown = [(rule, status, None) for rule, status in rule_table(db(), own_region())]
    ladders = [(anchor, [it for it in shown if it[0].anchor is anchor]) for anchor in AnchorKind]
    return [(anchor, ladder) for anchor, ladder in ladders if ladder]


def _round(round_id: int | None) -> Round | None:
    return None if round_id is None else get_round(db(), round_id, actor=actor())


def _trials(rows: list[ReminderRule]) -> dict[str, int]:
    """Return how many messages each rule in dry run would send on the next working days."""
    if not any(row.status is RuleStatus.DRY_RUN for row in rows):
        return {}
    calendar = load_calendar(db())
    days = forecast.workdays_after(today(), calendar)
    loaded = forecast.load(db(), own_region(), days, is_afresh=True)
    rules_of = forecast.stored_rules(loaded, RuleStatus.DRY_RUN)
    counts: dict[str, int] = {row.code: 0 for row in rows if row.status is RuleStatus.DRY_RUN}
    for found in forecast.forecast(loaded, rules_of, days, calendar).values():
        for due in found:
            if due.step.rule.code in counts:
                counts[due.step.rule.code] += 1
    return counts


@bp.route("/reminders/rules/new", methods=["GET", "POST"])
@requires(Permission.REMINDER_RULE_EDIT)
def new_rule() -> ResponseReturnValue:
    """新增规则, in dry run at first."""
    tour, form = _round(row_id("round")), RuleForm()
    round_id = tour.id if tour else None

    def save() -> None:
        rule = form.rule(None)
        ruling.add_rule(db(), own_region(), round_id, rule, actor=actor(), now=now())

    if form.validate_on_submit() and form.submit.data and accepted(form, save):
        db().commit()
        flash("规则已新增，先试运行、不发送。确认无误后请启用。", "ok")
        return redirect(url_for(".rules", round=round_id))
    difference = _difference(form, None, round_id)
    return _page("reminders/new_rule.html", form, tour, difference), status_of(form)


@bp.route("/reminders/rules/<int:rule_id>/edit", methods=["GET", "POST"])
@requires(Permission.REMINDER_RULE_EDIT)
def edit_rule(rule_id: int) -> ResponseReturnValue:
    """Change a rule."""
    row = ruling.get_rule(db(), rule_id, actor=actor())
    form = RuleForm(obj=row)

    def save() -> None:
        check_version(row, seen(form), "这条规则")
        ruling.alter_rule(db(), row, form.rule(row), actor=actor(), now=now())

    if form.validate_on_submit() and form.submit.data and accepted(form, save):
        db().commit()
        flash("规则已保存。", "ok")
        return redirect(url_for(".rules", round=row.round_id))
    difference = _difference(form, row, row.round_id)
    form.version.data = str(row.version)
    tour = _round(row.round_id)
    return _page("reminders/edit_rule.html", form, tour, difference), status_of(form)


def _difference(
    form: RuleForm, row: ReminderRule | None, round_id: int | None
) -> list[forecast.DayChange]:
    """Return what the rule as typed would change on the next working days, once it is in force."""
    if not (form.is_submitted() and form.look.data and form.validate()):
        return []
    rule = form.rule(row)
    if not accepted(form, lambda: check_rule(rule)):
        return []
    calendar = load_calendar(db())
    days = forecast.workdays_after(today(), calendar)
    loaded = forecast.load(db(), own_region(), days)
    stored = forecast.stored_rules(loaded, RuleStatus.ACTIVE)
    before = forecast.forecast(loaded, stored, days, calendar)
    changed = forecast.with_rule(loaded, round_id, row.code if row else None, rule)
    return forecast.changes(before, forecast.forecast(loaded, changed, days, calendar))


def _page(
    template: str, form: RuleForm, tour: Round | None, difference: list[forecast.DayChange]
) -> str:
    said = [due for day in difference for due in (*day.added, *day.removed)]
    return render_template(
        template,
        form=form,
        tour=tour,
        difference=difference,
        names=unit_names(db(), {due.candidate.unit_id for due in said}) if said else {},
        placeholders=PLACEHOLDERS,
    )


@bp.get("/reminders/rehearsal")
@requires(Permission.REMINDER_READ)
def rehearsal() -> ResponseReturnValue:
    """上月重演: what units would have been told last month under the rules of today and others."""
    chosen = request.args.get("rules", "")
    chosen = chosen if chosen in past_days.SETS else next(iter(past_days.SETS))
    first, last = past_days.last_month(today())
    calendar = load_calendar(db())
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    days = [day for day in days if calendar.is_workday(day)]
    past = past_days.load_past(db(), own_region(), first, last)
    label, others = past_days.SETS[chosen]
    return render_template(
        "reminders/rehearsal.html",
        days=days,
        now_told=past_days.rehearse(past, past_days.own_rules(past), days, calendar),
        then_told=past_days.rehearse(past, lambda _it: others, days, calendar),
        label=label,
        chosen=chosen,
        sets={code: words for code, (words, _rules) in past_days.SETS.items()},
        first=first,
        last=last,
    )


@bp.post("/reminders/rules/<int:rule_id>/status")
@requires(Permission.REMINDER_RULE_EDIT)
def switch_rule(rule_id: int) -> ResponseReturnValue:
    """启用, 试运行 or 停用."""
    row = ruling.get_rule(db(), rule_id, actor=actor())
    wanted = request.form.get("status", "")
    if wanted not in RuleStatus.__members__.values():
        abort(400)
    status = RuleStatus(wanted)
    round_id = row.round_id
    refused = refusal_of_press(
        row,
        "这条规则",
        lambda: ruling.set_status(db(), row, status, actor=actor(), now=now()),
    )
    return _told(refused, f"规则已改为“{status.label}”。", round_id)


@bp.post("/reminders/rules/three-colours")
@requires(Permission.REMINDER_RULE_EDIT)
def take_three_colours() -> ResponseReturnValue:
    """换用三色预警, for the region or one round."""
    tour = _round(row_id("round"))
    round_id = tour.id if tour else None
    refused = _refusal_of_set(
        round_id,
        lambda: ruling.take_three_colours(db(), own_region(), round_id, actor=actor(), now=now()),
    )
    return _told(refused, "已换用三色预警，其他整改时限规则已停用，可随时恢复。", round_id)


@bp.post("/reminders/rules/of-round/<int:round_id>")
@requires(Permission.REMINDER_RULE_EDIT)
def give_round_rules(round_id: int) -> ResponseReturnValue:
    """为本轮单独设置."""
    tour = get_round(db(), round_id, actor=actor())
    form = ActionForm()
    is_done = accepted(
        form,
        lambda: ruling.give_round_its_own(db(), own_region(), tour.id, actor=actor(), now=now()),
    )
    refused = None if is_done else str(form.form_errors[0])
    return _told(refused, "已复制本地区的规则，可为本轮单独修改。", round_id)


@bp.post("/reminders/rules/of-round/<int:round_id>/drop")
@requires(Permission.REMINDER_RULE_EDIT)
def drop_round_rules(round_id: int) -> ResponseReturnValue:
    """改回本地区的规则."""
    tour = get_round(db(), round_id, actor=actor())
    refused = _refusal_of_set(
        round_id,
        lambda: ruling.take_regions_rules(db(), own_region(), tour.id, actor=actor(), now=now()),
    )
    return _told(refused, "本轮改用本地区的规则。", round_id)


def _refusal_of_set(round_id: int | None, do: Callable[[], None]) -> str | None:
    """Do what a button of the whole set says, if nobody has changed a rule of it since."""
    shown = ruling.RuleSet(ruling.rules_at(db(), own_region(), round_id))
    return refusal_of_press(shown, "这一套规则", do)


def _told(refused: str | None, done: str, round_id: int | None) -> ResponseReturnValue:
    """Commit and say so, or say why not."""
    if refused is None:
        db().commit()
    flash(refused or done, "warning" if refused else "ok")
    return redirect(url_for(".rules", round=round_id))
