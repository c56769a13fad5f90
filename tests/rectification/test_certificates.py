"""整改销号审批表: one changed byte, in a file or in a row, and the check names it."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
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
from tests.rectification.certificate_fields import FIELDS, FIRST_FACTS, FIRST_LINES
from tests.rectification.closed_task import (
    DONE,
    Closed,
    found,
    loaded,
    make_closed,
    take_guards_off,
)
from tests.visitor import Visitor
from tracker.audit.service import record
from tracker.documents.reading import paragraphs_of
from tracker.files.storage import FileStorage
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.models import (
    ClosureCertificate,
    Measure,
    TaskTransition,
    TaskUnit,
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
    TaskState,
)
from tracker.rectification.service.certifying import CERTIFIED, certificates_of, certify, verify
from tracker.rectification.service.closing import (
    close_task,
    reopen_task,
    request_closure,
    sign_closure,
)
from tracker.rectification.service.working import Progress

VERIFY = "/closure-certificates/verify"


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
        made = make_closed(session, people, clock, work, storage)
        session.commit()
    return made


def test_closing_keeps_the_form_and_untouched_it_agrees(database: Database, closed: Closed) -> None:
    with database.reading() as session:
        kept = loaded(session, closed)
        assert kept.code == code_of(kept.content)
        verdict = verify(session, kept, closed.storage.path)
        assert (verdict.is_same, verdict.files, verdict.superseded_on) == (True, 3, None)
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


def test_the_bytes_of_every_signed_scan_are_held(database: Database, closed: Closed) -> None:
    places = (
        "延期申请第1条·扫描件内容（延期签字.pdf）",
        "签字背书第1条·扫描件内容（销号签字.pdf）",
    )
    for scan, place in zip(closed.scans, places, strict=True):
        whole = scan.read_bytes()
        scan.write_bytes(whole[:-1] + b"x")
        with database.reading() as session:
            assert found(session, closed) == {place}
        scan.write_bytes(whole)
    with database.writing() as session:
        take_guards_off(session, database)
        session.execute(text("UPDATE sign_offs SET file_id = NULL"))
        assert found(session, closed) == {
            *("签字背书第1条·签字扫描件", "签字背书第1条·扫描件SHA-256", places[1])
        }
        session.rollback()


def test_a_state_changed_without_a_step_is_no_reopening(database: Database, closed: Closed) -> None:
    with database.writing() as session:
        session.execute(text("UPDATE tasks SET state = 'in_progress'"))
        assert found(session, closed) == {"销号结论"}
        session.rollback()


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


def test_after_a_second_closing_both_forms_stay_checkable_by_code_and_by_file(
    app: Flask, database: Database, people: Cast, closed: Closed, clock: ManualClock
) -> None:
    lead, page = enter(app, "lead"), f"/tasks/{closed.task_id}/certificate"
    first = lead.get(f"{page}/docx").get_data()
    close_again(database, people, closed, clock)
    second = lead.get(f"{page}/docx").get_data()
    assert first != second
    for data, is_superseded in ((first, True), (second, False)):
        lead.post(VERIFY, {"file": (io.BytesIO(data), "表.docx")})
        assert "完全一致" in lead.text
        assert ("重新整改，记录依程序有了新内容" in lead.text) is is_superseded
    with database.writing() as session:
        session.execute(text("UPDATE measures SET text = '改了'"))
        session.commit()
    for data, word in ((first, "完全一致"), (second, "整改措施第1条·措施")):
        lead.post(VERIFY, {"file": (io.BytesIO(data), "表.docx")})
        assert word in lead.text
    closed.scans[1].write_bytes(b"x")
    for data in (first, second):
        lead.post(VERIFY, {"file": (io.BytesIO(data), "表.docx")})
        assert "签字背书第1条·扫描件内容" in lead.text


def close_again(database: Database, people: Cast, closed: Closed, clock: ManualClock) -> None:
    """重新整改, and the whole way to a second closing."""
    lead, head, liaison = (people.actor(name) for name in ("lead", "head_a", "liaison_a"))
    with database.writing() as session:
        task = get_task(session, closed.task_id, actor=lead)
        reopen_task(session, task, "反弹", date(2026, 12, 31), actor=lead, now=clock.now())
        progress = Progress(
            text="再次整改完成",
            completion=CompletionClass.DONE,
            done_on=date(2026, 11, 16),
            done_measures=frozenset(each.id for each in task.measures),
        )
        request_closure(session, task, progress, actor=liaison, now=clock.now())
        session.flush()  # the step looks at the database
        sign_closure(session, task, actor=head, now=clock.now())
        session.flush()  # the step looks at the database
        close_task(session, task, actor=lead, now=clock.now())
        session.commit()


def keep_in_first_shape(session: Session, database: Database, closed: Closed) -> Content:
    """Put a form in place of the kept one as it was kept before the history was printed."""
    take_guards_off(session, database)
    kept = loaded(session, closed)
    whole = read_canonical(kept.content)
    older = Content(
        facts={key: whole.facts[key] for key in FIRST_FACTS},
        lines={
            section: [{key: line[key] for key in keys} for line in whole.lines[section]]
            for section, keys in FIRST_LINES.items()
        },
    )
    content = canonical(older)
    session.execute(update(ClosureCertificate).values(content=content, code=code_of(content)))
    record(
        session,
        CERTIFIED,
        actor=TESTER,
        now=kept.made_at,
        object_type="task",
        object_id=closed.task_id,
        detail={"code": code_of(content)},
    )
    return older


def test_a_form_of_the_first_shape_is_held_to_what_it_printed_and_no_more(
    app: Flask, database: Database, closed: Closed
) -> None:
    with database.writing() as session:
        older = keep_in_first_shape(session, database, closed)
        session.commit()
        assert found(session, closed) == set()
        session.execute(text("UPDATE issues SET detail = '别的', cause = NULL, cat_l1 = '别类'"))
        session.execute(text("UPDATE sign_offs SET file_id = NULL"))
        session.execute(text("UPDATE task_transitions SET reason = '别的' WHERE verb = 'made'"))
        session.execute(delete(TaskUnit))
        closed.scans[0].write_bytes(b"x")
        assert found(session, closed) == set()
        session.execute(text("UPDATE issues SET text = '改轻了的问题。'"))
        session.execute(text("UPDATE sign_offs SET pledge = '别的'"))
        closed.path.write_bytes(b"x")
        assert found(session, closed) == {
            *("反馈问题", "签字背书第1条·承诺", "佐证材料第1条·文件内容（办法.pdf）")
        }
        session.rollback()
    printed = paragraphs_of(certificate_docx(older))
    assert [text for text in printed if "、" in text and "第" not in text][-1] == "八、验证码"
    assert "第1条" not in printed
    lead = enter(app, "lead")
    lead.get(f"/tasks/{closed.task_id}/certificate")
    assert "办理过程" not in lead.text


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
    page, check = f"/tasks/{closed.task_id}/certificate", VERIFY
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
    for name in ("east_liaison", "east_clerk"):
        visitor = enter(app, name)
        assert visitor.get(page).status_code == 404
        assert visitor.get(f"{page}/docx").status_code == 404
        assert visitor.post(VERIFY, {"code": code}).status_code == 422
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
