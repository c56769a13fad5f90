"""Lists of people and of measures in one cell."""

import pytest

from tracker.ledger.texts import chinese_number, split_list, split_measures


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("1.开展自查；2.建立制度", ("开展自查", "建立制度")),
        ("1．甲\n2．乙\n3．丙", ("甲", "乙", "丙")),
        ("（1）甲（2）乙", ("甲", "乙")),
        ("①甲②乙", ("甲", "乙")),
        ("采取措施：1.甲 2.乙", ("采取措施：甲", "乙")),
        ("1、甲\n2、乙，比1.上年", ("甲", "乙，比1.上年")),
        ("追回2.5万元", ("追回2.5万元",)),
        ("1.5倍 2.3倍", ("1.5倍 2.3倍",)),
        ("甲\n乙", ("甲\n乙",)),
        ("  ", ()),
    ],
)
def test_a_numbered_list_becomes_measures_and_nothing_else_does(
    text: str, items: tuple[str, ...]
) -> None:
    assert split_measures(text) == items


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("张三、李四；王五;赵六", ("张三", "李四", "王五", "赵六")),
        ("张三\n李四", ("张三", "李四")),
        ("张 三", ("张三",)),
        ("张　三、李四", ("张三", "李四")),
        ("张三 李四", ("张三", "李四")),
        ("张三（书记、局长）、李四", ("张三（书记、局长）", "李四")),
        ("张三、张三", ("张三",)),
        ("无", ()),
    ],
)
def test_people_are_separated_but_not_inside_brackets(text: str, names: tuple[str, ...]) -> None:
    assert split_list(text) == names


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("十", 10),
        ("十二", 12),
        ("三十一", 31),
        ("二〇二五", 2025),
        ("百", None),
        ("十十", None),
        ("", None),
    ],
)
def test_chinese_numbers_are_read(text: str, number: int | None) -> None:
    assert chinese_number(text) == number
