"""Numbers and dates as Chinese documents write them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.kernel.formats import (
    chinese_date,
    chinese_numeral,
    over_count,
    percent,
    percent_value,
    plain_number,
    year_on_year,
    year_on_year_points,
)

counts = st.integers(0, 10**7)
some = st.integers(1, 10**7)


@pytest.mark.parametrize(
    ("n", "written"),
    [
        (0, "零"),
        (7, "七"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (34, "三十四"),
        (100, "一百"),
        (105, "一百零五"),
        (110, "一百一十"),
        (1001, "一千零一"),
        (2010, "二千零一十"),
        (9999, "九千九百九十九"),
    ],
)
def test_numerals_are_written_as_people_count(n: int, written: str) -> None:
    assert chinese_numeral(n) == written


@given(st.integers(0, 9999))
def test_a_numeral_reads_back_as_the_same_number(n: int) -> None:
    total, digit = 0, 0
    for sign in chinese_numeral(n):
        if sign in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(sign)
    assert total + digit == n


@pytest.mark.parametrize("n", [-1, 10000])
def test_a_number_beyond_the_numerals_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="no numeral"):
        chinese_numeral(n)


def test_a_date_has_no_leading_zeros() -> None:
    assert chinese_date(date(2026, 1, 5)) == "2026年1月5日"
    assert chinese_date(date(2026, 11, 21)) == "2026年11月21日"


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (66, 154, "42.9%"),
        (65, 154, "42.2%"),
        (1, 2, "50%"),
        (1, 8, "12.5%"),
        (1, 1000, "0.1%"),
        (1, 3000, "不足0.1%"),
        (1, 2000, "0.1%"),
        (2499, 2500, "99.96%"),
        (999_999, 1_000_000, "99.9999%"),
        (9995, 10_000, "99.95%"),
        (9994, 10_000, "99.9%"),
        (5, 5, "100%"),
        (0, 5, "0%"),
        (0, 0, "—"),
        (3, 0, "—"),
        (Fraction(1, 3), 1, "33.3%"),
        (Decimal("12.25"), 100, "12.3%"),
    ],
)
def test_shares_are_written_by_the_rule(
    part: int | Fraction | Decimal, whole: int, written: str
) -> None:
    assert percent(part, whole) == written


@given(counts, some)
def test_only_all_of_it_reads_100_percent(part: int, whole: int) -> None:
    assume(part <= whole)
    assert (percent(part, whole) == "100%") is (part == whole)


@given(counts, some)
def test_only_none_of_it_reads_0_percent(part: int, whole: int) -> None:
    assert (percent(part, whole) == "0%") is (part == 0)


@given(counts, some)
def test_a_written_share_is_within_half_a_tenth_of_the_true_one(part: int, whole: int) -> None:
    written = percent(part, whole)
    true = Fraction(part * 100, whole)
    if written.startswith("不足"):
        assert 0 < true < Fraction(1, 20)
    else:
        assert abs(Fraction(written.removesuffix("%")) - true) <= Fraction(1, 20)


@given(counts, some)
def test_a_written_share_has_no_trailing_zeros(part: int, whole: int) -> None:
    number = percent(part, whole).removesuffix("%").removeprefix("不足")
    assert "." not in number or number[-1] not in "0."


@given(counts, some)
def test_the_figure_for_machines_rounds_half_up(part: int, whole: int) -> None:
    by_decimal = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    assert percent_value(part, whole) == by_decimal


def test_the_figure_for_machines_is_missing_without_a_whole() -> None:
    assert percent_value(3, 0) is None


def test_a_negative_share_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        percent(-1, 5)


@pytest.mark.parametrize(
    ("n", "written"),
    [
        (0, "0"),
        (9, "9"),
        (10, "10"),
        (11, "10余"),
        (99, "90余"),
        (100, "100"),
        (215, "210余"),
        (880, "880"),
        (999, "990余"),
        (1000, "1000"),
        (4841, "4800余"),
        (4800, "4800"),
    ],
)
def test_counts_over_a_round_number(n: int, written: str) -> None:
    assert over_count(n) == written


@given(counts)
def test_over_is_said_only_when_it_is_true(n: int) -> None:
    written = over_count(n)
    if written.endswith("余"):
        floor = int(written.removesuffix("余"))
        assert 0 < n - floor < 100
        assert floor % 10 == 0
    else:
        assert int(written) == n


@pytest.mark.parametrize(
    ("current", "previous", "worded"),
    [
        (1782, 1134, "同比增长57.1%"),
        (1683, 1119, "同比增长50.4%"),
        (1708, 1170, "同比增长46%"),
        (90, 100, "同比下降10%"),
        (0, 100, "同比下降100%"),
        (1, 3000, "同比下降99.97%"),
        (3000, 1000, "同比增长200%"),
        (100_001, 100_000, "同比增长不足0.1%"),
        (5, 5, "同比持平"),
        (5, 0, "无同期可比数"),
        (0, 0, "无同期可比数"),
        (5, None, "无同期可比数"),
    ],
)
def test_counts_are_compared_with_last_year(
    current: int, previous: int | None, worded: str
) -> None:
    assert year_on_year(current, previous) == worded


@given(counts, some)
def test_the_word_of_a_comparison_fits_its_direction(current: int, previous: int) -> None:
    worded = year_on_year(current, previous)
    assert ("增长" in worded) is (current > previous)
    assert ("下降" in worded) is (current < previous)
    assert ("持平" in worded) is (current == previous)


@pytest.mark.parametrize(
    ("current", "previous", "worded"),
    [
        (Fraction(66, 154), Fraction(40, 100), "同比提高2.9个百分点"),
        (Fraction(1, 4), Fraction(1, 2), "同比下降25个百分点"),
        (Fraction(1, 2), Fraction(5, 10), "同比持平"),
        (Fraction(50_001, 100_000), Fraction(1, 2), "同比提高不足0.1个百分点"),
        (Fraction(1, 2), None, "无同期可比数"),
        (None, Fraction(1, 2), "无同期可比数"),
    ],
)
def test_shares_are_compared_in_percentage_points(
    current: Fraction | None, previous: Fraction | None, worded: str
) -> None:
    assert year_on_year_points(current, previous) == worded


@given(st.decimals(-(10**9), 10**9, places=3))
def test_a_plain_number_keeps_its_value(value: Decimal) -> None:
    written = plain_number(value)
    assert Decimal(written) == value
    assert "E" not in written


def test_a_number_with_an_exponent_is_written_out() -> None:
    assert plain_number(Decimal("1E+3")) == "1000"
    assert plain_number(Decimal(100)) == "100"
