"""节点: registered with their document, exempted, taken back — and who may have the document."""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import PDF, enter
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.files.models import StoredFile
from tracker.kernel.config import Config
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.rounds.models import Milestone, MilestoneEvent
from tracker.rounds.rules import MilestoneEventKind, MilestoneKind
from tracker.rounds.service import undo_milestone

K = MilestoneEventKind
PAGE = "/milestones/1"
DONE: dict[str, Any] = {"done_on": "2026-11-12"}
OTHER = PDF + b"%2\n"


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """The city inspects unit a and (提级) the eastern county's unit e; each owes a meeting."""
    with database.writing() as session:
        made = make_work(session, people, now=clock.now(), units=("a", "e"))
        for unit in ("a", "e"):
            session.add(
                Milestone(
                    inspection_id=made.inspection_ids[unit],
                    kind=MilestoneKind.DEMOCRATIC_MEETING,
                    due_on=date(2026, 10, 1),
                    **born(actor=TESTER, now=clock.now()),
                )
            )
            session.flush()  # a's is the first
        session.commit()
    return made


@pytest.fixture
def clerk(app: Flask, work: Work) -> Visitor:
    return enter(app, "clerk")


def with_file(data: bytes = PDF, **fields: str) -> dict[str, Any]:
    return {"file": (io.BytesIO(data), "会议纪要.pdf"), "is_confirmed_not_secret": "y", **fields}


def milestone(database: Database, which: int = 1) -> Milestone:
    with database.reading() as session:
        return session.get_one(Milestone, which)


def events(database: Database) -> list[tuple[MilestoneEventKind, str | None]]:
    with database.reading() as session:
        rows = session.scalars(select(MilestoneEvent).order_by(MilestoneEvent.id))
        return [(row.kind, row.reason) for row in rows]


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        query = select(AuditEntry.action).where(AuditEntry.action.startswith("milestone"))
        return list(session.scalars(query.order_by(AuditEntry.seq)))


def stored(config: Config) -> list[Path]:
    return [path for path in config.evidence_dir.rglob("*") if path.is_file()]


def test_a_milestone_is_done_with_its_document_and_whoever_sees_the_inspection_may_have_it(
    app: Flask, clerk: Visitor, database: Database
) -> None:
    assert clerk.post(f"{PAGE}/edit", with_file(**DONE)).status_code == 302
    assert milestone(database).done_on == date(2026, 11, 12)
    clerk.get("/inspections/1")
    assert "会议纪要.pdf" in clerk.text
    for name in ("clerk", "lead", "leader"):
        answer = enter(app, name).get(f"{PAGE}/file")
        assert answer.get_data() == PDF
        assert "attachment" in answer.headers["Content-Disposition"]
    assert actions(database) == ["milestone_edited", *["milestone_file_downloaded"] * 3]
    assert events(database) == [(K.DONE, None)]


@pytest.mark.parametrize(
    ("name", "which", "status"),
    [
        ("east_clerk", 1, 404),
        ("west_clerk", 2, 404),
        ("east_clerk", 2, 200),
        ("liaison_a", 1, 403),
        ("supervisor", 1, 403),
        ("admin", 1, 403),
    ],
)
def test_the_document_is_as_visible_as_the_inspection_and_not_more(
    app: Flask, clerk: Visitor, database: Database, name: str, which: int, status: int
) -> None:
    clerk.post(f"/milestones/{which}/edit", with_file(**DONE))
    visitor = enter(app, name)
    pages = (f"/milestones/{which}", f"/milestones/{which}/file", "/milestone-events/1/file")
    assert [visitor.get(page).status_code for page in pages] == [status] * 3
    assert visitor.get("/milestones/999/file").status_code == (403 if status == 403 else 404)
    assert len(actions(database)) == (3 if status == 200 else 1)


def test_the_countys_office_reads_the_citys_milestone_and_registers_nothing(
    app: Flask, clerk: Visitor, database: Database
) -> None:
    clerk.post("/milestones/2/edit", with_file(**DONE))
    county = enter(app, "east_clerk")
    county.get("/milestones/2")
    assert "撤销登记" not in county.text
    assert county.get("/milestones/2/edit").status_code == 404
    assert county.post("/milestones/2/undo", {"reason": "x"}, via="/rounds").status_code == 404
    assert milestone(database, 2).done_on is not None


def test_a_document_can_be_attached_later_and_the_earlier_one_stays_in_the_history(
    clerk: Visitor, database: Database
) -> None:
    clerk.post(f"{PAGE}/edit", DONE)
    clerk.post(f"{PAGE}/edit", with_file(**DONE))
    clerk.post(f"{PAGE}/edit", with_file(OTHER, **DONE))
    assert clerk.get(f"{PAGE}/file").get_data() == OTHER
    assert clerk.get("/milestone-events/2/file").get_data() == PDF
    assert clerk.get("/milestone-events/1/file").status_code == 404
    assert [kind for kind, _ in events(database)] == [K.DONE, K.FILE_ATTACHED, K.FILE_ATTACHED]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"is_confirmed_not_secret": "", **DONE}, "请先确认材料不涉密"),
        ({"file": (b"MZ", "会议.exe"), **DONE}, "exe"),
        ({}, "请先填写完成日期"),
        ({"done_on": "2026-11-17"}, "完成日期不能晚于今天"),
        ({"exempt_reason": "不适用", **DONE}, "请只填一项"),
    ],
)
def test_what_may_not_be_is_refused_and_leaves_no_bytes(
    clerk: Visitor, database: Database, config: Config, fields: dict[str, Any], sentence: str
) -> None:
    sent = {**with_file(), **fields}
    if "file" in fields:
        data, name = fields["file"]
        sent["file"] = (io.BytesIO(data), name)
    assert clerk.post(f"{PAGE}/edit", sent).status_code == 422
    assert sentence in clerk.text
    assert stored(config) == []
    assert milestone(database).file_id is None
    assert events(database) == []
    with database.reading() as session:
        assert session.scalars(select(StoredFile)).all() == []


def test_an_exemption_has_its_reason_and_neither_it_nor_done_is_emptied_without_one(
    clerk: Visitor, database: Database
) -> None:
    clerk.post(f"{PAGE}/edit", {"exempt_reason": "班子成员不足"})
    assert milestone(database).exempt_reason == "班子成员不足"
    assert clerk.post(f"{PAGE}/edit", {"exempt_reason": ""}).status_code == 422
    assert "撤销登记" in clerk.text
    clerk.post(f"{PAGE}/undo", {"reason": "已补足"})
    clerk.post(f"{PAGE}/edit", DONE)
    assert clerk.post(f"{PAGE}/edit", {"done_on": ""}).status_code == 422
    assert milestone(database).done_on == date(2026, 11, 12)
    assert events(database) == [(K.EXEMPTED, "班子成员不足"), (K.UNDONE, "已补足"), (K.DONE, None)]


def test_taking_back_needs_a_reason_and_keeps_the_document_in_the_history(
    clerk: Visitor, database: Database
) -> None:
    clerk.post(f"{PAGE}/edit", with_file(due_on="2026-10-01", **DONE))
    assert clerk.post(f"{PAGE}/undo", {"reason": " "}).status_code == 422
    assert milestone(database).done_on is not None
    assert clerk.post(f"{PAGE}/undo", {"reason": "登记错了单位"}).status_code == 302
    row = milestone(database)
    assert (row.done_on, row.exempt_reason, row.file_id) == (None, None, None)
    assert row.due_on == date(2026, 10, 1)
    clerk.get(PAGE)
    assert "登记错了单位" in clerk.text
    assert clerk.get("/milestone-events/1/file").get_data() == PDF
    assert clerk.get(f"{PAGE}/file").status_code == 404
    assert clerk.post(f"{PAGE}/undo", {"reason": "再来"}).status_code == 422
    assert "不需要撤销" in clerk.text
    assert "milestone_undone" in actions(database)


def test_taking_back_without_a_reason_is_refused_whoever_asks_for_it(
    clerk: Visitor, database: Database, people: Cast, clock: ManualClock
) -> None:
    clerk.post(f"{PAGE}/edit", DONE)
    with database.writing() as session:
        row = session.get_one(Milestone, 1)
        with pytest.raises(DomainError, match="理由"):
            undo_milestone(session, row, " ", actor=people.actor("clerk"), now=clock.now())
    assert milestone(database).done_on is not None


def test_what_was_registered_stands_for_good(clerk: Visitor, database: Database) -> None:
    clerk.post(f"{PAGE}/edit", DONE)
    with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
        session.execute(update(MilestoneEvent).values(actor="别人"))


def test_a_changed_file_on_disk_is_not_given_out(
    clerk: Visitor, database: Database, config: Config
) -> None:
    clerk.post(f"{PAGE}/edit", with_file(**DONE))
    stored(config)[0].write_bytes(OTHER)
    assert clerk.get(f"{PAGE}/file").status_code == 422
    assert "milestone_file_downloaded" not in actions(database)
