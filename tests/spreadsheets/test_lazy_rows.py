"""Rows made as they are asked for are the same rows, in whatever order they are asked for."""

import random
from collections.abc import Iterator

import pytest

from tracker.spreadsheets.lazy_rows import WINDOW, LazyRows
from tracker.spreadsheets.workbook import Row

COUNT = 3 * WINDOW


def made() -> Iterator[Row]:
    return (Row(number, (f"第{number}行",)) for number in range(1, COUNT + 1))


def test_any_order_gives_the_same_rows() -> None:
    rows, expected, dice = LazyRows(made, COUNT), tuple(made()), random.Random(2)
    assert tuple(rows) == tuple(rows) == rows[:] == expected
    assert rows[1:4] == expected[1:4]
    for place in (
        WINDOW,
        0,
        WINDOW,
        WINDOW - 1,
        COUNT - 1,
        0,
        -1,
        *dice.choices(range(COUNT), k=60),
    ):
        assert rows[place] == expected[place]


def test_there_is_no_row_beyond_the_last() -> None:
    rows = LazyRows(made, COUNT)
    for place in (COUNT, -COUNT - 1):
        with pytest.raises(IndexError):
            rows[place]


def test_rows_that_follow_each_other_are_made_once() -> None:
    passed: list[int] = []

    def counting() -> Iterator[Row]:
        for row in made():
            passed.append(row.number)
            yield row

    rows = LazyRows(counting, COUNT)
    for place in range(0, COUNT, 3):
        rows[place]
        rows[max(place - WINDOW // 2, 0)]
    assert passed == list(range(1, COUNT - 1))
