"""A unit's plan for the tests of plans: two issued tasks, and short ways through the pages."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.visitor import Visitor
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.db import Database, born
from tracker.rectification.models import DocumentEvent, Task, UnitDocument
from tracker.rectification.rules.words import DocumentEventKind, TaskState
from tracker.rectification.service.issuing import issue_tasks

DUE = date(2026, 12, 20)
ITEM = {
    "goal": "审批留痕全覆盖",
    "measures": "1. 修订财务审批办法\n2. 开展自查自纠",
    "lead_leader": "方一鸣",
    "owners": "柳青、陆远",
    "lead_dept": "办公室",
    "support_depts": "财务科",
    "due_on": DUE.isoformat(),
}


@dataclass
class PlanOffice:
    """Unit a and its plan; every step goes through the pages and takes a minute."""

    app: Flask
    database: Database
    people: Cast
    clock: ManualClock
    work: Work

    def enter(self, name: str) -> Visitor:
        """Return somebody's browser."""
        return enter(self.app, name)

    def issue(self, *numbers: str, immediate: bool = False) -> list[int]:
        """Record issues of unit a and issue their tasks; return the tasks' ids."""
        with self.database.writing() as session:
            for number in numbers:
                session.add(
                    Issue(
                        feedback_id=self.work.feedback_ids["a"],
                        inspection_id=self.work.inspection_ids["a"],
                        region_id=self.work.region_id,
                        issue_no=number,
                        text=f"问题{number}：财务审批把关不严。",
                        is_immediate=immediate,
                        units=[IssueUnit(unit_id=self.people.units["a"])],
                        **born(actor=TESTER, now=self.clock.now()),
                    )
                )
            session.flush()  # issuing reads them back
            feedback = session.get_one(Feedback, self.work.feedback_ids["a"])
            session.refresh(feedback)
            tasks = issue_tasks(
                session,
                feedback,
                actor=self.people.actor("clerk"),
                now=self.clock.now(),
                immediate_due=DUE if immediate else None,
            )
            session.commit()
            found = [task.id for task in tasks]
        self.pass_time()
        return found

    def pass_time(self) -> None:
        """Let a minute go by: nobody acts twice in the same microsecond."""
        self.clock.advance(timedelta(minutes=1))

    @property
    def plan_id(self) -> int:
        """The id of unit a's plan."""
        with self.database.reading() as session:
            return session.scalars(select(UnitDocument.id)).one()

    @property
    def page(self) -> str:
        """The address of unit a's plan."""
        return f"/plans/{self.plan_id}"

    @property
    def version(self) -> int:
        """The row version of unit a's plan."""
        with self.database.reading() as session:
            return session.get_one(UnitDocument, self.plan_id).version

    def press(self, who: Visitor, step: str, **data: str) -> TestResponse:
        """Press a button of the plan's page as it is now, even one that is not offered."""
        data.setdefault("version", str(self.version))
        answer = who.post(f"{self.page}/{step}", data, via=self.page)
        self.pass_time()
        return answer

    def write(self, who: Visitor, task_id: int, **changes: str) -> TestResponse:
        """Fill in one task of the plan."""
        answer = who.post(f"/tasks/{task_id}/plan", {**ITEM, **changes})
        self.pass_time()
        return answer

    def submit(self, who: Visitor, *task_ids: int) -> None:
        """Acknowledge what waits for it, write the tasks, and hand the plan in."""
        self.press(who, "acknowledge")
        for task_id in task_ids:
            assert self.write(who, task_id).status_code == 302, who.text
        self.press(who, "submit")

    def pass_through(self, *task_ids: int) -> None:
        """Walk the plan from the liaison to the lead's pass."""
        self.submit(self.enter("liaison_a"), *task_ids)
        self.press(self.enter("head_a"), "sign")
        self.press(self.enter("lead"), "pass")

    def events(self) -> list[DocumentEventKind]:
        """Return what happened to the plan."""
        with self.database.reading() as session:
            return list(session.scalars(select(DocumentEvent.kind).order_by(DocumentEvent.id)))

    def states(self, *task_ids: int) -> list[TaskState]:
        """Return where tasks stand."""
        with self.database.reading() as session:
            return [session.get_one(Task, each).state for each in task_ids]


def make_plan_office(
    app: Flask, database: Database, people: Cast, clock: ManualClock, **switches: Any
) -> PlanOffice:
    """Make a round with feedback of unit a, nothing issued yet."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), **switches)
        session.commit()
    return PlanOffice(app, database, people, clock, work)
