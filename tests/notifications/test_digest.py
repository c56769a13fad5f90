"""Composition is pure: never over the budget, every entry said or counted, markup harmless."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.notifications.digest import (
    BYTE_BUDGET,
    MAX_PARTS,
    Frame,
    Item,
    compose,
    mentions_of,
    neutral,
    recompose,
    size,
)
from tracker.notifications.rules import ChannelKind
from tracker.notifications.texts import DigestTexts

TODAY = date(2026, 11, 16)
texts = st.text(max_size=400).filter(lambda text: all(not 0xD800 <= ord(c) <= 0xDFFF for c in text))
items = st.lists(
    st.builds(
        Item,
        notification_id=st.integers(1, 10**12),
        urgency=st.integers(-5, 5),
        heading=st.sampled_from(["已逾期", "今日到期", "即将到期", "通知"]) | texts,
        line=texts | st.integers(1, 900).map(lambda n: "督" * n) | st.just("😀" * 200),
        is_open=st.booleans(),
    ),
    max_size=120,
    unique_by=lambda item: item.notification_id,
)
frames = st.builds(
    Frame,
    kind=st.sampled_from(ChannelKind),
    number=st.text("0123456789-", min_size=1, max_size=20),
    today=st.dates(),
    link=st.none() | st.text("abcd/.:", max_size=600),
    texts=st.just(DigestTexts()),
)


def frame(kind: ChannelKind = ChannelKind.UNIT, link: str | None = "https://t.example") -> Frame:
    return Frame(kind=kind, number="261116-1", today=TODAY, link=link, texts=DigestTexts())


def item(no: int, line: str = "行", heading: str = "已逾期", **changes: object) -> Item:
    return Item(notification_id=no, urgency=0, heading=heading, line=line, **changes)  # type: ignore[arg-type]


@given(items, frames)
def test_no_part_is_over_the_budget_and_no_entry_is_lost(items: list[Item], frame: Frame) -> None:
    parts = compose(items, frame)
    assert all(size(part.body) <= BYTE_BUDGET for part in parts)
    assert len(parts) <= MAX_PARTS
    ids = [one for part in parts for one in part.notification_ids]
    assert sorted(ids) == sorted(item.notification_id for item in items)


@given(items.filter(bool), frames, st.integers(1, MAX_PARTS))
def test_a_part_said_anew_keeps_the_budget_and_every_entry(
    items: list[Item], frame: Frame, part_no: int
) -> None:
    part = recompose(items, frame, part_no=part_no, part_count=MAX_PARTS)
    assert size(part.body) <= BYTE_BUDGET
    assert sorted(part.notification_ids) == sorted(item.notification_id for item in items)


@given(st.integers(1, 400))
def test_lines_said_and_lines_counted_make_up_the_whole(count: int) -> None:
    parts = compose([item(no, f"T-{no:04d}，" + "长" * 40) for no in range(count)], frame())
    said = sum(part.body.count("T-") for part in parts)
    more = parts[-1].body.partition("其余")[2].partition("项")[0]
    assert said + int(more or 0) == count


def test_683_chinese_characters_and_four_byte_signs_are_cut_on_a_characters_edge() -> None:
    for sign in ("督", "😀"):
        (part,) = compose([item(1, sign * 683)], frame())
        assert size(part.body) <= 2048
        assert part.body.encode().decode() == part.body
        assert "…" in part.body


def test_a_shared_group_reads_counts_and_no_line() -> None:
    due_today = Item(notification_id=3, urgency=1, heading="今日到期", line="丙局")
    mixed = [due_today, item(1, "甲局"), item(2, "乙局")]
    (part,) = compose(mixed, frame(ChannelKind.SHARED))
    assert "已逾期2项，今日到期1项" in part.body
    assert "局" not in part.body
    assert "（1/" not in part.body


def test_more_headings_than_fit_are_counted_together() -> None:
    many = [item(no, heading=f"类{no:02d}") for no in range(12)]
    (part,) = compose(many, frame(ChannelKind.SHARED))
    assert "其他4项" in part.body


def test_a_new_page_repeats_the_heading_as_continued() -> None:
    parts = compose([item(no, "长" * 100) for no in range(12)], frame())
    assert "已逾期 12项" in parts[0].body
    assert "已逾期（续）" in parts[1].body
    assert "登录查看" not in parts[0].body
    assert "登录查看：https://t.example" in parts[-1].body


def test_nobody_is_mentioned_twice_and_nobody_in_the_offices_group() -> None:
    people = ((None, "13800001111"), ("a", None))
    twice = [item(1, mentions=people), item(2, mentions=people)]
    assert mentions_of(twice, ChannelKind.SHARED) == people
    assert mentions_of(twice, ChannelKind.OFFICE) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<@all>",
        '<font color="warning">红</font>',
        "`rm`",
        "[点我](http://x)",
        "# 大",
        "> 引",
        "a\r\nb",
    ],
)
def test_markup_in_text_from_people_is_harmless(text: str) -> None:
    said = neutral(text)
    assert not set(said) & set("<>`[]\r\n")
    assert not said.startswith("#")


@given(texts, st.integers(10, 600))
def test_a_neutral_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    said = neutral(text, limit=limit)
    assert size(said) <= limit
    assert said.splitlines() in ([], [said])
    assert not {"\u202e", "\x00", "\x1b"} & set(said)
