"""Export → import into another round → export says the same, whatever the ledger holds."""

import io
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, preview
from tests.ledgers.factory import HEADER, ledger
from tracker.kernel.db import Database
from tracker.ledger.columns import COLUMNS, DEADLINES, Field
from tracker.ledger.exporting import export_ledger
from tracker.ledger.inspection import inspect_file
from tracker.ledger.landing import apply_import
from tracker.ledger.queries import count_rows
from tracker.ledger.rules import RowFate
from tracker.ledger.template import ledger_columns
from tracker.ledger.texts import says_nothing
from tracker.rounds.models import Round
from tracker.spreadsheets.tables import Table
from tracker.spreadsheets.writer import write_workbook

OWN_COLUMNS = ("自定栏", "备查（一）")
SIGNS = "整改问题学习不深入，。；：、（）“”《》=+-@'＝＋0123456789.．①一二是无/ \n😀👨‍👩‍👧龘㐀𠀀Aa%"
NAMES = ("张三", "李四", "欧阳修", "阿依古丽·买买提", "王小五")
DUES = ("2026年12月底前", "2026-11-30", "长期坚持", "立行立改", "尽快", "2026年10月底前，并长期坚持", "集中整改期内")  # fmt: skip
DAYS = ("2026-10-10", "2026.10.20", date(2026, 11, 2), None)
TRICKY = ("=1+1", "+86 10", "-5", "@甲", "＝1+1", "'=1+1", "''=x", "'甲", "007", "00012345678901234567", "1-2", "3/4", "2026-11-16",
          "2026年11月16日", "46356", "1E5", "TRUE", "#REF!", "甲\n乙", "甲\n\n乙", "😀👨‍👩‍👧", "㐀𠀀龘", "a\u00a0b", "。", "{=SUM(A1)}", "<b>&amp;</b>")  # fmt: skip
FREE_TEXTS = (Field.UNIT, Field.ISSUE, Field.DETAIL, Field.CAUSE, Field.GOAL, Field.MEASURE, Field.PROGRESS, Field.EVIDENCE,
              Field.UNFINISHED, Field.REMARK)  # fmt: skip


def tidy(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))


texts = st.text(SIGNS, min_size=1, max_size=60).map(tidy).filter(lambda t: not says_nothing(t))
long_texts = st.builds(lambda text, n: tidy(text * n), texts, st.sampled_from([1, 1, 1, 150]))
maybe = st.none() | texts
names = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map("、".join)


@st.composite
def issues(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw the rows of one issue: one per measure, everything else said in the first."""
    closed = draw(st.booleans())
    first = {
        "被巡察单位": draw(st.sampled_from(["市甲局", "市乙局"])),
        "一级类别": draw(maybe), "二级类别": draw(maybe), "问题性质": "个性",
        "反馈问题": draw(long_texts), "具体表现": draw(maybe), "原因分析": draw(maybe), "整改目标": draw(maybe),
        "责任领导": draw(names), "牵头部门": draw(maybe), "配合部门": draw(st.sampled_from(["财务科、审计科", None])),
        "责任人": draw(names), "整改类型": draw(st.sampled_from(["限期", "长期", "立行立改", None])),
        "整改进展": draw(st.none() | long_texts), "完成情况": draw(st.sampled_from(["已完成", "未完成", "推进顺利", None])),
        "完成时间": draw(st.sampled_from(DAYS)), "佐证材料": draw(maybe),
        "建章立制": draw(st.none() | st.integers(0, 9)), "追责问责": draw(st.none() | st.integers(0, 9)),
        "挽回损失": draw(st.sampled_from([None, 0, 1.5, "2000元"])),
        "是否销号": "是" if closed else "否", "销号时间": draw(st.sampled_from(DAYS)) if closed else None,
        "未完成原因及下步打算": draw(maybe), "备注": draw(maybe), "自定栏": draw(maybe), "备查（一）": draw(maybe),
    }  # fmt: skip
    lines = draw(st.lists(texts, min_size=1, max_size=3))
    dues = [draw(st.sampled_from(DUES)) for _ in lines]
    rows = [{"整改措施": m, "整改时限": d} for m, d in zip(lines, dues, strict=True)]
    return [{**first, **rows[0]}, *rows[1:]]


def as_file(drawn: list[list[dict[str, Any]]]) -> bytes:
    titles = [title.split("(")[0] for title in HEADER] + list(OWN_COLUMNS)
    merged = [
        place for place, title in enumerate(titles, 1) if title not in ("整改措施", "整改时限")
    ]
    rows: list[list[Any]] = []
    merges: list[str] = []
    numbers = count(1)
    for issue in drawn:
        top = len(rows) + 2
        issue[0]["问题编号"] = f"P-{next(numbers)}"
        rows += [[_kept(row.get(title)) for title in titles] for row in issue]
        if len(issue) > 1:
            last = len(rows) + 1
            letters = map(get_column_letter, merged)
            merges += [f"{letter}{top}:{letter}{last}" for letter in letters]
    return ledger(rows, header=(*HEADER, *OWN_COLUMNS), merges=merges)


def _kept(value: Any) -> Any:
    """Write a text that Excel would take for a formula with the apostrophe that marks it as text."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.lstrip("'")[:1] in tuple("=+-@＝＋")
        else value
    )


def through(
    database: Database, content: bytes, folder: Path, people: Cast, clock: ManualClock
) -> tuple[bytes, list[dict[str, Any]]]:
    """Bring a ledger into an office that has none yet; return its export, as file and as rows."""
    clerk = people.actor("clerk")
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), fed_back_on=FED_BACK)
        batch = preview(session, content, work.round_id, folder, actor=clerk, now=clock.now())
        assert count_rows(session, batch)[RowFate.REFUSED] == 0
        apply_import(session, batch, actor=clerk, now=clock.now())
        session.expire_all()
        exported = told(session, work.round_id, people, clock)
        session.rollback()
    return exported


def told(
    session: Session, round_id: int, people: Cast, clock: ManualClock
) -> tuple[bytes, list[dict[str, Any]]]:
    tour = session.get_one(Round, round_id)
    content = export_ledger(session, tour, actor=people.actor("clerk"), now=clock.now())
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    titles = [str(cell.value) for cell in sheet[2]]
    rows = [
        dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=3, values_only=True)
    ]
    return content, [{t: v for t, v in row.items() if t != "巡察轮次"} for row in rows]


def examples(count: int) -> settings:
    return settings(
        max_examples=count, phases=[Phase.explicit, Phase.generate], deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip


Drawn = tuple[
    str, int
]  # a text, and how long it is to become: a cell of 32,000 signs is no good to print
written_rows = st.lists(
    st.fixed_dictionaries(
        {
            wanted: st.tuples(
                st.sampled_from(TRICKY) | texts, st.sampled_from([0, 0, 0, 0, 32_000])
            )
            for wanted in FREE_TEXTS
        }
    ),
    min_size=1,
    max_size=4,
)


def written_and_read(drawn: list[dict[Field, Drawn]]) -> None:
    """Write rows in our template and read them: the same texts, in the same rows."""
    rows = [{wanted: _lengthened(*told) for wanted, told in row.items()} for row in drawn]
    cells = [[row.get(column.field) for column in COLUMNS] for row in rows]
    table = Table("整改台账", ledger_columns(), cells, title="整改台账")
    content = write_workbook([table], created_at=datetime(2026, 11, 16, tzinfo=UTC))
    reading = inspect_file(io.BytesIO(content), name="台账.xlsx", feedback_on=FED_BACK)
    found = [{wanted: item.text(wanted) for wanted in FREE_TEXTS} for item in reading.items]
    assert found == rows


def _lengthened(text: str, length: int) -> str:
    """Repeat a text to so many UTF-16 units at most, in which Excel counts."""
    longer = (text * length).encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore")
    return tidy(longer) if length else text


@examples(30)
@given(rows=written_rows)
def test_what_is_written_is_read_the_same(rows: list[dict[Field, Drawn]]) -> None:
    written_and_read(rows)


@pytest.mark.slow
@examples(1_000)
@given(rows=written_rows)
def test_what_is_written_is_read_the_same_at_length(rows: list[dict[Field, Drawn]]) -> None:
    written_and_read(rows)


@examples(6)
@given(drawn=st.lists(issues(), min_size=1, max_size=4))
def test_an_export_brought_in_elsewhere_is_exported_the_same(
    database: Database,
    people: Cast,
    clock: ManualClock,
    tmp_path: Path,
    drawn: list[list[dict[str, Any]]],
) -> None:
    content, before = through(database, as_file(drawn), tmp_path, people, clock)
    _, after = through(database, content, tmp_path, people, clock)
    assert after == before


@pytest.mark.slow
@examples(200)
@given(drawn=st.lists(issues(), min_size=1, max_size=4))
def test_an_export_brought_in_elsewhere_is_exported_the_same_at_length(
    database: Database,
    people: Cast,
    clock: ManualClock,
    tmp_path: Path,
    drawn: list[list[dict[str, Any]]],
) -> None:
    content, before = through(database, as_file(drawn), tmp_path, people, clock)
    _, after = through(database, content, tmp_path, people, clock)
    assert after == before


def test_every_exported_column_and_every_extra_one_comes_back(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    full: dict[str, Any] = {
        "被巡察单位": "市甲局", "一级类别": "党的领导", "二级类别": "学习", "问题性质": "个性", "反馈问题": "学习不深入\n第二行😀",
        "具体表现": "表现", "原因分析": "原因", "整改目标": "目标", "整改措施": "措施", "责任领导": "张三", "牵头部门": "办公室",
        "配合部门": "财务科", "责任人": "李四", "联系电话": "13900000001", "整改时限": "2026年12月底前", "整改类型": "限期",
        "整改进展": "进展", "完成情况": "已完成", "完成时间": "2026-10-10", "佐证材料": "会议记录", "建章立制": 3, "追责问责": 2,
        "挽回损失": 1.5, "是否销号": "是", "销号时间": "2026-10-20", "未完成原因及下步打算": "打算", "备注": "备注",
        "自定栏": "自定", "备查（一）": "备查",
    }  # fmt: skip
    content, before = through(database, as_file([[full]]), tmp_path, people, clock)
    _, after = through(database, content, tmp_path, people, clock)
    empty = {title for title, value in before[0].items() if value is None}
    assert empty == {"巡察组"}
    assert before[0]["自定栏"] == "自定"
    assert set(before[0]) == {*HEADER, DEADLINES, *OWN_COLUMNS} - {"巡察轮次"}
    assert after == before
