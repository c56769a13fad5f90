"""更正 in the preview: a cell typed anew on the page is read again as if it stood in the file."""

import html
import json
import re

import pytest
from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, mixed_ledger, template_ledger
from tests.ledger.test_imports import upload
from tests.ledgers.factory import ledger
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.ledger.models import ImportBatch, ImportCorrection, ImportRow
from tracker.rectification.models import Task

UNIT, DUE, ISSUE = "text-7-unit-整改台账", "text-6-due-整改台账", "text-8-issue-整改台账"
RULED = {UNIT: "市乙局", DUE: "2026年12月底前", ISSUE: "补写的问题"}


@pytest.fixture
def round_id(database: Database, people: Cast, clock: ManualClock) -> int:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a", "b"), fed_back_on=FED_BACK)
        session.commit()
    return work.round_id


@pytest.fixture
def page(visitor: Visitor, round_id: int) -> str:
    visitor.sign_in("clerk")
    return upload(visitor, round_id, mixed_ledger(), fed_back_on=FED_BACK.isoformat())


def shown(visitor: Visitor, page: str) -> dict[str, str]:
    """Return the inputs of the page with their values."""
    text = visitor.get(page).get_data(as_text=True)
    inputs = re.findall(r'<input[^>]*?name="(text-[^"]+)"\s+value="([^"]*)"', text)
    areas = re.findall(
        r'<textarea[^>]*?name="(text-[^"]+)"[^>]*>\n?(.*?)</textarea>', text, re.DOTALL
    )
    return {html.unescape(name): html.unescape(value) for name, value in [*inputs, *areas]}


def fates(database: Database) -> dict[int, str]:
    with database.reading() as session:
        return {row.row_no: row.fate.value for row in session.scalars(select(ImportRow))}


def standing(database: Database) -> list[tuple[int, str, str, str]]:
    query = select(ImportCorrection).where(ImportCorrection.is_standing)
    with database.reading() as session:
        return [(r.row_no, r.field, r.before, r.text) for r in session.scalars(query)]


def test_every_doubt_has_its_cell_its_value_its_reason_and_an_input(
    visitor: Visitor, page: str
) -> None:
    found = shown(visitor, page)
    assert found[UNIT] == "市无此局"
    assert found[DUE] == "尽快完成"
    assert found[ISSUE] == ""
    for words in (
        "第 7 行",
        "整改台账",
        "单位库里没有“市无此局”",
        "不能识别为日期",
        "反馈问题是空的",
    ):
        assert words in visitor.text
    assert '<option value="市乙局">' in visitor.text
    assert 'type="date" name="day-6-due-整改台账"' in visitor.text


def test_several_cells_corrected_at_once_are_read_again_and_imported(
    database: Database, visitor: Visitor, page: str
) -> None:
    before = fates(database)
    assert (before[6], before[7], before[8]) == ("doubtful", "refused", "refused")
    answer = visitor.post(page, {**shown(visitor, page), **RULED})
    assert answer.status_code == 302
    after = fates(database)
    assert (after[6], after[7], after[8]) == ("new", "new", "new")
    assert sorted(standing(database)) == [
        (6, "due", "尽快完成", "2026年12月底前"),
        (7, "unit", "市无此局", "市乙局"),
        (8, "issue", "", "补写的问题"),
    ]
    visitor.get(f"{page}?show=corrected")
    for words in ("已更正为“市乙局”，原为“市无此局”", "已更正为“补写的问题”，原为“（空）”"):
        assert words in visitor.text
    visitor.post(f"{page}/apply", via=page)
    with database.reading() as session:
        assert session.scalar(select(func.count(Task.id))) == 8
        dues = set(session.scalars(select(Task.due_text_raw)))
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "ledger_cells_corrected")
        ).one()
    assert "尽快完成" not in dues
    detail = json.dumps(entry.detail, ensure_ascii=False)
    assert "市乙局" not in detail
    assert "补写的问题" not in f"{detail}{entry.changes}"


def test_a_picked_day_goes_before_the_text_beside_it(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, {DUE: "尽快完成", "day-6-due-整改台账": "2026-11-30"})
    assert standing(database) == [(6, "due", "尽快完成", "2026-11-30")]
    assert fates(database)[6] == "new"


def test_a_wrong_correction_is_told_like_a_wrong_cell_and_may_be_taken_back(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, {UNIT: "又一个不存在的局"})
    assert fates(database)[7] == "refused"
    visitor.get(page)
    assert "单位库里没有“又一个不存在的局”" in visitor.text
    assert "原为“市无此局”" in visitor.text
    visitor.post(page, {UNIT: "市乙局"})
    assert standing(database) == [(7, "unit", "市无此局", "市乙局")]
    with database.reading() as session:
        kept = [(r.text, r.is_standing) for r in session.scalars(select(ImportCorrection))]
        number = session.scalars(select(ImportCorrection.id).order_by(ImportCorrection.id)).all()[
            -1
        ]
    assert sorted(kept) == [("又一个不存在的局", False), ("市乙局", True)]
    there = f"{page}?show=corrected"
    assert f'name="take_back" value="{number}"' in visitor.get(there).get_data(as_text=True)
    visitor.post(there, {"take_back": str(number)})
    assert standing(database) == []
    assert fates(database)[7] == "refused"


def test_typing_what_the_file_says_takes_a_correction_back(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, {UNIT: "市乙局"})
    visitor.post(page, {UNIT: "市无此局"})
    assert standing(database) == []
    assert fates(database)[7] == "refused"


def test_nothing_typed_is_lost_beside_what_somebody_else_corrected_meanwhile(
    database: Database, visitor: Visitor, page: str
) -> None:
    old = {"version": "1", UNIT: "市丁局"}
    visitor.post(page, {DUE: "2026-12-31"})
    assert visitor.post(page, old).status_code == 409
    assert shown(visitor, page)[UNIT] == "市无此局"
    assert f'value="{old[UNIT]}"' in visitor.post(page, old).get_data(as_text=True)
    assert standing(database) == [(6, "due", "尽快完成", "2026-12-31")]
    gone = {"version": "1", DUE: "2026-11-30"}
    visitor.post(page, gone)
    assert "第 6 行：2026-11-30" in visitor.text


def test_what_cannot_be_a_correction_changes_nothing(
    database: Database, visitor: Visitor, page: str
) -> None:
    wrong: list[dict[str, str]] = [
        {},
        {UNIT: "市无此局"},
        {UNIT: "长" * 10_001},
        {"text-1-issue-整改台账": "标题行"},
        {"text-9999-issue-整改台账": "没有的行"},
        {"text-7-nothing-整改台账": "没有的栏"},
        {"take_back": "999"},
    ]
    for fields in wrong:
        assert visitor.post(page, fields).status_code == 422, fields
    assert standing(database) == []
    with database.reading() as session:
        assert session.scalars(select(ImportBatch.version)).one() == 1


def test_a_merged_cell_is_corrected_once_for_all_its_rows(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    rows = [
        {"被巡察单位": "市无此局", "反馈问题": "甲", "整改措施": "一", "整改时限": "2026-12-31"},
        {"整改措施": "二", "整改时限": "2026-12-31"},
    ]
    visitor.sign_in("clerk")
    content = template_ledger(*rows, merges=("D2:D3", "I2:I3"))
    page = upload(visitor, round_id, content, fed_back_on=FED_BACK.isoformat())
    found = shown(visitor, page)
    assert [name for name in found if "-unit-" in name] == ["text-2-unit-整改台账"]
    assert "与第 2 行是同一个合并单元格" in visitor.text
    visitor.post(page, {"text-2-unit-整改台账": "市甲局"})
    assert fates(database) == {1: "ignored", 2: "new", 3: "new"}


def test_a_column_the_file_lacks_can_be_filled_in(
    database: Database, visitor: Visitor, round_id: int
) -> None:
    content = ledger(
        [["问题甲", "措施甲", "2026-12-31"]], header=("反馈问题", "整改措施", "整改时限")
    )
    visitor.sign_in("clerk")
    page = upload(visitor, round_id, content, fed_back_on=FED_BACK.isoformat())
    name = next(name for name in shown(visitor, page) if "-unit-" in name)
    assert "文件没有这一列" in visitor.text
    visitor.post(page, {name: "市甲局"})
    assert list(fates(database).values())[-1] == "new"


def test_corrections_stay_through_the_matching_of_columns(
    database: Database, visitor: Visitor, page: str
) -> None:
    visitor.post(page, {UNIT: "市乙局", DUE: "2026-12-31"})
    columns = f"{page}/columns"
    text = visitor.get(columns).get_data(as_text=True)
    selects = re.findall(r'<select[^>]*name="(meanings-\d+)"[^>]*>(.*?)</select>', text, re.DOTALL)
    chosen = {name: re.findall(r'selected[^>]*value="(\w+)"', body)[0] for name, body in selects}
    assert visitor.post(columns, {**chosen, "meanings-30": "skipped"}).status_code == 302
    assert (fates(database)[6], fates(database)[7]) == ("new", "new")
    place = next(name for name, code in chosen.items() if code == "due")
    assert visitor.post(columns, {**chosen, place: "skipped"}).status_code == 302
    with database.reading() as session:
        row = session.scalars(select(ImportRow).where(ImportRow.row_no == 6)).one()
    assert json.loads(row.cells)["due"][0] == ""
    assert not row.is_corrected


def test_an_import_that_is_done_or_of_another_office_is_not_corrected(
    database: Database, visitor: Visitor, page: str
) -> None:
    other = Visitor(visitor.app)
    other.sign_in("east_clerk")
    assert other.post(page, {UNIT: "市乙局", "version": "1"}, via="/imports").status_code == 404
    visitor.post(f"{page}/cancel", via=page)
    version = {"version": "2", UNIT: "市乙局"}
    assert visitor.post(page, version, via="/imports/new").status_code == 422
    assert "不能再办理" in visitor.text
    visitor.get(page)
    assert "text-7-unit" not in visitor.text
    assert standing(database) == []
