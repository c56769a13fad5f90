"""整改销号审批表 as people meet it: printed, downloaded, checked by code and by file."""

import io
import re
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Flask
from sqlalchemy import select, text

from tests.documents.reading import TITLE, begin
from tests.factories.cast import Cast
from tests.factories.work import Work
from tests.fakes.clock import ManualClock
from tests.rectification.certified import DONE, Closed, closed, loaded, work
from tests.visitor import Visitor
from tracker.documents.reading import paragraphs_of
from tracker.kernel.db import Database
from tracker.rectification.certificate_docx import certificate_docx
from tracker.rectification.models import (
    ClosureCertificate,
)
from tracker.rectification.rules.certificate import (
    grouped,
    read_canonical,
)
from tracker.rectification.rules.words import (
    TaskState,
)

__all__ = ["closed", "work"]


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


def test_an_old_closing_gets_its_form_at_the_first_print(
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
    assert clerk.get(f"{page}/docx").status_code == 200
    assert clerk.get(f"{page}/docx").status_code == 200
    clerk.get(page)
    assert "历史导入" in clerk.text
    assert "完全一致" in clerk.text
    with database.reading() as session:
        assert len(session.scalars(select(ClosureCertificate)).all()) == 1
