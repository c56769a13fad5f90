"""挂牌督办: the list, setting and lifting, and the office's own rule."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.permissions import Permission
from tracker.rectification import queries
from tracker.rectification.deadlines import days_left_of
from tracker.rectification.forms import ReasonForm, WatchForm, WatchRulesForm
from tracker.rectification.models import Task
from tracker.rectification.service import watching
from tracker.rectification.service.watching import WatchOrder
from tracker.rectification.views import bp
from tracker.rectification.views.deciding import decide
from tracker.web.access import actor, own_region, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, check_shown, status_of, version_of
from tracker.workdays.queries import load_calendar


@bp.get("/watches")
@requires(Permission.WATCH_READ)
def watches() -> ResponseReturnValue:
    """List the watched tasks, those silent for too long first."""
    found = watching.watched_tasks(db(), actor=actor(), today=today(), calendar=load_calendar(db()))
    return render_template(
        "rectification/watches.html",
        watches=found,
        interval=watching.interval_of(db(), own_region()),
        today=today(),
        as_of=today(),
        days_left=days_left_of([each.task for each in found], as_of=today()),
    )


@bp.route("/watches/rules", methods=["GET", "POST"])
@requires(Permission.TASK_WATCH)
def watch_rules() -> ResponseReturnValue:
    """Keep the interval and the levels of the own office."""
    region_id = own_region()
    stored = {
        "interval": watching.interval_of(db(), region_id),
        "levels": "\n".join(watching.levels_of(db(), region_id)),
    }
    form = WatchRulesForm(data=stored)
    version = version_of(*stored.values())

    def keep() -> None:
        check_shown(form, version, "督办规则")
        _keep_rules(region_id, form)

    if form.validate_on_submit() and accepted(form, keep):
        db().commit()
        flash("督办规则已保存。", "ok")
        return redirect(url_for(".watches"))
    form.version.data = str(version)
    return render_template("rectification/watch_rules.html", form=form), status_of(form)


def _keep_rules(region_id: int, form: WatchRulesForm) -> None:
    watching.keep_watch_rules(
        db(),
        region_id,
        interval=form.interval.data,
        levels=form.levels.data or "",
        actor=actor(),
        now=now(),
    )


@bp.route("/tasks/<int:task_id>/watch", methods=["GET", "POST"])
@requires(Permission.TASK_WATCH)
def watch_task(task_id: int) -> ResponseReturnValue:
    """挂牌督办, or change level and leader."""
    form = WatchForm()
    task = queries.get_task(db(), task_id, actor=actor())
    levels = watching.levels_of(db(), task.region_id)
    form.level.choices = {level: level for level in levels}
    if not form.is_submitted():
        form.level.data = task.watch_level or levels[0]
        form.leader.data = task.watch_leader.name if task.watch_leader else ""

    def order(found: Task) -> None:
        wanted = WatchOrder(
            level=form.level.data or "",
            leader=form.leader.data or "",
            reason=form.reason.data or "",
        )
        watching.set_watch(db(), found, wanted, actor=actor(), now=now())

    return decide(task_id, form, "watch_task", order, "已挂牌督办。")


@bp.route("/tasks/<int:task_id>/lift-watch", methods=["GET", "POST"])
@requires(Permission.TASK_WATCH)
def lift_watch(task_id: int) -> ResponseReturnValue:
    """解除挂牌督办."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "lift_watch",
        lambda task: watching.lift_watch(
            db(), task, form.reason.data or "", actor=actor(), now=now()
        ),
        "已解除挂牌督办。",
    )
