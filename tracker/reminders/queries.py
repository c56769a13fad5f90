"""What may have to be said to whom: everything that is due soon, late or waiting, in bulk.

A fixed number of statements whatever the number of tasks; columns, not objects, because a pass
reads thousands of rows.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, text
from sqlalchemy.orm import Session, aliased

from tracker.county_submissions.models import CountySubmission, SubmissionCall
from tracker.county_submissions.rules import WITH_COUNTY
from tracker.feedback.models import Feedback
from tracker.letters.models import Letter, LetterReply
from tracker.letters.rules.letters import WITH_UNIT
from tracker.notifications.claims import regions_that_push
from tracker.organizations.models import Region, Unit
from tracker.organizations.rules import OfficeMode
from tracker.rectification.document_queries import is_written_for
from tracker.rectification.long_term_queries import is_looked_at_again
from tracker.rectification.models import Task, TaskTransition, UnitDocument
from tracker.rectification.rules.court import CAN_BE_OVERDUE
from tracker.rectification.rules.words import DocumentKind, TaskKind, TaskState
from tracker.reminders import waiting
from tracker.reminders.models import UnitPause
from tracker.reminders.rules import WITH_OFFICE, Anchor, AnchorKind
from tracker.reminders.wanted import (
    DOCUMENT as DOCUMENT,
)
from tracker.reminders.wanted import (
    EXTENSION as EXTENSION,
)
from tracker.reminders.wanted import (
    KINDS as KINDS,
)
from tracker.reminders.wanted import (
    LETTER as LETTER,
)
from tracker.reminders.wanted import (
    MILESTONE as MILESTONE,
)
from tracker.reminders.wanted import (
    SUBMISSION as SUBMISSION,
)
from tracker.reminders.wanted import (
    TASK as TASK,
)
from tracker.reminders.wanted import (
    Candidate as Candidate,
)
from tracker.reminders.wanted import (
    Wanted as Wanted,
)
from tracker.rounds.models import Inspection, Milestone, Round
from tracker.rounds.rules import MilestoneKind, RoundStatus

# The words of the partial index ix_tasks_open_due, literally: a bound list would not use it.
OPEN = text("tasks.state NOT IN ('closed', 'void', 'ended')")
UNIT_MILESTONES = (
    MilestoneKind.DEMOCRATIC_MEETING,
    MilestoneKind.MONTHLY_REPORT,
    MilestoneKind.PROGRESS_REPORT,
    MilestoneKind.HEAD_REPORT,
    MilestoneKind.PUBLIC_NOTICE,
)
TASK_COLUMNS = (
    Task.id,
    Task.region_id,
    Task.lead_unit_id,
    Task.task_no,
    Task.state,
    Task.reopen_count,
    Task.is_due_doubtful,
    Task.round_id,
    Feedback.fed_back_on,
)


Paused = Collection[tuple[int, int | None]]
"""Which offices (regions) remind which units not today."""


def candidates(session: Session, wanted: Wanted) -> list[Candidate]:
    """Return everything that may be due; the pure rules decide. At most nine statements.

    Pauses are a matter of the day that is asked about: `heeding` says who is paused then.
    """
    found: list[Candidate] = []
    if TASK in wanted.kinds:
        found += _dated_tasks(session, wanted)
        found += _long_term_tasks(session, wanted)
        found += _tasks_with_office(session, wanted)
    if DOCUMENT in wanted.kinds:
        found += _plans(session, wanted)
        found += waiting.plans(session, wanted)
    if MILESTONE in wanted.kinds:
        found += _milestones(session, wanted)
    if LETTER in wanted.kinds:
        found += _letters(session, wanted)
    if SUBMISSION in wanted.kinds:
        found += _submissions(session, wanted)
    if EXTENSION in wanted.kinds:
        found += waiting.extensions(session, wanted)
    return found


def heeding(found: Iterable[Candidate], paused: Paused) -> Iterator[Candidate]:
    """Yield candidates, those of paused units as not waiting; what is with the office waits on."""
    for it in found:
        if it.anchor.kind in WITH_OFFICE or (it.region_id, it.unit_id) not in paused:
            yield it
        else:
            yield replace(it, anchor=replace(it.anchor, is_waiting=False))


def _dated_tasks(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield tasks with a due date. Regions are told apart here: named in SQL, they would lure
    the planner from the partial index to one that walks all closed tasks as well."""
    query = _tasks(Task.due_on, replace(wanted, region_ids=None))
    for row in session.execute(query.where(OPEN, Task.due_on <= wanted.until)):
        if row.state in CAN_BE_OVERDUE and wanted.is_of(row.region_id):
            yield _task(row, AnchorKind.TASK_DUE)


def _long_term_tasks(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield what the office looks at again: 长期整改, and what was closed as 长期坚持."""
    query = _tasks(Task.next_review_on, wanted).where(
        is_looked_at_again(), Task.next_review_on <= wanted.until
    )
    for row in session.execute(query):
        yield _task(row, AnchorKind.REVIEW_DUE)


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
        yield _task(row, AnchorKind.OFFICE_REVIEW)


def _tasks(anchor_on: Any, wanted: Wanted) -> Select[Any]:
    return (
        select(*TASK_COLUMNS, anchor_on.label("anchor_on"))
        .join(Feedback, Feedback.id == Task.feedback_id)
        .where(*wanted.of(Task.id, Task.region_id))
    )


def _task(row: Any, kind: AnchorKind) -> Candidate:
    doubtful = kind is AnchorKind.TASK_DUE and row.is_due_doubtful
    return Candidate(
        object_type=TASK,
        object_id=row.id,
        reopen_count=row.reopen_count,
        region_id=row.region_id,
        unit_id=row.lead_unit_id,
        round_id=row.round_id,
        name=row.task_no,
        anchor=Anchor(
            kind=kind,
            on=row.anchor_on,
            span_days=_span(row.fed_back_on, row.anchor_on),
            is_doubtful=doubtful,
        ),
    )


def _span(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def _plans(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield plans that a unit has still to hand in: 简易模式 knows none, and one without a task
    that waits for it (all gone on, or void) is nobody's to write."""
    query = (
        select(
            UnitDocument.id,
            UnitDocument.unit_id,
            UnitDocument.due_on,
            UnitDocument.return_count,
            Feedback.region_id,
            Feedback.round_id,
            Feedback.fed_back_on,
        )
        .join(Feedback, Feedback.id == UnitDocument.feedback_id)
        .join(Region, Region.id == Feedback.region_id)
        .where(
            UnitDocument.kind == DocumentKind.PLAN,
            Region.mode == OfficeMode.STANDARD,
            _has_task_waiting_for_plan(),
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
            round_id=row.round_id,
            name=DocumentKind.PLAN.label,
            anchor=Anchor(
                kind=AnchorKind.PLAN_DUE,
                on=row.due_on,
                span_days=_span(row.fed_back_on, row.due_on),
            ),
        )


def _has_task_waiting_for_plan() -> ColumnElement[bool]:
    waiting = select(Task.id).where(
        Task.feedback_id == UnitDocument.feedback_id,
        Task.lead_unit_id == UnitDocument.unit_id,
        Task.kind != TaskKind.IMMEDIATE,
        Task.state.in_((TaskState.ISSUED, TaskState.PLANNING)),
    )
    return waiting.correlate(UnitDocument).exists()


def _milestones(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield milestones the unit owes in rounds not yet archived; the plan has its document.

    What the unit has handed in waits for its head or the office, and is not asked for again.
    """
    handed_in = aliased(UnitDocument)
    query = (
        select(
            Milestone.id,
            Milestone.kind,
            Milestone.due_on,
            Inspection.unit_id,
            Inspection.conducting_region_id,
            Inspection.round_id,
        )
        .join(Inspection, Inspection.id == Milestone.inspection_id)
        .join(Round, Round.id == Inspection.round_id)
        .where(
            Round.status != RoundStatus.ARCHIVED,
            Milestone.kind.in_(UNIT_MILESTONES),
            Milestone.done_on.is_(None),
            Milestone.exempt_reason.is_(None),
            Milestone.due_on <= wanted.until,
            ~exists()
            .where(
                handed_in.submitted_on.is_not(None),
                handed_in.unit_id == Inspection.unit_id,
                handed_in.feedback_id == Feedback.id,
                Feedback.round_id == Inspection.round_id,
                is_written_for(handed_in),
            )
            .correlate(Milestone, Inspection),
            *wanted.of(Milestone.id, Inspection.conducting_region_id),
        )
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=MILESTONE,
            object_id=row.id,
            reopen_count=0,
            region_id=row.conducting_region_id,
            unit_id=row.unit_id,
            round_id=row.round_id,
            name=row.kind.label,
            anchor=Anchor(kind=AnchorKind.MILESTONE_DUE, on=row.due_on),
        )


def _letters(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield letters whose reply the unit still owes; a reply sent back is owed anew.

    Kind, title and 机关代字 stay out: they say what a letter is about, and chat may not.
    """
    sent_back = (
        select(func.count(LetterReply.id))
        .where(LetterReply.letter_id == Letter.id)
        .correlate(Letter)
        .scalar_subquery()
    )
    query = select(
        Letter.id,
        Letter.region_id,
        Letter.unit_id,
        Letter.reply_due,
        Letter.sent_on,
        Letter.year,
        Letter.number,
        sent_back.label("sent_back"),
    ).where(
        Letter.needs_reply,
        Letter.state.in_(WITH_UNIT),
        Letter.reply_due <= wanted.until,
        *wanted.of(Letter.id, Letter.region_id),
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=LETTER,
            object_id=row.id,
            reopen_count=row.sent_back,
            region_id=row.region_id,
            unit_id=row.unit_id,
            name=f"函件〔{row.year}〕{row.number}号回复",
            anchor=Anchor(
                kind=AnchorKind.LETTER_REPLY,
                on=row.reply_due,
                span_days=_span(row.sent_on, row.reply_due),
            ),
        )


def _submissions(session: Session, wanted: Wanted) -> Iterator[Candidate]:
    """Yield what counties owe to open calls of their city. The call's title stays out: chat says
    only of which time the figures are."""
    query = (
        select(
            CountySubmission.id,
            CountySubmission.region_id,
            CountySubmission.return_count,
            SubmissionCall.due_on,
            SubmissionCall.period_start,
            SubmissionCall.period_end,
            Region.short_name,
        )
        .join(SubmissionCall, SubmissionCall.id == CountySubmission.call_id)
        .join(Region, Region.id == CountySubmission.region_id)
        .where(
            CountySubmission.state.in_(WITH_COUNTY),
            SubmissionCall.closed_on.is_(None),
            SubmissionCall.due_on <= wanted.until,
            *wanted.of(CountySubmission.id, CountySubmission.region_id),
        )
    )
    for row in session.execute(query):
        yield Candidate(
            object_type=SUBMISSION,
            object_id=row.id,
            reopen_count=row.return_count,
            region_id=row.region_id,
            unit_id=None,
            place=row.short_name,
            name=f"县区报送（{row.period_start}至{row.period_end}）",
            anchor=Anchor(kind=AnchorKind.COUNTY_SUBMISSION, on=row.due_on),
        )


def is_pushing(session: Session, region_id: int) -> bool:
    """Return whether pushing is on in a region; off until somebody switches it on."""
    return region_id in regions_that_push(session)


def paused_today(session: Session, *, today: date) -> Paused:
    """Return which office does not remind which unit today."""
    query = select(UnitPause.region_id, UnitPause.unit_id).where(
        UnitPause.from_on <= today, UnitPause.to_on >= today
    )
    return {(row.region_id, row.unit_id) for row in session.execute(query)}


def pauses_between(
    session: Session, region_ids: Collection[int], first: date, last: date
) -> list[tuple[tuple[int, int], date, date]]:
    """Return which office does not remind which unit, from when to when, within a stretch."""
    query = select(UnitPause.region_id, UnitPause.unit_id, UnitPause.from_on, UnitPause.to_on)
    query = query.where(
        UnitPause.region_id.in_(region_ids), UnitPause.from_on <= last, UnitPause.to_on >= first
    )
    return [
        ((row.region_id, row.unit_id), row.from_on, row.to_on) for row in session.execute(query)
    ]


def unit_names(session: Session, unit_ids: Collection[int | None]) -> dict[int | None, str]:
    """Return short names of units; None, which is no unit, has none."""
    query = select(Unit.id, Unit.short_name).where(
        Unit.id.in_([one for one in unit_ids if one is not None])
    )
    return dict(session.execute(query).all())


def paused_unit_names(
    session: Session, region_id: int, *, today: date
) -> list[tuple[str, date, str]]:
    """Return the units that a region's office does not remind today: name, until when, why."""
    query = (
        select(Unit.short_name, UnitPause.to_on, UnitPause.reason)
        .join(Unit, Unit.id == UnitPause.unit_id)
        .where(UnitPause.region_id == region_id)
        .where(UnitPause.from_on <= today, UnitPause.to_on >= today)
    )
    rows = session.execute(query.order_by(Unit.sort_no, UnitPause.to_on))
    return [(row.short_name, row.to_on, row.reason) for row in rows]


def pauses_of(session: Session, unit_id: int, *, region_id: int) -> list[tuple[date, date]]:
    """Return the stretches in which an office does not remind a unit: first and last day, both
    included."""
    query = select(UnitPause.from_on, UnitPause.to_on).where(
        UnitPause.unit_id == unit_id,
        UnitPause.region_id == region_id,
        UnitPause.to_on >= UnitPause.from_on,
    )
    rows = session.execute(query.order_by(UnitPause.from_on, UnitPause.id))
    return [(row.from_on, row.to_on) for row in rows]
