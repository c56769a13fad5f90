"""A paragraph that is sent: registered with its text frozen in a file."""

import html
import re
from io import BytesIO

import docx
import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.cast import Cast
from tests.visitor import Visitor
from tracker.dispatches.models import Dispatch
from tracker.kernel.db import Database

PAGE = "/summaries/letters/dispatch"
SENT = {"addressee": "市委办公室", "doc_no": "云巡办〔2026〕9号", "sent_on": "2026-11-16"}


@pytest.fixture
def clerk(app: Flask, people: Cast) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in("clerk")
    return visitor


def filled(clerk: Visitor, page: str = PAGE, **changes: str) -> dict[str, str]:
    """Return the form as the page offers it, filled in."""
    clerk.get(page)
    digest = re.search(r'name="text_sha256"[^>]*value="(\w{64})"', clerk.text)
    subject = re.search(r'name="subject"[^>]*value="([^"]+)"', clerk.text)
    assert digest
    assert subject
    offered = {"subject": subject[1], "text_sha256": digest[1], "is_confirmed_not_secret": "y"}
    return {**offered, **SENT, **changes}


def test_one_click_registers_a_paragraph_with_its_text_and_day(
    clerk: Visitor, database: Database
) -> None:
    clerk.get("/summaries?as_of=2026-10-31")
    assert f"{PAGE}?region=CITY&as_of=2026-10-31" in html.unescape(clerk.text)
    page = f"{PAGE}?as_of=2026-10-31"
    assert clerk.post(page, filled(clerk, page)).status_code == 302, clerk.text
    with database.reading() as session:
        row = session.scalars(select(Dispatch)).one()
        assert (row.subject, str(row.as_of)) == ("云州市函件、约谈与督查", "2026-10-31")
        assert row.file is not None
        digest = row.file.sha256
        assert row.file.original_name.endswith("（数据截至2026年10月31日）.docx")
    text = "\n".join(
        line.text
        for line in docx.Document(BytesIO(clerk.get("/dispatches/1/file").data)).paragraphs
    )
    assert "空缺“督查”：" in text  # the basis, and why a place is blank
    assert "数据截至2026年10月31日" in text
    clerk.get("/dispatches/1")
    assert "共报送 1 次" in clerk.text
    assert digest in clerk.text
    clerk.get(PAGE)
    assert "已报送 1 次" in clerk.text


def test_words_changed_after_sending_leave_what_was_sent(clerk: Visitor) -> None:
    clerk.post(PAGE, filled(clerk))
    before = clerk.get("/dispatches/1/file").data
    edit = "/summaries/letters/edit"
    clerk.get(edit)
    clerk.post(edit, {"body": "另一段文字。", "version": "0", "submit": "保存"})
    assert clerk.get("/dispatches/1/file").data == before


def test_what_changed_while_the_form_was_open_is_shown_before_it_is_kept(
    clerk: Visitor, database: Database
) -> None:
    form = filled(clerk)
    edit = "/summaries/letters/edit"
    clerk.get(edit)
    clerk.post(edit, {"body": "另一段文字。", "version": "0", "submit": "保存"})
    clerk.get(PAGE)
    assert clerk.post(PAGE, form).status_code == 422
    assert "有了变化" in clerk.text
    assert "另一段文字" in clerk.text
    with database.reading() as session:
        assert session.scalars(select(Dispatch)).all() == []
    assert clerk.post(PAGE, filled(clerk)).status_code == 302


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"is_confirmed_not_secret": ""}, "请先确认不涉密"),
        ({"addressee": ""}, "报送对象"),
        ({"sent_on": "2026-11-15"}, "数据截至日不能晚于"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    clerk: Visitor, database: Database, changes: dict[str, str], sentence: str
) -> None:
    assert clerk.post(PAGE, filled(clerk, **changes)).status_code == 422
    assert sentence in clerk.text
    with database.reading() as session:
        assert session.scalars(select(Dispatch)).all() == []


def test_a_paragraph_that_is_none_is_not_found(clerk: Visitor) -> None:
    assert clerk.get("/summaries/nothing/dispatch").status_code == 404
    assert clerk.get("/summaries/district/dispatch").status_code == 404  # a county's
