"""Tasks of the tests with a history made by hand, around T = Sunday 2026-11-15."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work
from tracker.kernel.clock import at_local
from tracker.kernel.db import born
from tracker.people.models import Person
from tracker.rectification.models import (
    DueChange,
    ProgressReport,
    Task,
    TaskDuty,
    TaskTransition,
)
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    DutyRole,
    TaskState,
)
from tracker.reports.weekly import WeeklyReport
from tracker.reports.weekly_assembly import assemble
from tracker.rounds.models import Round

T = date(2026, 11, 15)
MONDAY = date(2026, 11, 16)
LAST_WEEK = date(2026, 11, 8)
EARLY = at_local(date(2026, 9, 1), 9)


class Histories:
    """Makes tasks of one round and moves them on chosen days."""

    def __init__(self, session: Session, cast: Cast, work: Work) -> None:
        self.session, self.cast, self.work = session, cast, work

    def task(
        self, due_on: date | None, *, unit: str = "a", state: TaskState = TaskState.IN_PROGRESS
    ) -> Task:
        return self.work.task(
            self.session, self.cast, unit=unit, state=state, due_on=due_on, now=EARLY
        )

    def move(self, task: Task, state: TaskState, on: date) -> None:
        """Move a task; its column says the newest state, as in life."""
        self.session.add(
            TaskTransition(
                task_id=task.id,
                from_state=task.state,
                to_state=state,
                verb="made",
                occurred_on=on,
                recorded_at=at_local(on, 10),
                actor="tests",
            )
        )
        task.state = state
        self.session.flush()  # ids follow the order of the moves

    def extend(self, task: Task, new_due: date, on: date) -> None:
        self.session.add(
            DueChange(
                task_id=task.id,
                kind=DueChangeKind.EXTENSION,
                old_due=task.due_on,
                new_due=new_due,
                occurred_on=on,
                recorded_at=at_local(on, 10),
                actor="tests",
            )
        )
        task.due_on = new_due
        self.session.flush()  # ids follow the order of the changes

    def fix(self, task: Task, on: date) -> None:
        """The due date is a task's first, fixed on a day."""
        self.session.add(
            DueChange(
                task_id=task.id,
                kind=DueChangeKind.FIXED,
                old_due=None,
                new_due=task.due_on,
                occurred_on=on,
                recorded_at=at_local(on, 10),
                actor="tests",
            )
        )
        self.session.flush()  # ids follow the order of the changes

    def report(self, task: Task, on: date, reason: str | None) -> None:
        self.session.add(
            ProgressReport(
                task_id=task.id,
                reported_on=on,
                text="推进中",
                completion=CompletionClass.PARTLY,
                unfinished_reason=reason,
                **born(actor=TESTER, now=at_local(on, 10)),
            )
        )

    def lead_by(self, task: Task, name: str, from_on: date, to_on: date | None = None) -> None:
        stamps = born(actor=TESTER, now=EARLY)
        person = Person(region_id=self.work.region_id, name=name, **stamps)
        self.session.add(
            TaskDuty(
                task_id=task.id,
                role=DutyRole.LEAD_LEADER,
                person=person,
                from_on=from_on,
                to_on=to_on,
                **stamps,
            )
        )

    def weekly(self, as_of: date = T) -> WeeklyReport:
        self.session.flush()  # the report reads what was made
        report = assemble(
            self.session,
            self.session.get_one(Round, self.work.round_id),
            region_id=self.work.region_id,
            edition=1,
            issue_on=MONDAY,
            as_of=as_of,
        )
        assert report is not None
        return report


def moment(day: date, hour: int = 9) -> datetime:
    return at_local(day, hour)
