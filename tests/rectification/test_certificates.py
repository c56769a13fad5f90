"""整改销号审批表: one changed byte, in a file or in a row, and the check names it."""

import io
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from tests.documents.reading import TITLE, begin
from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.certificate_fields import FIELDS
from tests.visitor import Visitor
from tracker.documents.reading import paragraphs_of
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.people.models import Person
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.models import (
    ClosureCertificate,
    DueChange,
    Evidence,
    Extension,
    Measure,
    ProgressReport,
    SignOff,
    Task,
    TaskDuty,
    TaskTransition,
)
from tracker.rectification.queries import get_task
from tracker.rectification.rules.certificate import (
    FACTS,
    SECTIONS,
    Content,
    canonical,
    code_of,
    grouped,
    read_canonical,
)
from tracker.rectification.rules.words import (
    CompletionClass,
    DueChangeKind,
    DutyRole,
    ExtensionState,
    SignatureWay,
    TaskState,
)
from tracker.rectification.service.certifying import certificates_of, certify, verify
from tracker.rectification.service.closing import close_task, reopen_task
from tracker.rectification.service.reviewing import cosign_closure, recommend_closure

DONE = date(2026, 11, 12)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
GUARDED = ("task_transitions", "due_changes", "reviews", "closure_certificates")


@dataclass
class Closed:
    """A closed task with everything a form prints, its certificate, and where its file lies."""

    task_id: int
    certificate_id: int
    storage: FileStorage
    path: Path


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    with database.writing() as session:
        made = make_work(session, people, now=clock.now())
        session.commit()
    return made


@pytest.fixture
def closed(database: Database, people: Cast, clock: ManualClock, work: Work, app: Flask) -> Closed:
    storage = FileStorage(app.extensions["tracker_config"].evidence_dir)
    with database.writing() as session:
        task = work.task(
            session,
            people,
            state=TaskState.OFFICE_REVIEW,
            done_on=DONE,
            due_on=date(2026, 12, 20),
            lead_dept="办公室",
            support_depts="财务科",
            now=clock.now(),
        )
        stored = storage.store(io.BytesIO(PDF), "办法.pdf", actor=TESTER, now=clock.now())
        session.add_all(_everything(task, stored, people, clock))
        session.flush()  # the duties are read from the database
        session.refresh(task)
        recommend_closure(session, task, "建议同意", actor=people.actor("clerk"), now=clock.now())
        cosign_closure(
            session,
            task,
            agrees=True,
            opinion="同意",
            actor=people.actor("supervisor"),
            now=clock.now(),
        )
        close_task(session, task, actor=people.actor("lead"), now=clock.now(), opinion="予以销号")
        session.commit()
        certificate = certificates_of(session, task)[0]
        return Closed(task.id, certificate.id, storage, storage.path(stored))


def _everything(task: Task, stored: StoredFile, people: Cast, clock: ManualClock) -> list[Any]:
    stamps: dict[str, Any] = born(actor=people.actor("liaison_a"), now=clock.now())
    persons = [
        Person(region_id=people.regions["city"], name=name, **stamps) for name in ("方一鸣", "柳青")
    ]
    roles = (DutyRole.LEAD_LEADER, DutyRole.OWNER)
    return [
        *(
            TaskDuty(task_id=task.id, role=role, person=person, from_on=date(2026, 9, 2), **stamps)
            for role, person in zip(roles, persons, strict=True)
        ),
        Measure(task=task, seq=2, text="开展自查", due_on=DONE, done_on=DONE, **stamps),
        ProgressReport(
            task=task,
            reported_on=DONE,
            text="已全部完成",
            completion=CompletionClass.DONE,
            rules_made=1,
            recovered_wan=Decimal("12.5"),
            no_evidence_reason="另有纸质材料",
            **stamps,
        ),
        Evidence(
            task=task,
            file=stored,
            title="审批办法",
            document_on=DONE,
            is_confirmed_not_secret=True,
            **stamps,
        ),
        DueChange(
            task_id=task.id,
            kind=DueChangeKind.EXTENSION,
            old_due=date(2026, 12, 1),
            new_due=date(2026, 12, 20),
            occurred_on=DONE,
            recorded_at=clock.now(),
            actor="主任（lead）",
            reason="会商",
        ),
        Extension(
            task_id=task.id,
            state=ExtensionState.GRANTED,
            old_due=date(2026, 12, 1),
            new_due=date(2026, 12, 20),
            reason="会商",
            asked_on=date(2026, 11, 10),
            asked_by="联络员（liaison_a）",
            signed_by="局长（head_a）",
            decided_on=date(2026, 11, 11),
            decided_by="主任（lead）",
            **stamps,
        ),
        SignOff(
            task_id=task.id,
            way=SignatureWay.ONLINE,
            pledge="真实",
            signed_at=clock.now(),
            signed_by="局长（head_a）",
        ),
    ]


def loaded(session: Session, closed: Closed) -> ClosureCertificate:
    session.expire_all()
    get_task(session, closed.task_id, actor=TESTER)
    return session.get_one(ClosureCertificate, closed.certificate_id)


def found(session: Session, closed: Closed) -> set[str]:
    verdict = verify(session, loaded(session, closed), closed.storage.path)
    assert verdict.is_same is not bool(verdict.differences)
    return {each.what for each in verdict.differences}


def test_closing_keeps_the_form_and_untouched_it_agrees(database: Database, closed: Closed) -> None:
    with database.reading() as session:
        kept = loaded(session, closed)
        assert kept.code == code_of(kept.content)
        verdict = verify(session, kept, closed.storage.path)
        assert (verdict.is_same, verdict.files, verdict.superseded_on) == (True, 1, None)
        empty = [
            key
            for key, value in read_canonical(kept.content).facts.items()
            if not value and key != "lent_by"
        ]
        assert empty == []


def test_one_changed_byte_of_a_file_is_named(database: Database, closed: Closed) -> None:
    whole = closed.path.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        closed.path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with database.reading() as session:
            assert found(session, closed) == {"佐证材料第1条·文件内容（办法.pdf）"}
    closed.path.unlink()
    with database.reading() as session:
        verdict = verify(session, loaded(session, closed), closed.storage.path)
        assert [each.now for each in verdict.differences] == ["（文件不存在）"]
    closed.path.write_bytes(whole)
    with database.reading() as session:
        assert found(session, closed) == set()


def take_guards_off(session: Session, database: Database) -> None:
    """What somebody with the database in hand can do."""
    for table in GUARDED:
        for verb in ("update", "delete"):
            suffix = "" if database.is_sqlite else f" ON {table}"
            session.execute(text(f"DROP TRIGGER keep_{table}_{verb}{suffix}"))


def test_every_printed_field_changed_by_hand_is_named(database: Database, closed: Closed) -> None:
    named: set[str] = set()
    with database.writing() as session:
        take_guards_off(session, database)
        printed = read_canonical(loaded(session, closed).content)
        for what, changes in FIELDS.items():
            for table, column, value, where in changes:
                point = session.begin_nested()
                statement = f"UPDATE {table} SET {column} = {value} WHERE {where}"
                given = {"task": closed.task_id} if ":task" in where else {}
                assert session.execute(text(statement), given).rowcount >= 1, statement  # type: ignore[attr-defined]
                seen = found(session, closed)
                assert what in seen, statement
                named |= {what}
                point.rollback()
                assert found(session, closed) == set(), statement
        session.rollback()
    assert named == set(every_field(printed))


def every_field(printed: Content) -> list[str]:
    """Return the name of each single thing the form prints."""
    lines = [
        f"{title}第{number}条·{label}"
        for section, (title, columns) in SECTIONS.items()
        for number in range(1, len(printed.lines[section]) + 1)
        for label in columns.values()
    ]
    return [*FACTS.values(), *lines]


def test_a_row_taken_away_or_put_in_is_named(
    database: Database, closed: Closed, clock: ManualClock
) -> None:
    with database.writing() as session:
        take_guards_off(session, database)
        point = session.begin_nested()
        session.execute(delete(Measure).where(Measure.seq == 2))
        assert "整改措施第2条·措施" in found(session, closed)
        point.rollback()
        session.add(
            Measure(
                task_id=closed.task_id,
                seq=3,
                text="添上的",
                **born(actor=TESTER, now=clock.now()),
            )
        )
        assert "整改措施第3条·措施" in found(session, closed)
        session.rollback()


def test_a_forged_certificate_row_does_not_match_its_code_or_the_trail(
    database: Database, closed: Closed
) -> None:
    with database.writing() as session:
        for statement in (
            update(ClosureCertificate).values(content="{}"),
            delete(ClosureCertificate),
        ):
            with pytest.raises(DatabaseError, match="append-only"), session.begin_nested():
                session.execute(statement)
        take_guards_off(session, database)
        kept = loaded(session, closed)
        content = read_canonical(kept.content)
        forged = canonical(replace(content, facts={**content.facts, "goal": "改了"}))
        session.execute(update(ClosureCertificate).values(content=forged))
        assert found(session, closed) == {"登记的审批表内容", "整改目标"}
        session.execute(update(ClosureCertificate).values(code=code_of(forged)))
        session.execute(text("UPDATE tasks SET goal = '改了'"))
        assert found(session, closed) == {"审计记录"}
        session.rollback()


def test_the_form_is_kept_once_a_closing_and_a_reopened_task_says_so(
    database: Database, people: Cast, closed: Closed, clock: ManualClock
) -> None:
    lead = people.actor("lead")
    with database.writing() as session:
        task = get_task(session, closed.task_id, actor=lead)
        assert certify(session, task, actor=lead, now=clock.now()).id == closed.certificate_id
        clock.advance(timedelta(days=3))
        reopen_task(session, task, "反弹", date(2026, 12, 31), actor=lead, now=clock.now())
        with pytest.raises(DomainError, match="销号后才有审批表"):
            certify(session, task, actor=lead, now=clock.now())
        session.flush()  # the check reads the database
        verdict = verify(session, loaded(session, closed), closed.storage.path)
        assert (verdict.is_same, verdict.superseded_on) == (True, date(2026, 11, 19))
        session.add(
            TaskTransition(
                task=task,
                from_state=task.state,
                to_state=TaskState.OFFICE_REVIEW,
                verb="made",
                occurred_on=date(2026, 11, 19),
                recorded_at=clock.now(),
                actor="tests",
            )
        )
        task.state, task.done_on = TaskState.OFFICE_REVIEW, date(2026, 11, 18)
        session.flush()  # the step looks at the database
        close_task(session, task, actor=lead, now=clock.now())
        session.commit()
        numbers = [each.number for each in certificates_of(session, task)]
        assert numbers == [f"XH-{task.task_no}-2", f"XH-{task.task_no}-1"]
    closed.path.write_bytes(b"x" + closed.path.read_bytes()[1:])
    with database.reading() as session:
        assert found(session, closed) == {"佐证材料第1条·文件内容（办法.pdf）"}


def test_the_word_file_prints_every_field_and_is_the_same_every_time(
    database: Database, closed: Closed
) -> None:
    with database.reading() as session:
        kept = loaded(session, closed)
        content = read_canonical(kept.content)
    data = certificate_docx(content)
    assert data == certificate_docx(content)
    printed = paragraphs_of(data)
    assert printed[0] == "整改销号审批表"
    whole = "".join(printed).replace("\n", "")
    for value in [
        *content.facts.values(),
        *(value for lines in content.lines.values() for line in lines for value in line.values()),
    ]:
        assert value in whole
    assert grouped(kept.code) in whole


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def code_in(database: Database, closed: Closed) -> str:
    with database.reading() as session:
        return session.get_one(ClosureCertificate, closed.certificate_id).code


def test_a_printed_form_is_checked_by_code_and_by_file(
    app: Flask, database: Database, closed: Closed
) -> None:
    page, check = f"/tasks/{closed.task_id}/certificate", "/closure-certificates/verify"
    lead = enter(app, "lead")
    assert lead.get(page).status_code == 200
    assert "完全一致" in lead.text
    answer = lead.get(f"{page}/docx")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    data = answer.get_data()
    code = code_in(database, closed)
    assert lead.post(check, {"code": grouped(code).upper()}).status_code == 200
    assert "完全一致" in lead.text
    lead.post(check, {"file": (io.BytesIO(data), "表.docx")})
    assert "完全一致" in lead.text
    changed = rewritten(data, "予以销号", "不予销号")
    lead.post(check, {"file": (io.BytesIO(changed), "表.docx")})
    assert "不一致" in lead.text
    assert re.search("上传文件的文字.*予以销号.*不予销号", lead.text, re.DOTALL)
    with database.writing() as session:
        session.execute(text("UPDATE tasks SET goal = '改了'"))
        session.commit()
    lead.post(check, {"code": code})
    assert re.search("不一致.*整改目标.*完善制度并执行到位.*改了", lead.text, re.DOTALL)
    for bad, sentence in (
        ({"code": "123"}, "没有读到验证码"),
        ({"code": "0" * 64}, "没有找到这个验证码"),
        ({"file": (io.BytesIO(b"PK\x03\x04"), "表.docx")}, "不是完好的 .docx"),
        ({"file": (io.BytesIO(begin().to_bytes()), f"{TITLE}.docx")}, "没有读到验证码"),
    ):
        assert lead.post(check, bad).status_code == 422
        assert sentence in lead.text


def rewritten(data: bytes, old: str, new: str) -> bytes:
    """Return a .docx with a word of its text exchanged, as somebody with Word would."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(target, "w", ZIP_DEFLATED) as out:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                content = content.decode().replace(old, new).encode()
            out.writestr(name, content)
    return target.getvalue()


def test_nobody_learns_of_a_form_outside_their_scope(
    app: Flask, database: Database, closed: Closed
) -> None:
    page, code = f"/tasks/{closed.task_id}/certificate", code_in(database, closed)
    assert enter(app, "liaison_a").get(f"{page}/docx").status_code == 200
    for name in ("liaison_b", "east_clerk"):
        visitor = enter(app, name)
        assert visitor.get(page).status_code == 404
        assert visitor.get(f"{page}/docx").status_code == 404
        assert visitor.post("/closure-certificates/verify", {"code": code}).status_code == 422
        assert "没有找到这个验证码" in visitor.text
    assert enter(app, "admin").get(page).status_code == 403


def test_an_old_closing_gets_its_form_when_the_office_keeps_it(
    app: Flask, database: Database, people: Cast, work: Work, clock: ManualClock
) -> None:
    with database.writing() as session:
        task = work.task(
            session,
            people,
            state=TaskState.CLOSED,
            closed_on=DONE,
            is_historic=True,
            now=clock.now(),
        )
        session.commit()
        page = f"/tasks/{task.id}/certificate"
    clerk = enter(app, "clerk")
    clerk.get(page)
    assert "还没有登记" in clerk.text
    assert clerk.get(f"{page}/docx").status_code == 422
    assert enter(app, "liaison_a").post(f"{page}/keep", via="/tasks").status_code == 403
    for _again in range(2):
        assert clerk.post(f"{page}/keep", via="/tasks").status_code == 302
    assert clerk.get(f"{page}/docx").status_code == 200
    clerk.get(page)
    assert "历史导入" in clerk.text
    assert "完全一致" in clerk.text
    with database.reading() as session:
        assert len(session.scalars(select(ClosureCertificate)).all()) == 1
