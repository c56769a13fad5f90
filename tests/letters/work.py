"""Closed tasks of the tests, with the transition that closed them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work
from tracker.feedback.models import Feedback
from tracker.feedback.rules import Importance
from tracker.kernel.clock import local_date
from tracker.letters.queries.spot_checks import Wanted
from tracker.letters.rules.sampling import SizeKind
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.letters.service.assessment_sheets import DEFAULT, add_template
from tracker.letters.service.assessments import (
    Marks,
    begin_assessment,
    confirm_assessment,
    score_assessment,
)
from tracker.letters.service.spot_checks import DrawOrder, OutcomeDraft, draw_sample, note_outcome
from tracker.letters.service.visits import VisitDraft, add_finding, record_visit
from tracker.rectification.models import Task, TaskTransition
from tracker.rectification.rules.words import TaskState

CLOSED_ON = date(2026, 11, 2)


def closed_task(
    session: Session,
    cast: Cast,
    work: Work,
    *,
    unit: str = "a",
    closer: str = "lead",
    important: bool = False,
    closed_on: date = CLOSED_ON,
    now: datetime,
) -> Task:
    """Make a closed task that a member of the cast closed."""
    task = work.task(session, cast, unit=unit, state=TaskState.CLOSED, closed_on=closed_on, now=now)
    if important:
        task.issue.importance = Importance.IMPORTANT
    session.add(
        TaskTransition(
            task=task,
            from_state=TaskState.OFFICE_REVIEW,
            to_state=TaskState.CLOSED,
            verb="close",
            occurred_on=closed_on,
            recorded_at=now,
            actor=cast.actor(closer).label,
            actor_user_id=cast.users[closer],
        )
    )
    session.flush()  # the caller wants ids
    return task


def oversight(session: Session, cast: Cast, work: Work, *, now: datetime) -> None:
    """Make a spot check with an outcome, a visit with a finding, a sheet and an assessment."""
    clerk, today = cast.actor("clerk"), local_date(now)
    task = closed_task(session, cast, work, closed_on=today, now=now)
    order = DrawOrder(
        wanted=Wanted(closed_from=today, closed_to=today),
        size_kind=SizeKind.NUMBER,
        size_value=1,
        seed="1",
    )
    check = draw_sample(session, work.region_id, order, actor=clerk, now=now)
    draft = OutcomeDraft(outcome=CheckOutcome.FAILED, findings="制度未执行", checked_on=today)
    note_outcome(session, check.items[0], draft, actor=clerk, now=now)
    unit_id = cast.units["a"]
    trip = VisitDraft(visited_on=today, leader="秦朗", unit_ids=(unit_id,), text="总体较好")
    visit = record_visit(session, work.region_id, trip, actor=clerk, now=now)
    number = task.task_no
    add_finding(session, visit, unit_id, "执行不严", task_no=number, actor=clerk, now=now)
    sheet = add_template(session, work.region_id, DEFAULT, actor=clerk, now=now)
    feedback = session.get_one(Feedback, work.feedback_ids["a"])
    one = begin_assessment(session, feedback, unit_id, sheet, today, actor=clerk, now=now)
    marks = Marks(scores=[Decimal(60)] * 3, votes=[1, 1, 1, 1, 1])
    score_assessment(session, one, marks, actor=clerk, now=now)
    confirm_assessment(session, one, actor=cast.actor("lead"), now=now)
