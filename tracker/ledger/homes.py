"""Where imported issues belong: the unit's inspection and feedback in the round, made when missing."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.feedback.models import Feedback, Issue
from tracker.feedback.rules import FeedbackSource
from tracker.feedback.service import FeedbackDraft, record_feedback, set_feedback_date
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor
from tracker.ledger.columns import Field
from tracker.ledger.items import ItemRow
from tracker.organizations.models import Unit
from tracker.organizations.rules import RegionLevel
from tracker.rounds.models import Inspection, Round
from tracker.rounds.service import InspectionDraft, add_inspection

SOURCE = {
    RegionLevel.CITY: FeedbackSource.CITY_INSPECTION,
    RegionLevel.COUNTY: FeedbackSource.COUNTY_INSPECTION,
}
LONGEST_CODE = 40
LONGEST_TEAM = 80


class Homes:
    """The inspections and feedbacks of one round, and the numbers their issues have."""

    def __init__(
        self, session: Session, tour: Round, fed_back_on: date, *, actor: Actor, now: datetime
    ) -> None:
        self.session, self.tour, self.fed_back_on = session, tour, fed_back_on
        self.actor, self.now = actor, now
        inspections = select(Inspection).where(Inspection.round_id == tour.id)
        parts = (joinedload(Inspection.unit), joinedload(Inspection.round))
        self._inspections = {
            row.unit_id: row for row in session.scalars(inspections.options(*parts))
        }
        feedbacks = (
            select(Feedback).where(Feedback.round_id == tour.id).order_by(Feedback.id.desc())
        )
        self._feedbacks = {row.inspection_id: row for row in session.scalars(feedbacks)}
        codes = select(Feedback.code).where(Feedback.region_id == tour.region_id)
        self._codes = set(session.scalars(codes))
        numbers = select(Issue.feedback_id, Issue.issue_no).join(Issue.feedback)
        self._numbers: dict[int, set[str]] = {}
        for feedback_id, number in session.execute(numbers.where(Feedback.round_id == tour.id)):
            self._numbers.setdefault(feedback_id, set()).add(number)

    def inspection(self, unit: Unit, rows: Sequence[ItemRow]) -> Inspection:
        """Return the unit's inspection; a new one takes its team from the rows."""
        found = self._inspections.get(unit.id)
        if found is None:
            team = next((text for row in rows if (text := row.text(Field.TEAM))), "")
            draft = InspectionDraft(
                unit_id=unit.id,
                kind=self.tour.kind,
                team=team if len(team) <= LONGEST_TEAM else "",
            )
            found = add_inspection(self.session, self.tour, draft, actor=self.actor, now=self.now)
            self._inspections[unit.id] = found
        return found

    def feedback(self, unit: Unit | None, rows: Sequence[ItemRow]) -> Feedback:
        """Return the feedback to a unit; without a unit the round's own, which holds 共性 issues.

        A date that is there stays; a feedback without one gets that of the import.
        """
        inspection = self.inspection(unit, rows) if unit else None
        key = inspection.id if inspection else None
        found = self._feedbacks.get(key)
        if found is None:
            found = self._record(inspection) if inspection else self._of_round()
            self._feedbacks[key] = found
        elif found.fed_back_on is None:
            set_feedback_date(self.session, found, self.fed_back_on, actor=self.actor, now=self.now)
        return found

    def number(self, feedback: Feedback, wanted: str) -> str:
        """Return a number no other issue of the feedback has: the wanted one, or the next free."""
        used = self._numbers.setdefault(feedback.id, set())
        number, place = wanted, 1
        while not number or number in used:
            place += 1
            number = f"{wanted[:36]}-{place}" if wanted else f"{len(used) + place - 1:03d}"
        used.add(number)
        return number

    def _record(self, inspection: Inspection) -> Feedback:
        draft = FeedbackDraft(
            code=self._free_code(f"{self.tour.code}-{inspection.unit.code}"),
            title=f"{self.tour.name}巡察反馈意见",
            source=self._source(),
            profile_id=self.tour.profile_id,
            inspection_id=inspection.id,
        )
        return record_feedback(
            self.session,
            self.tour.region_id,
            draft,
            actor=self.actor,
            now=self.now,
            fed_back_on=self.fed_back_on,
        )

    def _of_round(self) -> Feedback:
        feedback = Feedback(
            region_id=self.tour.region_id,
            code=self._free_code(f"{self.tour.code}-共性"),
            title=f"{self.tour.name}共性问题",
            source=self._source(),
            round=self.tour,
            fed_back_on=self.fed_back_on,
            profile_id=self.tour.profile_id,
            **born(actor=self.actor, now=self.now),
        )
        self.session.add(feedback)
        self.session.flush()  # its issues' numbers are kept by its id
        return feedback

    def _source(self) -> FeedbackSource:
        return SOURCE[self.tour.region.level]

    def _free_code(self, wanted: str) -> str:
        code, place = wanted[:LONGEST_CODE], 1
        while code in self._codes:
            place += 1
            code = f"{wanted[: LONGEST_CODE - 4]}-{place}"
        self._codes.add(code)
        return code
