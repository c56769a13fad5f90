"""“为什么逾期 7 天？”: the deadline of one task, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Permission
from tracker.notifications.models import Notification
from tracker.notifications.queries import told_about
from tracker.notifications.rules import MessageState
from tracker.rectification import queries
from tracker.rectification.courts import Turn, sees_office_share, turn_of
from tracker.rectification.deadlines import deadlines_of
from tracker.rectification.models import Extension, Task, TaskTransition
from tracker.rectification.rules.court import WITH_UNIT, shares, unit_words
from tracker.rectification.rules.deadline import Deadline, deadline_line
from tracker.rectification.rules.deadline_calendar import Told, count_words, counts, month, window
from tracker.rectification.service import extending, lapsing
from tracker.rectification.views import bp
from tracker.reminders.queries import pauses_of
from tracker.reminders.rulebook import rule_table
from tracker.web.access import actor, asked, requires
from tracker.web.database import db, today
from tracker.workdays.queries import load_calendar

SENT = (MessageState.SENT, MessageState.UNCERTAIN, MessageState.FAILED)
ARRIVED = (MessageState.SENT, MessageState.UNCERTAIN)


@dataclass(frozen=True)
class Standing:
    """How a task stands against its dates and with whom, as every page of it shows it."""

    ledger: Deadline
    turn: Turn
    applications: list[Extension]

    @property
    def waiting(self) -> Extension | None:
        """Return the application for more time that is under way."""
        found = (each for each in self.applications if each.state in lapsing.WAITING)
        return next(found, None)

    def shown(self) -> dict[str, Any]:
        """Return what templates take."""
        return {
            "ledger": self.ledger,
            "deadline_line": deadline_line(self.ledger),
            "court": self.turn.court,
            "court_line": unit_words(shares(self.turn.spells)),
            "applications": self.applications,
        }


def standing_of(task: Task, history: Sequence[TaskTransition]) -> Standing:
    """Return how a task stands today: three statements."""
    return Standing(
        deadlines_of(db(), [task], as_of=today())[task.id],
        turn_of(db(), task, history, as_of=today()),
        extending.extensions_of(db(), task),
    )


@bp.get("/tasks/<int:task_id>/deadline")
@requires(Permission.TASK_READ)
def deadline(task_id: int) -> ResponseReturnValue:
    """Show the calendar behind a deadline, and how the days late are counted.

    How long the office itself took is told to its own people only.
    """
    task = queries.get_task(db(), task_id, actor=actor())
    standing = standing_of(task, queries.history_of(db(), task))
    is_internal = sees_office_share(actor(), task)
    reminders = _reminders(task, is_internal=is_internal)
    told = _told(task, standing, reminders, is_internal=is_internal)
    shown = window(told, _month())
    return render_template(
        "rectification/deadline.html",
        task=task,
        as_of=today(),
        **standing.shown(),
        counts=counts(standing.ledger, told.spells, told.pauses, told.work_calendar),
        count_words=count_words,
        shares=shares(standing.turn.spells) if is_internal else None,
        months=[month(first, told) for first in shown.months],
        window=shown,
        pauses=told.pauses,
        reminders=reminders,
        rule_labels={rule.code: rule.label for rule, _ in rule_table(db(), task.region_id)},
    )


def _told(
    task: Task, standing: Standing, reminders: list[Notification], *, is_internal: bool
) -> Told:
    """Return what the calendar is drawn from; only whoever may see it gets the office's days."""
    spells = standing.turn.spells
    return Told(
        ledger=standing.ledger,
        spells=tuple(each for each in spells if is_internal or each.court in WITH_UNIT),
        pauses=tuple(pauses_of(db(), task.lead_unit_id, region_id=task.region_id)),
        reminded=tuple(_day(note) for note in reminders if note.state in ARRIVED),
        asked=tuple(each.asked_on for each in standing.applications),
        work_calendar=load_calendar(db()),
    )


def _reminders(task: Task, *, is_internal: bool) -> list[Notification]:
    """Return every reminder that was sent about the task or its plan, the oldest first."""
    objects = {"task": task.id}
    plan = queries.plan_of_task(db(), task, actor=actor())
    if plan is not None:
        objects["unit_document"] = plan.id
    notes = told_about(db(), objects, to_unit_only=not is_internal)
    return [note for note in reversed(notes) if note.state in SENT]


def _day(note: Notification) -> date:
    return local_date(note.settled_at or note.queued_at)


def _month() -> date | None:
    """Return the month asked for (YYYY-MM), or None when none or nonsense was."""
    try:
        return date.fromisoformat(f"{asked('to')}-01")
    except ValueError:
        return None
