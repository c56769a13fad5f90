"""What header words mean, what a person may choose for columns, and what is learned from it."""

import io
from collections.abc import Sequence
from unicodedata import normalize

import pytest

from tests.ledgers.factory import HEADER, full_row, ledger
from tracker.ledger.columns import Field
from tracker.ledger.header_words import (
    ISSUE_SIGNS,
    SYNONYMS,
    TITLES,
    HeaderWords,
    Meaning,
    Unread,
    key_of,
    meaning_from,
)
from tracker.ledger.inspection import inspect_file
from tracker.ledger.layouts import ColumnReading, Origin, TableLayout
from tracker.ledger.matching import (
    FaultKind,
    faults_of,
    group_tables,
    not_heeded,
    wants_eyes,
    words_to_learn,
)
from tracker.ledger.reading_result import LedgerReading

F, U = Field, Unread


def read(
    header: Sequence[str], *rows: Sequence[str], merges: tuple[str, ...] = (), **learned: Meaning
) -> LedgerReading:
    """Read a sheet by an office's words, given as 词=meaning."""
    content = ledger([list(row) for row in rows], header=list(header), merges=merges)
    return inspect_file(io.BytesIO(content), name="台账.xlsx", words=HeaderWords(learned))


def meanings(reading: LedgerReading) -> dict[str, Meaning]:
    return {column.label: column.meaning for column in reading.layouts[0].columns}


def column(label: str, meaning: Meaning, origin: Origin = Origin.SHIPPED) -> ColumnReading:
    return ColumnReading("A 列", label, label, meaning, origin, ())


def table(*columns: ColumnReading, sheet: str = "台账", is_read: bool = True) -> TableLayout:
    return TableLayout(sheet, 1, is_read, columns)


ISSUE = column("反馈问题", F.ISSUE)
MEASURE = column("整改措施", F.MEASURE)
DUE = column("整改时限", F.DUE)
ODD = column("销号台次", U.EXTRA, Origin.UNKNOWN)


def test_a_word_is_kept_squeezed_and_a_header_of_two_rows_from_top_to_bottom() -> None:
    assert key_of(["姓　名", "责任 人*"]) == "责任人 / 姓名"
    assert meaning_from("skipped") is U.SKIPPED
    assert meaning_from("due") is F.DUE


def test_a_learned_word_reads_where_the_shipped_ones_know_nothing() -> None:
    rows = ("查摆情形", "举措", "办结节点"), ("学习不深入", "制定计划", "2025年6月底前")
    assert read(*rows).refused is not None
    reading = read(*rows, 查摆情形=F.ISSUE, 举措=F.MEASURE, 办结节点=F.DUE)
    assert reading.refused is None
    assert reading.items[0].measures == ("制定计划",)
    assert reading.items[0].due.raw == "2025年6月底前"


def test_a_learned_word_goes_before_a_synonym_and_not_before_our_own_title() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "责任单位", "牵头部门")
    row = ("甲", "乙", "2025年6月底前", "某局", "某科")
    assert meanings(read(header, row, 责任单位=F.UNIT))["责任单位"] is F.UNIT
    both = meanings(read((*header, "被巡察单位"), (*row, "某局"), 责任单位=F.UNIT))
    assert both["被巡察单位"] is F.UNIT
    assert both["责任单位"] is U.EXTRA
    longer = ("反馈问题", "具体表现", *header[1:])
    swapped = meanings(read(longer, ("甲", *row), 反馈问题=F.DETAIL, 具体表现=F.ISSUE))
    assert (swapped["反馈问题"], swapped["具体表现"]) == (F.DETAIL, F.ISSUE)


def test_our_own_columns_read_the_same_in_an_office_that_calls_one_otherwise() -> None:
    row = full_row({"反馈问题": "甲", "整改措施": "乙", "责任领导": "张甲", "责任人": "李乙"})
    plain = read(HEADER, row)
    assert read(HEADER, row, 责任人=F.LEAD_LEADER).items == plain.items


def test_a_column_not_to_be_imported_is_left_out_and_said_so() -> None:
    header, row = ("反馈问题", "整改措施", "整改时限", "台次"), ("甲", "乙", "6月", "丙")
    assert read(header, row).items[0].extra == {"台次": "丙"}
    reading = read(header, row, 台次=U.SKIPPED)
    assert reading.items[0].extra == {}
    assert meanings(reading)["台次"] is U.SKIPPED
    kept = read(("反馈问题", "整改措施", "整改时限", "备注"), row, 备注=U.EXTRA)
    assert kept.items[0].extra == {"备注": "丙"}


def test_a_form_of_one_page_per_issue_is_read_by_learned_words_too() -> None:
    rows = (
        ("检视内容", "甲"),
        ("整改措施", "乙"),
        ("整改时限", "6月"),
        ("责任领导", "张甲"),
        ("台次", "丙"),
    )
    reading = read(*rows, 检视内容=F.ISSUE)
    assert [item.text(F.ISSUE) for item in reading.items] == ["甲"]
    assert meanings(reading)["检视内容"] is F.ISSUE


def test_samples_are_the_first_three_different_values() -> None:
    rows = [(text, "措施", "6月") for text in ("甲", "甲", "", "乙\n丙", "丁", "戊")]
    columns = read(("反馈问题", "整改措施", "整改时限"), *rows).layouts[0].columns
    assert columns[0].samples == ("甲", "乙 丙", "丁")


def test_where_a_meaning_comes_from_is_told() -> None:
    header = ("反馈问题", "整改措施", "整改时限", "完成时限", "台次", "轮回")
    origins = {
        column.label: column.origin
        for column in read(header, "甲乙丙丁戊己", 轮回=F.ROUND).layouts[0].columns
    }
    assert origins["反馈问题"] is Origin.SHIPPED
    assert origins["完成时限"] is Origin.TWICE
    assert origins["台次"] is Origin.UNKNOWN
    assert origins["轮回"] is Origin.LEARNED


def test_a_sheet_without_a_known_header_shows_what_looks_like_one() -> None:
    reading = read(("汇总表",), ("查摆情形", "举措", "办结节点"), ("甲", "乙", "6月"))
    assert not reading.layouts[0].is_read
    assert reading.layouts[0].row == 2
    assert list(meanings(reading)) == ["查摆情形", "举措", "办结节点"]


def test_unknown_headers_want_eyes_and_a_cover_beside_a_ledger_does_not() -> None:
    assert not wants_eyes([table(ISSUE, MEASURE, DUE)])
    assert wants_eyes([table(ISSUE, MEASURE, DUE, ODD)])
    cover = table(ODD, sheet="封面", is_read=False)
    assert wants_eyes([cover])
    assert not wants_eyes([table(ISSUE, MEASURE, DUE), cover])


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ([F.ISSUE, F.MEASURE, F.DUE, U.EXTRA], []),
        ([F.ISSUE, F.MEASURE, F.DUE, F.DUE], [(FaultKind.TAKEN, 3)]),
        ([U.EXTRA, F.MEASURE, F.DUE, U.EXTRA], [(FaultKind.NO_ISSUE, 0)]),
        ([F.ISSUE, F.MEASURE, U.SKIPPED, U.SKIPPED], [(FaultKind.TOO_FEW, 0)]),
    ],
)
def test_what_cannot_be_is_found_at_its_column(
    choices: list[Meaning], found: list[tuple[FaultKind, int]]
) -> None:
    groups = group_tables([table(ISSUE, MEASURE, DUE, ODD)])
    assert [(fault.kind, fault.place) for fault in faults_of(groups, choices)] == found


def test_one_word_means_one_thing_in_a_file() -> None:
    groups = group_tables([table(ISSUE, MEASURE, DUE, ODD), table(ODD, ISSUE, MEASURE, DUE)])
    same = [F.ISSUE, F.MEASURE, F.DUE, F.REMARK, F.REMARK, F.ISSUE, F.MEASURE, F.DUE]
    assert list(faults_of(groups, same)) == []
    other: list[Meaning] = [*same[:4], U.EXTRA, *same[5:]]
    assert [(f.kind, f.place) for f in faults_of(groups, other)] == [(FaultKind.DISAGREES, 4)]


def test_tables_with_the_same_columns_are_one_group() -> None:
    groups = group_tables(
        [table(ISSUE, sheet="一"), table(ISSUE, ODD, sheet="二"), table(ISSUE, sheet="三")]
    )
    assert [(group.sheets, group.first) for group in groups] == [(("一", "三"), 0), (("二",), 1)]


def test_only_what_is_new_is_learned() -> None:
    twice = column("问题", U.EXTRA, Origin.TWICE)
    groups = group_tables([table(ISSUE, MEASURE, DUE, twice, ODD)])
    left_alone: list[Meaning] = [F.ISSUE, F.MEASURE, F.DUE, U.EXTRA, U.EXTRA]
    assert words_to_learn(groups, left_alone) == {"销号台次": U.EXTRA}
    changed: list[Meaning] = [F.ISSUE, U.SKIPPED, F.DUE, F.DETAIL, F.MEASURE]
    assert words_to_learn(groups, changed) == {
        "整改措施": U.SKIPPED, "问题": F.DETAIL, "销号台次": F.MEASURE
    }  # fmt: skip


def test_a_guessed_header_nobody_points_out_teaches_nothing() -> None:
    cover = column("单位盖章", U.EXTRA, Origin.UNKNOWN)
    groups = group_tables([table(ISSUE, MEASURE, DUE), table(cover, is_read=False, sheet="封面")])
    assert words_to_learn(groups, [F.ISSUE, F.MEASURE, F.DUE, F.DUE]) == {}


def test_a_reading_that_does_not_follow_is_noticed() -> None:
    groups = group_tables([table(ISSUE, MEASURE, DUE, ODD)])
    choices = [F.ISSUE, F.MEASURE, F.DUE, F.REMARK]
    odd = column("销号台次", F.REMARK, Origin.LEARNED)
    assert not_heeded(groups, choices, [table(ISSUE, MEASURE, DUE, odd)]) is None
    found = not_heeded(groups, choices, [table(ISSUE, MEASURE, DUE, ODD)])
    assert found == ("台账", ODD)


def test_every_shipped_word_for_the_issue_has_one_of_the_signs_looked_for_first() -> None:
    words = [word for word, field in (TITLES | SYNONYMS).items() if field is Field.ISSUE]
    assert len(words) > 10
    assert all(not ISSUE_SIGNS.isdisjoint(word) for word in words)
    folded = {chr(n) for n in range(0x110000) if ISSUE_SIGNS & set(normalize("NFKC", chr(n)))}
    assert folded == ISSUE_SIGNS
