"""A unit's documents in tests: what is owed, a desk for each person, and what stands where."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import PDF, enter, scan
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database, born
from tracker.rectification.models import DocumentEvent, UnitDocument
from tracker.rectification.rules.words import DocumentEventKind, TaskState
from tracker.rectification.service.documents import state_of
from tracker.rounds.models import Milestone, Round
from tracker.rounds.rules import MilestoneKind

M = MilestoneKind
PAGE = "/documents/1"
NEWER = PDF + b"%2\n"
LATE = date(2026, 11, 2)
OWED: dict[MilestoneKind, date | None] = {
    M.PLAN: None,
    M.PROGRESS_REPORT: LATE,
    M.HEAD_REPORT: None,
    M.PARTY_NOTICE: None,
    M.PUBLIC_NOTICE: None,
}


def make_office(database: Database, people: Cast, clock: ManualClock) -> Work:
    """Let the city inspect units a, b and (提级) e: a has a task under way, b one in draft."""
    now = clock.now()
    with database.writing() as session:
        work = make_work(session, people, now=now, units=("a", "b", "e"))
        states = (
            ("a", TaskState.IN_PROGRESS),
            ("b", TaskState.DRAFT),
            ("e", TaskState.IN_PROGRESS),
        )
        for unit, state in states:
            work.task(session, people, unit=unit, state=state, now=now)
        for inspection_id in work.inspection_ids.values():
            for kind, due_on in OWED.items():
                row = Milestone(inspection_id=inspection_id, kind=kind, due_on=due_on)
                for name, value in born(actor=TESTER, now=now).items():
                    setattr(row, name, value)
                session.add(row)
        session.commit()
    return work


def fields(data: bytes = PDF, **more: Any) -> dict[str, Any]:
    """Return what the form of a document asks for."""
    return {
        "title": "关于巡察整改进展情况的报告",
        "document_on": "2026-11-12",
        "file": (io.BytesIO(data), "进展报告.pdf"),
        "is_confirmed_not_secret": "y",
        **more,
    }


@dataclass
class Papers:
    """The office with its documents, and the browsers of its people."""

    app: Flask
    database: Database
    people: Cast
    work: Work
    _inside: dict[str, Visitor] = field(default_factory=dict)

    def by(self, name: str) -> Visitor:
        """Return the browser of somebody."""
        if name not in self._inside:
            self._inside[name] = enter(self.app, name)
        return self._inside[name]

    def of(self, unit: str = "a") -> str:
        """Return how the form names a unit and its feedback."""
        return f"{self.work.feedback_ids[unit]}-{self.people.units[unit]}"

    def begin(
        self,
        name: str = "liaison_a",
        *,
        unit: str = "a",
        kind: str = "progress_report",
        **more: Any,
    ) -> int:
        """Write a document; return the status."""
        sent = {"of": self.of(unit), "kind": kind, **fields(**more)}
        return self.by(name).post("/documents/new", sent).status_code

    def press(self, name: str, step: str, page: str = PAGE) -> int:
        """Press a button, whether the page shows it to this person or not."""
        sent = {"version": str(self.document.version)}
        return self.by(name).post(f"{page}/{step}", sent, via=page).status_code

    def submitted(self, name: str = "liaison_a", **more: Any) -> None:
        """Write a document and hand it in."""
        assert self.begin(name, **more) == 302
        self.press(name, "submit")

    def signed(self) -> None:
        """Write a document, hand it in, let the head sign it."""
        self.submitted()
        self.press("head_a", "sign")

    def scanned(self, name: str) -> int:
        """Bring the scan of the signed paper."""
        return self.by(name).post(f"{PAGE}/sign-by-scan", scan()).status_code

    def returned(self) -> int:
        """Let the office return it."""
        said = {"reason": "数据不一致", "supplement": "附明细表"}
        return self.by("clerk").post(f"{PAGE}/return", said).status_code

    def switch(self, **switches: bool) -> None:
        """Switch a round's step."""
        with self.database.writing() as session:
            tour = session.get_one(Round, self.work.round_id)
            for name, value in switches.items():
                setattr(tour, name, value)
            session.commit()

    @property
    def document(self) -> UnitDocument:
        """The first document with its versions and events."""
        with self.database.reading() as session:
            found = session.get_one(UnitDocument, 1)
            _loaded(found.events, [version.file for version in found.versions])
            return found

    @property
    def state(self) -> str:
        """Where the first document stands."""
        return state_of(self.document).value

    def events(self) -> list[DocumentEventKind]:
        with self.database.reading() as session:
            return list(session.scalars(select(DocumentEvent.kind).order_by(DocumentEvent.id)))

    def done(self, unit: str = "a") -> dict[MilestoneKind, date]:
        """The milestones of a unit that are done, and when."""
        with self.database.reading() as session:
            query = select(Milestone).where(
                Milestone.inspection_id == self.work.inspection_ids[unit],
                Milestone.done_on.is_not(None),
            )
            return {row.kind: row.done_on for row in session.scalars(query) if row.done_on}

    def milestone(self, kind: MilestoneKind, unit: str = "a") -> Milestone:
        with self.database.reading() as session:
            query = select(Milestone).where(
                Milestone.inspection_id == self.work.inspection_ids[unit], Milestone.kind == kind
            )
            return session.scalars(query).one()

    def change_milestone(self, kind: MilestoneKind, **values: Any) -> None:
        with self.database.writing() as session:
            row = session.get_one(Milestone, self.milestone(kind).id)
            for name, value in values.items():
                setattr(row, name, value)
            session.commit()

    def trail(self) -> Iterator[str]:
        """The trail's entries about documents."""
        with self.database.reading() as session:
            query = select(AuditEntry.action).where(AuditEntry.action.startswith("document_"))
            yield from session.scalars(query.order_by(AuditEntry.seq))


def _loaded(*_rows: object) -> None:
    """Take rows that reading has loaded."""
