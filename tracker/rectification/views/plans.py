"""整改方案: written by the unit, signed by its head, reviewed by the office — as a whole."""

import re
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.feedback.queries import get_issue
from tracker.kernel.db import check_version
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import conducts_row
from tracker.rectification import queries
from tracker.rectification.forms import PlanItemForm, ReasonForm
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.measure_lines import read_lines, write_lines
from tracker.rectification.rules.words import DocumentEventKind, DutyRole, TaskState
from tracker.rectification.service import issuing, plan_runs, plan_steps, plan_texts, planning
from tracker.rectification.service.document_events import last_event
from tracker.rectification.service.plan_rows import ensure_own_plan, is_own_plan
from tracker.rectification.service.steps import ensure_own, switches_of
from tracker.rectification.views import bp
from tracker.rectification.views.openings import keep_plan_opening
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today
from tracker.web.forms import accepted, refusal_of_press, seen, status_of
from tracker.workdays.queries import load_calendar

LONGEST_REMARK = 2000


@bp.get("/plans")
@requires(Permission.TASK_READ)
def plans() -> ResponseReturnValue:
    """List plans: what is due first."""
    rows = queries.list_plans(db(), actor=actor())
    return render_template(
        "rectification/plans.html",
        plans=rows,
        goes_by_head=lambda plan: switches_of(plan.feedback).sign_off,
        most=queries.MOST_PLANS,
        today=today(),
        as_of=today(),
    )


@bp.get("/plans/<int:plan_id>")
@requires(Permission.TASK_READ)
def plan(plan_id: int) -> ResponseReturnValue:
    """Show a plan with every task, what it still lacks, and its remarks."""
    found = queries.get_plan(db(), plan_id, actor=actor())
    tasks = planning.tasks_of_plan(db(), found)
    keep_plan_opening(found, tasks)
    return _page(found, tasks, ReasonForm(formdata=None), {})


def _page(found: UnitDocument, tasks: list[Task], form: ReasonForm, typed: dict[int, str]) -> str:
    """Return the plan's page; `typed` are remarks by task id that were sent and not taken."""
    calendar = load_calendar(db())
    form.version.data = str(found.version)
    return render_template(
        "rectification/plan.html",
        plan=found,
        is_due_guessed=found.feedback.profile.move_to_workday
        and found.due_on is not None
        and calendar.is_estimated(found.due_on),
        tasks=tasks,
        form=form,
        typed=typed,
        today=today(),
        faults={task.id: planning.faults_of(task, calendar) for task in tasks},
        DutyRole=DutyRole,
        names_of=planning.names_of,
        runs=plan_runs.runs_of(db(), found),
        run_word=plan_runs.run_word,
        next_run=plan_runs.run_under_way(found),
        owns=is_own_plan(found, actor=actor()),
        unacknowledged=issuing.unacknowledged(db(), found),
        remarks=queries.remarks_of(db(), found),
        turn=_turn(found, tasks, actor()),
        signatures=queries.signatures_of(db(), found),
        submissions=plan_texts.submissions_of(db(), found),
        waits_for_signature=last_event(found) is DocumentEventKind.SUBMITTED,
        scan_sign=bool(tasks) and switches_of(tasks[0]).scan_sign,
    )


def _turn(plan: UnitDocument, tasks: list[Task], who: Actor) -> str:
    """Return which part of the page this person gets: write, sign, review, or only read."""
    event = last_event(plan)
    states = {task.state for task in tasks}
    ours = conducts_row(who, plan.feedback.region_id)
    if TaskState.PLAN_REVIEW in states:
        return "review" if ours and may(who, Permission.PLAN_RETURN) else "sent"
    if TaskState.PLANNING not in states:
        return "read"
    own = is_own_plan(plan, actor=who)
    if event is DocumentEventKind.SUBMITTED:
        return "sign" if own and may(who, Permission.PLAN_SIGN) else "sent"
    return "write" if own and may(who, Permission.PLAN_DRAFT) else "read"


def _own_plan(plan_id: int) -> UnitDocument:
    found = queries.get_plan(db(), plan_id, actor=actor())
    ensure_own_plan(found, actor=actor())
    return found


@bp.route("/tasks/<int:task_id>/plan", methods=["GET", "POST"])
@requires(Permission.PLAN_DRAFT)
def plan_item(task_id: int) -> ResponseReturnValue:
    """Write what the plan says about one task."""
    task = queries.get_task(db(), task_id, actor=actor())
    ensure_own(task, actor=actor())
    form = PlanItemForm(data=_stored(task))

    def save() -> None:
        check_version(task, seen(form), "这项任务")
        planning.write_plan_item(db(), task, _item(form), actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"{task.task_no} 已保存。", "ok")
        return redirect(url_for(".plan", plan_id=_plan_of(task).id, _anchor=f"task-{task.id}"))
    form.version.data = str(task.version)
    page = render_template(
        "rectification/plan_item.html", form=form, task=task, plan=_plan_of(task)
    )
    return page, status_of(form)


def _item(form: PlanItemForm) -> planning.PlanItem:
    lines = read_lines(form.measures.data or "")
    return planning.PlanItem(
        goal=form.goal.data or "",
        measures=tuple(text for text, _due in lines),
        measure_dues=tuple(due for _text, due in lines),
        lead_leader=form.lead_leader.data or "",
        owners=tuple(re.split("[、，,;；]", form.owners.data or "")),
        lead_dept=form.lead_dept.data or "",
        support_depts=form.support_depts.data or "",
        due_on=form.due_on.data,
        is_long_term=bool(form.is_long_term.data),
    )


def _stored(task: Task) -> dict[str, object]:
    return {
        "goal": task.goal,
        "measures": write_lines((each.text, each.due_on) for each in task.measures),
        "lead_leader": planning.names_of(task, DutyRole.LEAD_LEADER),
        "owners": planning.names_of(task, DutyRole.OWNER),
        "lead_dept": task.lead_dept,
        "support_depts": task.support_depts,
        "due_on": task.due_on,
        "is_long_term": task.is_long_term,
    }


def _plan_of(task: Task) -> UnitDocument:
    found = queries.plan_of_task(db(), task, actor=actor())
    if found is None:
        raise NotVisibleError
    return found


def _act(
    plan_id: int,
    do: Callable[[UnitDocument], object],
    done: str,
    task: Task | None = None,
) -> ResponseReturnValue:
    """Do what a button of the plan's page says, or of the page about one of its tasks."""
    found = _own_plan(plan_id)
    row, what = (task, "这项任务") if task else (found, "这份方案")
    refusal = refusal_of_press(row, what, lambda: do(found))
    if refusal is None:
        db().commit()
        flash(done, "ok")
    else:
        flash(refusal, "warning")
    return redirect(url_for(".plan", plan_id=plan_id))


@bp.post("/plans/<int:plan_id>/acknowledge")
@requires(Permission.TASK_ACKNOWLEDGE)
def acknowledge_plan_tasks(plan_id: int) -> ResponseReturnValue:
    """签收 all tasks of the feedback at once."""
    return _act(
        plan_id,
        lambda found: issuing.acknowledge_all(db(), found, actor=actor(), now=now()),
        "已全部签收。请按时限报送整改方案。",
    )


def _send_back(
    plan_id: int,
    do: Callable[[UnitDocument, str, dict[int, str]], object],
    done: str,
) -> ResponseReturnValue:
    """Return the plan as the form on its page says; a refusal keeps every word that was typed."""
    found = _own_plan(plan_id)
    form, remarks = ReasonForm(), _remarks()

    def send_back() -> None:
        check_version(found, seen(form), "这份方案")
        do(found, form.reason.data or "", remarks)

    too_long = any(len(text) > LONGEST_REMARK for text in remarks.values())
    if too_long:
        form.form_errors.append(f"对一项任务的意见最多 {LONGEST_REMARK} 个字，请精简。")
    if form.validate_on_submit() and not too_long and accepted(form, send_back):
        db().commit()
        flash(done, "ok")
        return redirect(url_for(".plan", plan_id=plan_id))
    return _page(found, planning.tasks_of_plan(db(), found), form, remarks), status_of(form)


def _remarks() -> dict[int, str]:
    return {
        int(name.removeprefix("remark-")): value.replace("\x00", "")
        for name, value in request.form.items()
        if re.fullmatch(r"remark-\d{1,18}", name)
    }


@bp.post("/plans/<int:plan_id>/issues/<int:issue_id>/add-task")
@requires(Permission.PLAN_DRAFT)
def add_plan_task(plan_id: int, issue_id: int) -> ResponseReturnValue:
    """Break an issue into one more task."""
    issue = get_issue(db(), issue_id, actor=actor())
    return _act(
        plan_id,
        lambda found: planning.add_plan_task(db(), found, issue, actor=actor(), now=now()),
        "已增加一项任务，请填写。",
    )


@bp.post("/plans/<int:plan_id>/tasks/<int:task_id>/merge")
@requires(Permission.PLAN_DRAFT)
def merge_plan_task(plan_id: int, task_id: int) -> ResponseReturnValue:
    """Take an added task out again."""
    task = queries.get_task(db(), task_id, actor=actor())
    return _act(
        plan_id,
        lambda _found: planning.merge_plan_task(db(), task, actor=actor(), now=now()),
        "已合并。",
        task,
    )


@bp.post("/plans/<int:plan_id>/submit")
@requires(Permission.PLAN_DRAFT)
def submit_plan(plan_id: int) -> ResponseReturnValue:
    """报送 the plan."""
    return _act(
        plan_id,
        lambda found: plan_steps.submit_plan(db(), found, actor=actor(), now=now()),
        "整改方案已提交。",
    )


@bp.post("/plans/<int:plan_id>/withdraw")
@requires(Permission.PLAN_DRAFT)
def withdraw_plan(plan_id: int) -> ResponseReturnValue:
    """撤回 the plan until the office has opened it."""
    return _act(
        plan_id,
        lambda found: plan_steps.withdraw_plan(db(), found, actor=actor(), now=now()),
        "整改方案已撤回，可以继续修改。",
    )


@bp.post("/plans/<int:plan_id>/sign")
@requires(Permission.PLAN_SIGN)
def sign_plan(plan_id: int) -> ResponseReturnValue:
    """签字背书 of the plan."""
    return _act(
        plan_id,
        lambda found: plan_steps.sign_plan(db(), found, actor=actor(), now=now()),
        "已签字背书，整改方案已送巡察办。",
    )


@bp.post("/plans/<int:plan_id>/pass")
@requires(Permission.PLAN_APPROVE)
def pass_plan(plan_id: int) -> ResponseReturnValue:
    """审核通过: every task starts, original due dates are fixed."""
    return _act(
        plan_id,
        lambda found: plan_steps.pass_plan(db(), found, actor=actor(), now=now()),
        "整改方案已通过，各项任务进入整改，原定时限已固定。",
    )


@bp.post("/plans/<int:plan_id>/return-by-head")
@requires(Permission.PLAN_SIGN)
def return_plan_by_head(plan_id: int) -> ResponseReturnValue:
    """The head sends the plan back to the liaison."""
    return _send_back(
        plan_id,
        lambda found, reason, _remarks: plan_steps.return_plan_by_head(
            db(), found, reason, actor=actor(), now=now()
        ),
        "已退回联络员。",
    )


@bp.post("/plans/<int:plan_id>/return")
@requires(Permission.PLAN_RETURN)
def return_plan(plan_id: int) -> ResponseReturnValue:
    """退回 the whole plan with remarks per task."""
    return _send_back(
        plan_id,
        lambda found, reason, remarks: plan_steps.return_plan(
            db(), found, reason, remarks, actor=actor(), now=now()
        ),
        "整改方案已整体退回。",
    )
