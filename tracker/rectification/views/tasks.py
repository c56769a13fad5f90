"""The list of tasks, and one task with its whole history."""

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.kernel.permissions import Permission
from tracker.letters.queries.letters import letters_of_task
from tracker.letters.queries.records import accountabilities_of_task, interviews_of_task
from tracker.notifications.queries import told_about
from tracker.organizations.models import Unit
from tracker.rectification import courts, deadlines, queries
from tracker.rectification.evidence_queries import pieces_of
from tracker.rectification.forms import ReasonForm
from tracker.rectification.models import Task
from tracker.rectification.paging import FAR
from tracker.rectification.queries import ONLY, PAGE_SIZE, TaskFilter
from tracker.rectification.rules.bulk import offered
from tracker.rectification.rules.long_term import is_looked_at_again
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import Court, DutyRole, RequestState, TaskState
from tracker.rectification.service import issuing, side_steps
from tracker.rectification.service.long_term_reviews import long_term_reviews_of
from tracker.rectification.service.planning import names_of
from tracker.rectification.service.proving import may_hand_in
from tracker.rectification.service.steps import available, take_step
from tracker.rectification.service.succeeding import successions_of
from tracker.rectification.task_filter import FILTERS, asked_tasks
from tracker.rectification.views import bp
from tracker.rectification.views.actions import offers
from tracker.rectification.views.addresses import last_of_page
from tracker.rectification.views.case import remarks_on
from tracker.rectification.views.deadline import standing_of
from tracker.rectification.views.deciding import decide, press
from tracker.rectification.views.openings import keep_opening
from tracker.rectification.views.review_actions import review_offers
from tracker.web.access import actor, requires
from tracker.web.database import db, now, today

# A task that was never there has not been looked at again.
REVIEWED_FROM = frozenset({TaskState.CLOSED, TaskState.LONG_TERM})


@bp.get("/tasks")
@requires(Permission.TASK_READ)
def tasks() -> ResponseReturnValue:
    """List the tasks this person may see, by due date."""
    wanted = _wanted()
    rows = queries.list_tasks(db(), wanted, actor=actor(), today=today())
    more = rows[PAGE_SIZE:]
    rows = rows[:PAGE_SIZE]
    units = db().scalars(
        select(Unit)
        .where(Unit.id.in_(select(Task.lead_unit_id).where(queries.visible_tasks(actor()))))
        .order_by(Unit.sort_no)
    )
    return render_template(
        "rectification/tasks.html",
        tasks=rows,
        wanted=wanted,
        export_url=_export_url(wanted),
        today=today(),
        as_of=today(),
        total=queries.count_tasks(db(), wanted, actor=actor(), today=today()),
        next_url=_next_url(rows[-1]) if more else None,
        first_url=url_for(".tasks", **_without_after()) if wanted.after else None,
        units=[(unit.id, unit.short_name) for unit in units],
        states=TaskState.choices().items(),
        only=[(code, label) for code, (label, _) in ONLY.items()],
        courts=[(court.value, court.label) for court in Court if court is not Court.NOBODY],
        court_of=courts.courts_now(db(), rows),
        days_left=deadlines.days_left_of(rows, as_of=today()),
        bulk_verbs=offered(actor()),
        **_ticking(),
    )


def _ticking() -> dict[str, Any]:
    """Return whether all rows of the page are ticked, and the address that turns it round."""
    is_ticked = request.args.get("select", "") == "page"
    kept = {**_without_after(), "after": request.args.get("after")}
    page_url = url_for(".tasks", **kept, select=None if is_ticked else "page")
    return {"all_ticked": is_ticked, "page_url": page_url}


def _wanted() -> TaskFilter:
    after = last_of_page(request.args.get("after", ""))
    return replace(asked_tasks(request.args), after=after)


def _export_url(wanted: TaskFilter) -> str:
    """Return the address of the official lists with exactly the rows of this filter."""
    kept = {**_without_after(), "only": wanted.only}
    return url_for("ledger.export", layout="lists", **kept)


def _without_after() -> dict[str, Any]:
    """Return the filters of the address; only ours, as url_for takes `_scheme` and others too.

    An empty range stays: it says 不限, where none at all means the open ones.
    """
    values = request.args
    kept = {name: value for name in FILTERS if (value := values.get(name))}
    return kept if values.get("only") is None else {**kept, "only": values["only"]}


def _next_url(last: Task) -> str:
    return url_for(".tasks", **_without_after(), after=f"{last.due_on or FAR}_{last.id}")


@bp.get("/tasks/<int:task_id>")
@requires(Permission.TASK_READ)
def task(task_id: int) -> ResponseReturnValue:
    """Show one task: deadline, whose turn, plan, progress, evidence, history."""
    found = queries.get_task(db(), task_id, actor=actor())
    keep_opening(found)
    verbs = available(found, actor=actor())
    requests = side_steps.requests_of(db(), found)
    wish = next((each for each in requests if each.state is RequestState.ASKED), None)
    history = queries.history_of(db(), found)
    may_have_reviews = any(step.to_state in REVIEWED_FROM for step in history)
    standing = standing_of(found, history)
    is_internal = courts.sees_office_share(actor(), found)
    return render_template(
        "rectification/task.html",
        task=found,
        today=today(),
        as_of=today(),
        **standing.shown(),
        verbs=verbs,
        told=told_about(db(), {"task": task_id}, to_unit_only=not is_internal, limit=50),
        history=history,
        successions=successions_of(db(), found),
        reports=queries.reports_of(db(), found),
        pieces=pieces_of(db(), found, actor=actor()),
        hands_in=may_hand_in(found, actor=actor()),
        reviews=queries.reviews_of(db(), found, actor=actor()),
        sign_offs=queries.sign_offs_of(db(), found),
        duties=[(role.label, names_of(found, role)) for role in DutyRole],
        ours=found.region_id == actor().region_id,
        requests=requests,
        long_term_reviews=long_term_reviews_of(db(), found) if may_have_reviews else [],
        is_reviewed=is_looked_at_again(found.state, is_sustained=found.is_sustained),
        offers=[
            *offers(
                found,
                verbs,
                extension=standing.waiting,
                wish=wish,
                is_overdue=found.due_on is not None and found.due_on < today(),
            ),
            *review_offers(found),
        ],
        **remarks_on(found),
        letters=letters_of_task(db(), task_id, actor=actor()),
        interviews=interviews_of_task(db(), task_id, actor=actor()),
        accountabilities=accountabilities_of_task(db(), task_id, actor=actor()),
    )


@bp.post("/tasks/<int:task_id>/acknowledge")
@requires(Permission.TASK_ACKNOWLEDGE)
def acknowledge(task_id: int) -> ResponseReturnValue:
    """签收."""
    return press(
        task_id,
        lambda task: issuing.acknowledge(db(), task, actor=actor(), now=now()),
        "已签收。请按时限报送整改方案。",
    )


@bp.route("/tasks/<int:task_id>/void", methods=["GET", "POST"])
@requires(Permission.TASK_VOID)
def void(task_id: int) -> ResponseReturnValue:
    """撤销 a task that was recorded by mistake."""
    form = ReasonForm()
    return decide(
        task_id,
        form,
        "void",
        lambda task: take_step(
            db(), task, Verb.VOID, actor=actor(), now=now(), reason=form.reason.data
        ),
        "任务已撤销，不再计入统计。",
    )
