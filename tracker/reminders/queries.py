"""What may have to be said to whom: everything that is due soon, late or waiting, in bulk.

A fixed number of statements whatever the number of tasks; columns, not objects, because a pass
reads thousands of rows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, func, select, text
from sqlalchemy.orm import Session

from tracker.feedback.models import Feedback
from tracker.kernel.settings import Setting, region_scope
from tracker.organizations.models import Region, Unit
from tracker.rectification.models import Task, TaskTransition, UnitDocument
from tracker.rectification.rules.court import is_with_unit
from tracker.rectification.rules.words import DocumentKind, TaskState
from tracker.reminders.models import ReminderRule, UnitPause
from tracker.reminders.rules import (
    DEFAULT_RULES,
    LONGEST_NOTICE_DAYS,
    Anchor,
    AnchorKind,
    Rule,
    RuleStatus,
)
from tracker.rounds.models import Inspection, Milestone
from tracker.rounds.rules import MilestoneKind

PUSH_ENABLED = "push_enabled"
HOLIDAY_MARGIN_DAYS = 15
KINDS = TASK, DOCUMENT, MILESTONE = "task", "unit_document", "milestone"
# The words of the partial index ix_tasks_open_due, literally: a bound list would not use it.
OPEN = text("tasks.state NOT IN ('closed', 'void', 'ended')")
UNIT_MILESTONES = (
    MilestoneKind.DEMOCRATIC_MEETING,
    MilestoneKind.MONTHLY_REPORT,
    MilestoneKind.PROGRESS_REPORT,
    MilestoneKind.HEAD_REPORT,
    MilestoneKind.PUBLIC_NOTICE,
)
DATED_STATES = {state for state in TaskState if is_with_unit(state)} - {TaskState.LONG_TERM}
TASK_COLUMNS = (
    Task.id,
    Task.region_id,
    Task.lead_unit_id,
    Task.task_no,
    Task.state,
    Task.reopen_count,
    Task.is_due_doubtful,
    Feedback.fed_back_on,
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One object that a rule may speak about; `name` is what people call it, never its text."""

    object_type: str
    object_id: int
    reopen_count: int
    region_id: int
    unit_id: int
    name: str
    anchor: Anchor


@dataclass(frozen=True)
class Wanted:
    """Which objects to look at: of which kinds and regions, or given ones; due up to a day."""

    until: date
    region_ids: Collection[int] | None = None
    object_ids: Collection[int] | None = None
    kinds: Collection[str] = KINDS

    def is_of(self, region_id: int) -> bool:
        """Return whether a region is one of those asked for."""
        return self.region_ids is None or region_id in self.region_ids

    def of(self, object_id: Any, region_id: Any) -> list[Any]:
        """Return the conditions on a query of one kind."""
        conditions = []
        if self.region_ids is not None:
            conditions.append(region_id.in_(self.region_ids))
        if self.object_ids is not None:
            conditions.append(object_id.in_(self.object_ids))
        return conditions


def until(today: date) -> date:
    """Return the last due date whose first step may fall on today, days off included."""
    return today + timedelta(days=LONGEST_NOTICE_DAYS + HOLIDAY_MARGIN_DAYS)


def candidates(session: Session, wanted: Wanted, *, paused: Collection[int]) -> list[Candidate]:
    """Return everything that may be due; the pure rules decide. At most five statements."""
    found: list[Candidate] = []
    if TASK in wanted.kinds:
        found += _dated_tasks(session, wanted, paused)
        found += _long_term_tasks(session, wanted, paused)
        found += _tasks_with_office(session, wanted)
    if DOCUMENT in wanted.kinds:
        found += _plans(session, wanted, paused)
    if MILESTONE in wanted.kinds:
        found += _milestones(session, wanted, paused)
    return found


def _dated_tasks(session: Session, wanted: Wanted, paused: Collection[int]) -> Iterator[Candidate]:
    """Yield tasks with a due date. Regions are told apart here: named in SQL, they would lure
    the planner from the partial index to one that walks all closed tasks as well."""
    query = _tasks(Task.due_on, replace(wanted, region_ids=None))
    for row in session.execute(query.where(OPEN, Task.due_on <= wanted.until)):
        if row.state in DATED_STATES and wanted.is_of(row.region_id):
            yield _task(row, AnchorKind.TASK_DUE, is_waiting=row.lead_unit_id not in paused)


def _long_term_tasks(
    session: Session, wanted: Wanted, paused: Collection[int]
) -> Iterator[Candidate]:
    query = _tasks(Task.next_review_on, wanted).where(
        Task.state == TaskState.LONG_TERM, Task.next_review_on <= wanted.until
    )
    for row in session.execute(query):
        yield _task(row, AnchorKind.REVIEW_DUE, is_waiting=row.lead_unit_id not in paused)


def _tasks_with_office(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield tasks that wait for the office, with the day the waiting began."""
    since = (
        select(func.max(TaskTransition.occurred_on))
        .where(TaskTransition.task_id == Task.id, TaskTransition.to_state == Task.state)
        .correlate(Task)
        .scalar_subquery()
    )
    query = _tasks(since, wanted).where(Task.state == TaskState.OFFICE_REVIEW)
    for row in session.execute(query):
        yield _task(row, AnchorKind.OFFICE_REVIEW, is_waiting=True)


def _tasks(anchor_on: Any, wanted: Wanted) -> Select[Any]:
    return (
        select(*TASK_COLUMNS, anchor_on.label("anchor_on"))
        .join(Feedback, Feedback.id == Task.feedback_id)
        .where(*wanted.of(Task.id, Task.region_id))
    )


def _task(row: Any, kind: AnchorKind, *, is_waiting: bool) -> Candidate:
    doubtful = kind is AnchorKind.TASK_DUE and row.is_due_doubtful
    return Candidate(
        object_type=TASK,
        object_id=row.id,
        reopen_count=row.reopen_count,
        region_id=row.region_id,
        unit_id=row.lead_unit_id,
        name=row.task_no,
        anchor=Anchor(
            kind=kind,
            on=row.anchor_on,
            span_days=_span(row.fed_back_on, row.anchor_on),
            is_doubtful=doubtful,
            is_waiting=is_waiting,
        ),
    )


def _span(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def _plans(session: Session, wanted: Wanted, paused: Collection[int]) -> Iterator[Candidate]:
    """Yield plans that have not been handed in."""
    query = (
        select(
            UnitDocument.id,
            UnitDocument.unit_id,
            UnitDocument.due_on,
            UnitDocument.return_count,
            Feedback.region_id,
            Feedback.fed_back_on,
        )
        .join(Feedback, Feedback.id == UnitDocument.feedback_id)
        .where(
            UnitDocument.kind == DocumentKind.PLAN,
            UnitDocument.submitted_on.is_(None),
            UnitDocument.passed_on.is_(None),
            UnitDocument.due_on <= wanted.until,
            *wanted.of(UnitDocument.id, Feedback.region_id),
        )
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=DOCUMENT,
            object_id=row.id,
            reopen_count=row.return_count,
            region_id=row.region_id,
            unit_id=row.unit_id,
            name=DocumentKind.PLAN.label,
            anchor=Anchor(
                kind=AnchorKind.PLAN_DUE,
                on=row.due_on,
                span_days=_span(row.fed_back_on, row.due_on),
                is_waiting=row.unit_id not in paused,
            ),
        )


def _milestones(session: Session, wanted: Wanted, paused: Collection[int]) -> Iterator[Candidate]:
    """Yield milestones the unit owes; the plan has a document of its own."""
    query = (
        select(
            Milestone.id,
            Milestone.kind,
            Milestone.due_on,
            Inspection.unit_id,
            Inspection.conducting_region_id,
        )
        .join(Inspection, Inspection.id == Milestone.inspection_id)
        .where(
            Milestone.kind.in_(UNIT_MILESTONES),
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
            Milestone.due_on <= wanted.until,
            *wanted.of(Milestone.id, Inspection.conducting_region_id),
        )
    )
    for row in session.execute(query):
        anchor = Anchor(
            kind=AnchorKind.MILESTONE_DUE, on=row.due_on, is_waiting=row.unit_id not in paused
        )
        yield Candidate(
            object_type=MILESTONE,
            object_id=row.id,
            reopen_count=0,
            region_id=row.conducting_region_id,
            unit_id=row.unit_id,
            name=row.kind.label,
            anchor=anchor,
        )


def pushing_regions(session: Session) -> set[int]:
    """Return the regions whose lead has switched pushing on."""
    scope = "region:" + cast(Region.id, String)
    query = (
        select(Region.id)
        .join(Setting, Setting.scope == scope)
        .where(Setting.key == PUSH_ENABLED, Setting.value == "1")
    )
    return set(session.scalars(query))


def is_pushing(session: Session, region_id: int) -> bool:
    """Return whether pushing is on in a region; off until somebody switches it on."""
    scope = region_scope(region_id)
    query = select(Setting.value).where(Setting.scope == scope, Setting.key == PUSH_ENABLED)
    return session.scalar(query) == "1"


def paused_units(session: Session, *, today: date) -> dict[int, date]:
    """Return the units that are not reminded today, and until when."""
    query = select(UnitPause.unit_id, func.max(UnitPause.to_on)).where(
        UnitPause.from_on <= today, UnitPause.to_on >= today
    )
    return dict(session.execute(query.group_by(UnitPause.unit_id)).all())


@dataclass(frozen=True)
class Rulebook:
    """The rules of each region, by status; a region without rows of its own has the defaults."""

    rows: Mapping[int, tuple[ReminderRule, ...]]

    def of(self, region_id: int, *statuses: RuleStatus) -> tuple[Rule, ...]:
        """Return a region's rules with one of the statuses."""
        own = self.rows.get(region_id)
        if own is None:
            return tuple(DEFAULT_RULES) if RuleStatus.ACTIVE in statuses else ()
        return tuple(as_rule(row) for row in own if row.status in statuses)


def as_rule(row: ReminderRule) -> Rule:
    """Return a stored rule as the pure rules take it."""
    return Rule(
        code=row.code,
        label=row.label,
        anchor=row.anchor,
        offset_days=row.offset_days,
        audience=row.audience,
        every_workdays=row.every_workdays,
        min_span_days=row.min_span_days,
        is_in_product_only=row.is_in_product_only,
        starts_on=row.starts_on,
    )


def load_rules(session: Session, region_ids: Iterable[int]) -> Rulebook:
    """Return the rules of regions with one statement."""
    query = select(ReminderRule).where(ReminderRule.region_id.in_(list(region_ids)))
    rows: dict[int, list[ReminderRule]] = {}
    for row in session.scalars(query.order_by(ReminderRule.id)):
        rows.setdefault(row.region_id, []).append(row)
    return Rulebook({region_id: tuple(own) for region_id, own in rows.items()})


def unit_names(session: Session, unit_ids: Collection[int]) -> dict[int, str]:
    """Return short names of units."""
    query = select(Unit.id, Unit.short_name).where(Unit.id.in_(unit_ids))
    return dict(session.execute(query).all())


def rule_table(session: Session, region_id: int) -> list[tuple[Rule, RuleStatus]]:
    """Return a region's rules with their status, as the page lists them."""
    own = load_rules(session, [region_id]).rows.get(region_id)
    if own is None:
        return [(rule, RuleStatus.ACTIVE) for rule in DEFAULT_RULES]
    return [(as_rule(row), row.status) for row in own]


def paused_unit_names(
    session: Session, region_id: int, *, today: date
) -> list[tuple[str, date, str]]:
    """Return the region's units that are paused today: name, until when, why."""
    query = (
        select(Unit.short_name, UnitPause.to_on, UnitPause.reason)
        .join(Unit, Unit.id == UnitPause.unit_id)
        .where(Unit.region_id == region_id, UnitPause.from_on <= today, UnitPause.to_on >= today)
    )
    rows = session.execute(query.order_by(Unit.sort_no, UnitPause.to_on))
    return [(row.short_name, row.to_on, row.reason) for row in rows]
