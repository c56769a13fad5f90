"""整改评估: weights, survey, total, grade. Pure, exact, half up.

Items, weights, survey options, grade names and thresholds are each region's own; the defaults are
ours and stand in no regulation.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tracker.kernel.errors import DomainError

HUNDRED = Decimal(100)
LONGEST_NAME = 60
MOST_LINES = 20
DEFAULT_TEMPLATE = "整改评估表（系统自带）"
DEFAULT_ITEMS = "整改责任落实 20\n整改任务完成 35\n整改质量和效果 25"
DEFAULT_SURVEY_WEIGHT = Decimal(20)
DEFAULT_OPTIONS = "非常满意 100\n满意 80\n基本满意 60\n不满意 0\n不了解 —"
DEFAULT_GRADES = "好 90\n较好 80\n一般 60 约谈\n较差 0 约谈"
NOT_COUNTED = ("—", "-", "－", "不计")
LOW = "约谈"
NUMBER = re.compile(r"\d{1,3}(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True)
class Item:
    """An item and its weight of the 100."""

    name: str
    weight: Decimal


@dataclass(frozen=True)
class Option:
    """An answer of the survey and what it is worth of 100; None = not a valid vote."""

    name: str
    value: Decimal | None


@dataclass(frozen=True)
class Grade:
    """A grade from a total on; `is_low`: its units are to be talked to and visited first."""

    name: str
    at_least: Decimal
    is_low: bool


@dataclass(frozen=True)
class Scored:
    """An item with its score of 100."""

    weight: Decimal
    score: Decimal


@dataclass(frozen=True)
class Votes:
    """How many chose an option."""

    value: Decimal | None
    count: int


def items_typed(lines: str) -> list[Item]:
    """Return the items of a typed list: a name and a weight a line. DomainError says what is wrong."""
    return [Item(name, _number(words, name)) for name, words in _lines(lines, "指标", 1)]


def options_typed(lines: str) -> list[Option]:
    """Return the survey's options: a name and a value of 100, or “—” for a vote that is not valid."""
    return [
        Option(name, None if words[0] in NOT_COUNTED else _number(words, name))
        for name, words in _lines(lines, "选项", 1)
    ]


def grades_typed(lines: str) -> list[Grade]:
    """Return the grades: a name, the least total, and “约谈” where it is a low one."""
    found = [
        Grade(name, _number(words, name), LOW in words[1:])
        for name, words in _lines(lines, "等次", 2)
    ]
    check_grades(found)
    return found


def _lines(lines: str, what: str, most_words: int) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, *words = line.split()
        if not 1 <= len(words) <= most_words:
            raise DomainError(f"“{line[:40]}”看不懂。请一行写一项{what}，名称和数字之间空一格。")
        if len(name) > LONGEST_NAME or name in [known for known, _words in found]:
            raise DomainError(f"“{name[:40]}”重复或超过 {LONGEST_NAME} 个字，请更正。")
        found.append((name, words))
    if not found or len(found) > MOST_LINES:
        raise DomainError(f"{what}应有 1 至 {MOST_LINES} 项，请补充或精简。")
    return found


def _number(words: Sequence[str], name: str) -> Decimal:
    value = Decimal(words[0]) if NUMBER.fullmatch(words[0]) else Decimal(-1)
    if not 0 <= value <= HUNDRED:
        raise DomainError(f"“{name}”的数字应在 0 至 100 之间，最多两位小数，请更正。")
    return value


def check_weights(items: Iterable[Item], survey_weight: Decimal) -> None:
    """Refuse weights that do not make 100 together with the survey's."""
    weights = [item.weight for item in items]
    if any(weight <= 0 for weight in weights) or survey_weight < 0:
        raise DomainError("每项指标的权重应大于 0，请更正。")
    total = sum(weights, survey_weight)
    if total != HUNDRED:
        raise DomainError(
            f"各项权重加上满意度测评应等于 100，现在是 {total.normalize():f}，请更正。"
        )


def check_options(options: Iterable[Option], survey_weight: Decimal) -> None:
    """Refuse a survey that could give no score."""
    if survey_weight and all(option.value is None for option in options):
        raise DomainError("满意度测评至少要有一个计分的选项，请更正。")


def check_grades(grades: Sequence[Grade]) -> None:
    """Refuse grades that leave a total without a grade, or give it two."""
    limits = [grade.at_least for grade in grades]
    if any(lower >= upper for upper, lower in pairwise(limits)):
        raise DomainError("等次应从高到低排列，最低分依次减小，请更正。")
    if limits[-1] != 0:
        raise DomainError("最后一个等次的最低分应为 0，否则低分单位没有等次。")


def survey_score(votes: Iterable[Votes]) -> Fraction | None:
    """Return the mean value of the valid votes, of 100, unrounded; None without a valid vote."""
    counted = [(Fraction(vote.value), vote.count) for vote in votes if vote.value is not None]
    valid = sum(count for _value, count in counted)
    return sum((value * count for value, count in counted), Fraction(0)) / valid if valid else None


def total_of(scores: Iterable[Scored], survey_weight: Decimal, survey: Fraction | None) -> Decimal:
    """Return the weighted total of 100 to two decimals, half up, rounded once.

    DomainError when the survey weighs and has no valid vote.
    """
    if survey_weight and survey is None:
        raise DomainError("满意度测评没有有效票，不能计算总分。请先录入票数。")
    total = sum((Fraction(one.weight) * Fraction(one.score) for one in scores), Fraction(0))
    return rounded((total + Fraction(survey_weight) * (survey or 0)) / 100)


def rounded(value: Fraction) -> Decimal:
    """Return a number that is not negative to two decimals, half up."""
    hundredths, rest = divmod(value.numerator * 100, value.denominator)
    if rest * 2 >= value.denominator:
        hundredths += 1
    return Decimal(hundredths).scaleb(-2)


def grade_for(total: Decimal, grades: Sequence[Grade]) -> Grade:
    """Return the first grade, from the highest, that a total reaches."""
    return next(grade for grade in grades if total >= grade.at_least)


def check_confirmer(confirmer: int | None, scorer: int | None) -> None:
    """Refuse that the person who entered the scores confirms them; persons, not sign-ins."""
    if confirmer is not None and confirmer == scorer:
        raise DomainError("评分是您录入的，请由另一位同志复核确认。")
