"""The ground of tests about clues: the module switched on, people granted by name."""

from datetime import date

from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.visitor import Visitor
from tracker.feedback.models import Feedback
from tracker.feedback.rules import FeedbackSource
from tracker.handover.models import ClueGrant
from tracker.handover.queries.clues import CLUES_ON, DETAIL_ON
from tracker.kernel.db import Database, born
from tracker.kernel.settings import put_setting, region_scope

TODAY = date(2026, 11, 16)


class Ground:
    """A round of the city, and a feedback from above."""

    def __init__(self, session: Session, people: Cast, clock: ManualClock) -> None:
        """Make both."""
        self.work: Work = make_work(session, people, now=clock.now())
        above = Feedback(
            region_id=self.work.region_id,
            code="S",
            title="省委巡视反馈",
            source=FeedbackSource.PROVINCE_INSPECTION,
            fed_back_on=date(2026, 1, 5),
            profile_id=self.work.profile_id,
            **born(actor=TESTER, now=clock.now()),
        )
        session.add(above)
        session.flush()  # forms name its id
        self.above_id = above.id

    def out(self, **changes: str) -> dict[str, str]:
        """Return the form of clues moved to others."""
        return {
            "code": "X-1",
            "direction": "out",
            "kind": "clue",
            "amount": "5",
            "counterpart": "市纪委监委",
            "moved_on": "2026-07-31",
            "round_id": str(self.work.round_id),
            "inspection_id": str(self.work.inspection_ids["a"]),
            "feedback_id": "0",
        } | changes

    def taken(self, **changes: str) -> dict[str, str]:
        """Return the form of clues taken in from above."""
        places = {"round_id": "0", "inspection_id": "0", "feedback_id": str(self.above_id)}
        return self.out(code="J-1", direction="in", amount="8", **places) | changes


def make_ground(database: Database, people: Cast, clock: ManualClock) -> Ground:
    """The module is switched on for the city, its detail too."""
    with database.writing() as session:
        made = Ground(session, people, clock)
        for key in (CLUES_ON, DETAIL_ON):
            scope = region_scope(people.regions["city"])
            put_setting(session, key, "1", by="tests", now=clock.now(), scope=scope)
        session.commit()
    return made


def grant(database: Database, people: Cast, clock: ManualClock, name: str, **days: date) -> None:
    """Let somebody read details, today or between two days."""
    with database.writing() as session:
        session.add(
            ClueGrant(
                user_id=people.users[name],
                region_id=people.regions["city"],
                from_on=days.get("from_on", TODAY),
                to_on=days.get("to_on", TODAY),
                reason="专案需要",
                granted_by="security",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        session.commit()


def record_clues(visitor: Visitor, fields: dict[str, str]) -> None:
    """Send the form of new clues."""
    answer = visitor.post("/clues/new", fields)
    assert answer.status_code == 302, visitor.text
