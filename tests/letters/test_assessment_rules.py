"""Weights, survey, total and grade: exact, half up, and never without a grade."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.kernel.errors import DomainError
from tracker.letters.rules.assessments import (
    DEFAULT_GRADES,
    DEFAULT_ITEMS,
    DEFAULT_OPTIONS,
    DEFAULT_SURVEY_WEIGHT,
    Grade,
    Item,
    Option,
    Scored,
    Votes,
    check_grades,
    check_weights,
    grade_for,
    grades_typed,
    items_typed,
    options_typed,
    rounded,
    survey_score,
    total_of,
)

D = Decimal
SCORES = st.decimals(0, 100, places=2, allow_nan=False, allow_infinity=False)
GRADES = grades_typed(DEFAULT_GRADES)


def test_what_is_shipped_is_sound() -> None:
    check_weights(items_typed(DEFAULT_ITEMS), DEFAULT_SURVEY_WEIGHT)
    assert options_typed(DEFAULT_OPTIONS)[-1] == Option("不了解", None)
    assert [grade.name for grade in GRADES if grade.is_low] == ["一般", "较差"]


@given(st.lists(st.integers(1, 10000), min_size=1, max_size=12), st.integers(0, 5000))
def test_weights_pass_only_when_they_make_exactly_a_hundred(
    hundredths: list[int], survey: int
) -> None:
    items = [Item(str(place), D(one).scaleb(-2)) for place, one in enumerate(hundredths)]
    weight = D(survey).scaleb(-2)
    if sum(hundredths) + survey == 10000:
        check_weights(items, weight)
    else:
        with pytest.raises(DomainError, match="等于 100"):
            check_weights(items, weight)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=8), st.data())
def test_weights_of_a_hundred_are_taken(parts: list[int], data: st.DataObject) -> None:
    total = sum(parts)
    weights = [D(part * 10000 // total).scaleb(-2) for part in parts]
    weights[0] += D(100) - sum(weights)
    items = [Item(str(place), weight) for place, weight in enumerate(weights) if weight > 0]
    check_weights(items, D(0))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "1 至 20 项"),
        ("责任落实", "看不懂"),
        ("责任落实 20 30", "看不懂"),
        ("责任落实 二十", "0 至 100"),
        ("责任落实 101", "0 至 100"),
        ("责任落实 -5", "0 至 100"),
        ("责任落实 1.234", "0 至 100"),
        ("责任落实 NaN", "0 至 100"),
        ("责任落实 50\n责任落实 50", "重复"),
        ("\n".join(f"指标{n} 1" for n in range(21)), "1 至 20 项"),
    ],
)
def test_a_typed_line_that_makes_no_sense_is_named(lines: str, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        items_typed(lines)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("好 90\n一般 95\n差 0", "从高到低"),
        ("好 90\n一般 90\n差 0", "从高到低"),
        ("好 90\n一般 60", "应为 0"),
    ],
)
def test_grades_leave_no_total_without_a_grade_and_give_none_two(lines: str, words: str) -> None:
    with pytest.raises(DomainError, match=words):
        grades_typed(lines)


@given(SCORES)
def test_every_total_has_exactly_one_grade(total: Decimal) -> None:
    grade = grade_for(total, GRADES)
    place = GRADES.index(grade)
    assert total >= grade.at_least
    assert place == 0 or total < GRADES[place - 1].at_least


@pytest.mark.parametrize(
    ("total", "name"),
    [
        ("100", "好"),
        ("90", "好"),
        ("89.99", "较好"),
        ("80", "较好"),
        ("79.99", "一般"),
        ("60", "一般"),
        ("59.99", "较差"),
        ("0", "较差"),
    ],
)
def test_a_threshold_belongs_to_the_grade_it_opens(total: str, name: str) -> None:
    assert grade_for(D(total), GRADES).name == name


@given(st.lists(st.tuples(st.integers(1, 50), SCORES), min_size=1, max_size=8))
def test_a_total_is_the_exact_weighted_mean_rounded_once(rows: list[tuple[int, Decimal]]) -> None:
    total = sum(weight for weight, _score in rows)
    scored = [Scored(D(weight) * 100 / total, score) for weight, score in rows]
    exact = sum((Fraction(one.weight) * Fraction(one.score) for one in scored), Fraction(0)) / 100
    found = total_of(scored, D(0), None)
    assert abs(Fraction(found) - exact) <= Fraction(1, 200)
    lowest, highest = min(one.score for one in scored), max(one.score for one in scored)
    assert lowest - D("0.01") <= found <= highest + D("0.01")


def test_a_half_is_rounded_up() -> None:
    assert total_of([Scored(D(50), D("80.01")), Scored(D(50), D("80"))], D(0), None) == D("80.01")
    assert rounded(Fraction(5, 1000)) == D("0.01")
    assert rounded(Fraction(4999, 1000000)) == D("0.00")
    assert rounded(Fraction(89995, 1000)) == D("90.00")


def test_a_survey_counts_valid_votes_only() -> None:
    votes = [Votes(D(100), 10), Votes(D(60), 5), Votes(D(0), 1), Votes(None, 40)]
    assert survey_score(votes) == Fraction(1300, 16)
    assert total_of([Scored(D(80), D(90))], D(20), Fraction(1300, 16)) == D("88.25")


def test_a_survey_without_a_valid_vote_gives_no_total() -> None:
    assert survey_score([Votes(D(100), 0), Votes(None, 9)]) is None
    with pytest.raises(DomainError, match="没有有效票"):
        total_of([Scored(D(80), D(90))], D(20), None)
    assert total_of([Scored(D(100), D(90))], D(0), None) == D("90.00")


@given(
    st.lists(st.tuples(SCORES, st.integers(0, 500)), min_size=1, max_size=6),
    st.integers(0, 500),
)
def test_a_survey_lies_between_its_lowest_and_highest_answer(
    answers: list[tuple[Decimal, int]], abstained: int
) -> None:
    votes = [Votes(value, count) for value, count in answers]
    score = survey_score([*votes, Votes(None, abstained)])
    given_answers = [value for value, count in answers if count]
    if not given_answers:
        assert score is None
    else:
        assert score is not None
        assert min(given_answers) <= score <= max(given_answers)


def test_check_grades_needs_the_last_to_start_at_nought() -> None:
    check_grades([Grade("全部", D(0), False)])
