"""How figures are computed and written, without a database."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.kernel.formats import Number
from tracker.statistics.registry import METRICS
from tracker.statistics.rules import (
    EnteredMetric,
    FigureKind,
    check_period,
    mean_share,
    text_of,
    value_of,
    year_before,
)

SHARE = METRICS["coverage_rate"].definition
OF = METRICS["source_tasks"].definition
GROWTH = METRICS["year_filed"].definition


@pytest.mark.parametrize(
    ("above", "below", "text"),
    [
        (66, 154, "42.9%"),
        (65, 154, "42.2%"),
        (1, 2, "50%"),
        (0, 0, "—"),
        (2499, 2500, "99.96%"),
        (1, 5000, "不足0.1%"),
        (0, 7, "0%"),
        (7, 7, "100%"),
    ],
)
def test_a_share_is_never_a_false_100_or_0(above: int, below: int, text: str) -> None:
    assert text_of(SHARE, above, below) == text


def test_trailing_zeros_of_growth_are_dropped() -> None:
    assert text_of(GROWTH, 1708, 1170) == "同比增长46%"
    assert text_of(GROWTH, 1782, None) == "无同期可比数"
    assert value_of(FigureKind.GROWTH, 1782, 1134) == Decimal("57.1")


def test_a_figure_nobody_has_given_is_a_dash_not_a_nought() -> None:
    assert text_of(SHARE, None, None) == "—"
    assert value_of(FigureKind.COUNT, None, None) is None
    assert text_of(OF, 6, 34) == "6/34项"


def test_the_mean_takes_unrounded_rates_and_leaves_out_who_did_not_report() -> None:
    assert mean_share([(1, 3), (2, 3), (0, 0)]) == Fraction(1, 2)
    assert mean_share([(0, 0)]) is None


def test_an_entered_decimal_counts_like_the_number_it_is() -> None:
    entered: Number = Decimal("882.0000")
    assert value_of(FigureKind.COUNT, entered, None) == 882
    assert text_of(METRICS["clues_found"].definition, entered, None) == "882件"


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_one_more_never_lowers_a_share(above: int, below: int) -> None:
    above = min(above, below)
    less, more = (value_of(FigureKind.SHARE, n, below) for n in (above - 1, above))
    assert less is not None
    assert more is not None
    assert less <= more


def test_the_29th_of_february_compares_with_the_28th() -> None:
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("start", "end", "value", "sentence"),
    [
        (date(2026, 7, 1), date(2026, 6, 30), 1, "晚于截止日"),
        (date(2026, 1, 1), date(2026, 12, 31), 1, "还没有到"),
        (date(2026, 1, 1), date(2026, 6, 30), -1, "不能小于0"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(
    start: date, end: date, value: int, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        check_period(
            EnteredMetric.CLUES_FOUND, start, end, Decimal(value), today=date(2026, 11, 16)
        )


def test_an_entry_is_a_whole_number() -> None:
    start, end = date(2026, 1, 1), date(2026, 6, 30)
    with pytest.raises(DomainError, match="整数"):
        check_period(EnteredMetric.YEAR_FILED, start, end, Decimal("1.5"), today=date(2026, 11, 16))
