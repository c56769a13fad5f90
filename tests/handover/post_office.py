"""The office of the tests of a change of post, and the steps every one of them takes."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.kernel.db import born
from tracker.people.models import Post, PostHolding
from tracker.people.rules import PostKind
from tracker.rectification.models import TaskDuty
from tracker.rectification.rules.words import DutyRole, TaskState

DAY = date(2026, 11, 16)
CHANGE = {"name": "新书记", "mobile": "13900000009", "effective_on": "2026-11-16"}


class Office:
    """Unit A with a head in post who answers for two tasks, and a task of unit B."""

    def __init__(self, session: Session, people: Cast, clock: ManualClock) -> None:
        stamps = born(actor=TESTER, now=clock.now())
        self.work: Work = make_work(session, people, now=clock.now())
        self.old_id = people.actor("head_a").person_id or 0
        post = Post(unit_id=people.units["a"], title="党组书记", kind=PostKind.HEAD, **stamps)
        holding = PostHolding(post=post, person_id=self.old_id, from_on=date(2024, 1, 1), **stamps)
        session.add(holding)
        self.tasks = [
            self.work.task(session, people, now=clock.now()),
            self.work.task(session, people, state=TaskState.UNIT_CHECK, now=clock.now()),
        ]
        self.closed = self.work.task(session, people, state=TaskState.CLOSED, now=clock.now())
        self.without = self.work.task(session, people, now=clock.now())
        self.of_b = self.work.task(session, people, unit="b", now=clock.now())
        for task, role in (
            (self.tasks[0], DutyRole.LEAD_LEADER),
            (self.tasks[0], DutyRole.OWNER),
            (self.tasks[1], DutyRole.LEAD_LEADER),
            (self.closed, DutyRole.LEAD_LEADER),
            (self.of_b, DutyRole.OWNER),
        ):
            session.add(
                TaskDuty(
                    task_id=task.id,
                    role=role,
                    person_id=self.old_id,
                    from_on=date(2026, 9, 1),
                    **stamps,
                )
            )
        session.flush()  # pages need ids
        self.holding_id, self.post_id = holding.id, post.id


def prepare(visitor: Visitor, office: Office, **changes: str) -> str:
    """Note a change of post as the clerk; return its page."""
    answer = visitor.post(f"/post-changes/new/{office.holding_id}", CHANGE | changes)
    assert answer.status_code == 302, visitor.text
    return str(answer.headers["Location"])


def seen(visitor: Visitor, page: str) -> str:
    """Return the row version that a page's form carries."""
    visitor.get(page)
    return str(re.findall(r'name="version"[^>]*value="(\d+)"', visitor.text)[0])


def confirm(visitor: Visitor, page: str, kept: Sequence[int] = ()) -> None:
    fields = {"version": "1", "kept": [str(duty) for duty in kept]}
    assert visitor.post(f"{page}/confirm", fields, via=page).status_code == 302, visitor.text
