"""From rows to issues, tasks and measures."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.reading import read
from tests.ledgers.factory import HEADER, everyday_ledger, full_row, ledger, row
from tracker.ledger.columns import Field
from tracker.ledger.due_text import DueReading
from tracker.ledger.items import ItemRow
from tracker.ledger.rules import IssueGroup, group_issues


def issues(content: bytes) -> tuple[IssueGroup, ...]:
    return read(content).issues


def shape(groups: tuple[IssueGroup, ...]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Return (issue, [(unit, measures)])."""
    return [(g.text, [(task.unit, len(task.measures)) for task in g.tasks]) for g in groups]


def test_a_merged_issue_is_one_task_with_several_measures() -> None:
    first, second = issues(everyday_ledger())
    (task,) = first.tasks
    assert [(m.text, m.row) for m in task.measures] == [
        ("制定学习计划", 5), ("开展专题研讨", 6), ("完善学习制度", 7),
    ]  # fmt: skip
    assert (task.due_on, task.long_term, task.owners) == (
        date(2025, 6, 30),
        True,
        ("李四", "王五", "赵六"),
    )
    assert [note.code for note in task.notes] == ["due_differs"]
    assert (second.tasks[0].closed, second.tasks[0].closed_on, second.immediate) == (
        True,
        date(2025, 3, 12),
        True,
    )


def test_repeated_number_unit_and_text_are_one_task() -> None:
    rows = [
        row(unit="甲局", no="1", issue="问题", measure=m, due="2025年6月底前") for m in ("甲", "乙")
    ]
    rows.append(row(unit="甲局", no="1", issue="另一个问题", measure="丙", due="2025年6月底前"))
    assert shape(issues(ledger(rows))) == [("问题", [("甲局", 2)]), ("另一个问题", [("甲局", 1)])]


def test_the_same_text_and_number_in_two_units_are_two_issues() -> None:
    rows = [
        row(unit=unit, no="1", issue="问题", measure="甲", due="长期") for unit in ("甲局", "乙局")
    ]
    assert shape(issues(ledger(rows))) == [("问题", [("甲局", 1)]), ("问题", [("乙局", 1)])]


def test_a_common_issue_has_a_task_per_unit() -> None:
    rows = [
        full_row(
            {
                "被巡察单位": unit,
                "问题编号": number,
                "反馈问题": "共同的问题",
                "问题性质": "共性",
                "整改措施": "甲",
            }
        )
        for number, unit in enumerate(("甲局", "乙局"), start=1)
    ]
    assert shape(issues(ledger(rows, header=HEADER))) == [
        ("共同的问题", [("甲局", 1), ("乙局", 1)])
    ]


def test_an_issue_merged_over_several_units_is_common_and_a_merged_measure_counts_in_each() -> None:
    rows = [
        row(unit="甲局", issue="问题", measure="共同措施", due="长期"),
        row(unit="乙局", due="长期"),
    ]
    assert shape(issues(ledger(rows, merges=["D2:D3", "E2:E3"]))) == [
        ("问题", [("甲局", 1), ("乙局", 1)])
    ]


def test_several_units_in_one_cell_have_a_task_each() -> None:
    rows = [row(unit="甲局、乙\n局", issue="问题", measure="1.甲\n2.乙", due="长期")]
    assert shape(issues(ledger(rows))) == [("问题", [("甲局", 2), ("乙局", 2)])]


def test_one_measure_to_confirm_leaves_the_task_to_confirm() -> None:
    rows = [
        row(unit="甲局", issue="问题", measure="甲", due="2025年6月底前"),
        row(unit="甲局", issue="问题", measure="乙", due="尽快"),
    ]
    (task,) = issues(ledger(rows))[0].tasks
    assert (task.due_on, task.to_confirm) == (None, True)


def test_a_task_is_closed_when_all_its_rows_are() -> None:
    rows = [
        row(unit="甲局", issue="问题", measure=m, due="长期", closed=c, closed_on=on)
        for m, c, on in (("甲", "是", "2025.3.1"), ("乙", "是", "2025.4.1"))
    ]
    (task,) = issues(ledger(rows))[0].tasks
    assert (task.closed, task.closed_on) == (True, date(2025, 4, 1))
    rows[1][8:] = ["否", None]
    (task,) = issues(ledger(rows))[0].tasks
    assert (task.closed, task.closed_on) == (False, None)
    assert [note.code for note in task.notes] == ["partly_closed"]


def test_amounts_add_up_and_a_merged_one_counts_once() -> None:
    base = {"被巡察单位": "甲局", "反馈问题": "问题", "整改措施": "甲"}
    rows = [
        full_row({**base, "建章立制": 2, "挽回损失": 1.5}),
        full_row({**base, "挽回损失": "0.25万元"}),
    ]
    (task,) = issues(ledger(rows, header=HEADER, merges=["Y2:Y3"]))[0].tasks
    assert (task.institutions, task.recovered, task.accountability) == (2, Decimal("1.75"), None)


ROWS = st.builds(
    ItemRow,
    sheet=st.just("台账"),
    row=st.integers(2, 40),
    issue_row=st.integers(2, 12),
    texts=st.fixed_dictionaries(
        {Field.ISSUE: st.sampled_from("甲乙丙"), Field.ISSUE_NO: st.sampled_from("12")}
    ),
    anchors=st.just({}),
    due=st.just(DueReading("")),
    units=st.lists(st.sampled_from(("甲局", "乙局")), max_size=2, unique=True).map(tuple),
)


@given(st.lists(ROWS, max_size=20))
def test_every_row_belongs_to_exactly_one_issue_and_to_a_task_of_each_of_its_units(
    items: list[ItemRow],
) -> None:
    groups = group_issues(items)
    assert sorted(map(id, items)) == sorted(id(item) for group in groups for item in group.items)
    for group in groups:
        held = {(id(item), task.unit) for task in group.tasks for item in task.items}
        assert held == {(id(item), unit) for item in group.items for unit in item.units or ("",)}
