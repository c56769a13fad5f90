"""粘贴台账: a table pasted into the page becomes a file and is previewed like one."""

import html
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK
from tests.visitor import Visitor
from tracker.files.models import StoredFile
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.ledger.models import ImportBatch, ImportRow
from tracker.ledger.pasting import COLUMNS, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS, tsv_of
from tracker.rectification.models import Task

HEADED = '被巡察单位\t反馈问题\t整改措施\t整改时限\r\n市甲局\t"台账问题\n第二行"\t措施\t2026年12月底前\r\n'
BARE = '市甲局\t3-1\t"三重一大"不落实\t措施\t\t\t\t\t2026年12月底前\n'


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        session.commit()
    return work.round_id


def paste(visitor: Visitor, round_id: int, table: str, **more: str) -> str:
    """Send the form; return where it leads, or "" when it was refused."""
    fields = {"round_id": str(round_id), "fed_back_on": "", "table": table, **more}
    response = visitor.post("/imports/paste", fields)
    assert response.status_code in (302, 422)
    return response.headers.get("Location", "")


def test_a_pasted_table_with_its_own_header_is_kept_as_a_file_and_previewed(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = paste(visitor, round_id, HEADED)
    assert re.fullmatch(r"/imports/\d+", page)
    visitor.get(f"{page}?show=new")
    assert "台账问题\n第二行" in visitor.text
    with database.reading() as session:
        file = session.scalars(select(StoredFile)).one()
        assert (file.original_name, file.extension) == ("粘贴的台账.tsv", "tsv")
    visitor.post(f"{page}/apply", via=page)
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 1


def test_a_table_without_a_header_stands_under_our_columns(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    visitor.sign_in("clerk")
    page = paste(visitor, round_id, BARE)
    visitor.get(f"{page}?show=new")
    assert "&#34;三重一大&#34;不落实" in visitor.text
    assert tsv_of(BARE).decode().split("\n")[0] == "\t".join(COLUMNS)
    assert tsv_of("某某台账\n" + HEADED).decode().startswith("某某台账\n被巡察单位\t")


def test_a_header_in_words_of_their_own_leads_to_the_columns(
    visitor: Visitor, round_id: int
) -> None:
    table = "党委\t查摆情形\t举措要点\t办结节点\n市甲局\t问题\t措施\t2026-12-31\n"
    visitor.sign_in("clerk")
    assert paste(visitor, round_id, table, has_header="y").endswith("/columns")


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (" \t\n\n", "请填写表格内容"),
        ("甲\n" * (MAX_ROWS + 1), f"粘贴了 {MAX_ROWS + 1} 行，最多 {MAX_ROWS} 行"),
        ("甲\t" * MAX_COLUMNS + "乙", f"最多 {MAX_COLUMNS} 列"),
        ("长" * (MAX_CHARACTERS + 1), "超过 50 万字"),
        ("\t\t甲\n乙", "没有找到台账表头"),
    ],
)
def test_what_cannot_be_taken_is_told_and_stays_on_the_page(
    database: Database, visitor: Visitor, round_id: int, table: str, sentence: str
) -> None:
    visitor.sign_in("clerk")
    more = {"has_header": "y"} if "台账表头" in sentence else {}
    assert paste(visitor, round_id, table, **more) == ""
    assert sentence in visitor.text
    kept = re.findall(r'<textarea[^>]*name="table"[^>]*>\r?\n(.*?)</textarea>', visitor.text, re.S)
    assert html.unescape(kept[0]) == table
    with database.reading() as session:
        assert session.scalar(select(func.count(ImportBatch.id))) == 0


def test_nothing_at_all_is_no_table() -> None:
    with pytest.raises(DomainError, match="还没有内容"):
        tsv_of("\n\t\n")


def test_what_was_pasted_is_kept_through_an_ended_session(visitor: Visitor, round_id: int) -> None:
    visitor.sign_in("clerk")
    visitor.get("/imports/paste")
    fields = {"round_id": str(round_id), "table": HEADED}
    visitor.client.delete_cookie("session")
    visitor.post("/imports/paste", fields, via="/sign-in")
    assert 'name="kept"' in visitor.text


def test_only_the_office_pastes(visitor: Visitor, round_id: int) -> None:
    visitor.sign_in("lead")
    assert visitor.get("/imports/paste").status_code == 403


def test_a_pasted_formula_is_text(
    app: Flask, database: Database, visitor: Visitor, round_id: int, tmp_path: Path
) -> None:
    visitor.sign_in("clerk")
    table = HEADED.replace("措施\t2026", "=HYPERLINK(1)\t2026")
    paste(visitor, round_id, table)
    with database.reading() as session:
        cells = [row.cells for row in session.scalars(select(ImportRow))]
    assert any("=HYPERLINK(1)" in each for each in cells)
