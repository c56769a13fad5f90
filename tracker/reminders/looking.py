"""Whether a pass has anything to look at: asked first, for on most passes there is nothing.

Statements that stop at the first row of each kind. It may say yes where nothing is due, for it
knows no rounds, units or pauses; it never says no where `queries.candidates` would find something:
each condition here is one of those there, with others left out.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import cast

from sqlalchemy import BindParameter, Table, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.county_submissions.models import CountySubmission, SubmissionCall
from tracker.county_submissions.rules import WITH_COUNTY
from tracker.letters.models import Letter
from tracker.letters.rules.letters import WITH_UNIT
from tracker.rectification.models import Extension, Task, TaskTransition, UnitDocument
from tracker.rectification.models.history import IS_TO_OFFICE
from tracker.rectification.rules.words import DocumentKind, ExtensionState, TaskState
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES
from tracker.reminders.models import ReminderRule
from tracker.reminders.queries import OPEN, UNIT_MILESTONES
from tracker.reminders.rules import OffsetKind, notice_days, notice_of
from tracker.rounds.models import Milestone

RULES = cast("Table", ReminderRule.__table__)
SHIPPED_REACH = max(notice_days(rule) for rule in (*DEFAULT_RULES, *SIMPLE_RULES))
_UNTIL: BindParameter[date] = bindparam("until")
_TODAY: BindParameter[date] = bindparam("today")
_REGIONS: BindParameter[Sequence[int]] = bindparam("regions", expanding=True)

_OFFSETS = (
    select(RULES.c.offset_kind, RULES.c.offset_days)
    .where(RULES.c.region_id.in_(_REGIONS))
    .distinct()
)
# By the index of days it stops at the first; as a part of the next two it would save nothing, for
# SQLite looks task by task before it asks this.
_REACHED_OFFICE = exists(
    select(TaskTransition.id).where(
        TaskTransition.occurred_on <= _TODAY,
        TaskTransition.to_state.in_((TaskState.OFFICE_REVIEW, TaskState.PLAN_REVIEW)),
    )
)
_WITH_OFFICE = (
    exists()
    .where(Task.region_id.in_(_REGIONS), Task.state == TaskState.OFFICE_REVIEW)
    .where(
        exists()
        .where(
            TaskTransition.task_id == Task.id,
            IS_TO_OFFICE,
            TaskTransition.occurred_on <= _TODAY,
        )
        .correlate(Task)
    )
)
_PLAN_WITH_OFFICE = (
    exists()
    .where(Task.region_id.in_(_REGIONS), Task.state == TaskState.PLAN_REVIEW)
    .where(
        exists()
        .where(
            TaskTransition.task_id == Task.id,
            TaskTransition.to_state == TaskState.PLAN_REVIEW,
            TaskTransition.occurred_on <= _TODAY,
        )
        .correlate(Task)
    )
)
# Each application looks up its task: joined, SQLite would go through a region's tasks instead.
_REGION_OF_EXTENSION = (
    select(Task.region_id)
    .where(Task.id == Extension.task_id)
    .correlate(Extension)
    .scalar_subquery()
)
_EXTENSION_WITH_OFFICE = exists(
    select(Extension.id).where(
        Extension.state == ExtensionState.SIGNED,
        func.coalesce(Extension.signed_on, Extension.asked_on) <= _TODAY,
        _REGION_OF_EXTENSION.in_(_REGIONS),
    )
)
_TASK_WITH_OFFICE = select(or_(_WITH_OFFICE, _PLAN_WITH_OFFICE))
_ANYTHING = select(
    or_(
        exists(select(Task.id).where(OPEN, Task.due_on <= _UNTIL)),
        exists(
            select(Task.id).where(Task.next_review_on.is_not(None), Task.next_review_on <= _UNTIL)
        ),
        exists(
            select(UnitDocument.id).where(
                UnitDocument.kind == DocumentKind.PLAN,
                UnitDocument.submitted_on.is_(None),
                UnitDocument.passed_on.is_(None),
                UnitDocument.due_on <= _UNTIL,
            )
        ),
        exists(
            select(Milestone.id).where(
                Milestone.kind.in_(UNIT_MILESTONES),
                Milestone.done_on.is_(None),
                Milestone.exempt_reason.is_(None),
                Milestone.due_on <= _UNTIL,
            )
        ),
        exists(
            select(Letter.id).where(
                Letter.region_id.in_(_REGIONS),
                Letter.state.in_(WITH_UNIT),
                Letter.needs_reply,
                Letter.reply_due <= _UNTIL,
            )
        ),
        exists(
            select(CountySubmission.id)
            .join(SubmissionCall, SubmissionCall.id == CountySubmission.call_id)
            .where(
                CountySubmission.region_id.in_(_REGIONS),
                CountySubmission.state.in_(WITH_COUNTY),
                SubmissionCall.closed_on.is_(None),
                SubmissionCall.due_on <= _UNTIL,
            )
        ),
        _EXTENSION_WITH_OFFICE,
    ).label("is_found"),
    _REACHED_OFFICE.label("is_with_office"),
)


def may_be_due(session: Session, region_ids: Sequence[int], *, today: date) -> bool:
    """Return whether anything of some regions may be due on a day; False is certain. At
    most three statements."""
    connection = session.connection()  # bare: building ORM statements would cost more than they
    rows = connection.execute(_OFFSETS, {"regions": region_ids})
    reach = max((notice_of(OffsetKind(kind), days) for kind, days in rows), default=0)
    until = today + timedelta(days=max(reach, SHIPPED_REACH))
    known = {"regions": region_ids, "today": today, "until": until}
    is_found, is_with_office = connection.execute(_ANYTHING, known).one()
    return bool(is_found or (is_with_office and connection.scalar(_TASK_WITH_OFFICE, known)))
