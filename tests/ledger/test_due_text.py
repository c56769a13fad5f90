"""整改时限: what becomes a date, what is long term, what must be confirmed by a person."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.reading import CONCENTRATED_END, FEEDBACK
from tracker.ledger.due_text import DueReading, parse_due_text, read_due_cell
from tracker.spreadsheets.workbook import CellValue


def parse(raw: str) -> DueReading:
    return parse_due_text(raw, feedback_on=FEEDBACK, concentrated_end=CONCENTRATED_END)


def cell(value: CellValue, *, date_1904: bool = False) -> DueReading:
    return read_due_cell(
        value, feedback_on=FEEDBACK, concentrated_end=CONCENTRATED_END, date_1904=date_1904
    )


@pytest.mark.parametrize(
    ("raw", "due_on"),
    [
        ("2025年6月底前", "2025-06-30"),
        ("２０２５年６月底前", "2025-06-30"),
        ("2025年 6月\n底前", "2025-06-30"),
        ("二〇二五年六月底前", "2025-06-30"),
        ("25年6月底", "2025-06-30"),
        ("2024年2月末", "2024-02-29"),
        ("2025年2月底前完成", "2025-02-28"),
        ("2024年底前", "2024-12-31"),
        ("2024年年底前", "2024-12-31"),
        ("2025年上半年", "2025-06-30"),
        ("2025年下半年", "2025-12-31"),
        ("2025年第一季度末", "2025-03-31"),
        ("2025年3月上旬", "2025-03-10"),
        ("2025年3月中旬前", "2025-03-20"),
        ("2025年2月下旬", "2025-02-28"),
        ("2024.12.31", "2024-12-31"),
        ("2025-6-3", "2025-06-03"),
        ("2025/06/30前", "2025-06-30"),
        ("2025年6月30日前", "2025-06-30"),
        ("2025-06-30 00:00:00", "2025-06-30"),
        ("20250630", "2025-06-30"),
        ("12月底前", "2024-12-31"),
        ("11月20日前", "2024-11-20"),
        ("11月19日前", "2025-11-19"),
        ("6月底前", "2025-06-30"),
        ("年底前", "2024-12-31"),
        ("上半年", "2025-06-30"),
        ("三月中旬", "2025-03-20"),
        ("今年年底前", "2024-12-31"),
        ("明年3月底前", "2025-03-31"),
        ("3个月内", "2025-02-20"),
        ("自反馈之日起六个月内", "2025-05-20"),
        ("半年内", "2025-05-20"),
        ("30日内", "2024-12-20"),
        ("集中整改期内", "2025-05-20"),
        ("集中整改期结束前", "2025-05-20"),
        ("立行立改，集中整改期内", "2025-05-20"),
        ("集中整改期内（2025年4月底前）", "2025-04-30"),
        ("2025年3月至6月底", "2025-06-30"),
        ("2025年3-6月", "2025-06-30"),
        ("2025.3.1-2025.6.30", "2025-06-30"),
        ("2025年6月", "2025-06-30"),
        ("2025.12", "2025-12-31"),
    ],
)
def test_a_text_that_names_a_day_becomes_that_day(raw: str, due_on: str) -> None:
    reading = parse(raw)
    assert (reading.due_on, reading.raw, reading.to_confirm) == (
        date.fromisoformat(due_on),
        raw,
        False,
    )
    assert not reading.long_term


@pytest.mark.parametrize(
    ("raw", "due_on", "immediate"),
    [
        ("2024年底前，并长期坚持", date(2024, 12, 31), False),
        ("立行立改，长期坚持", None, True),
        ("立行立改并持续推进，2025年6月底前", date(2025, 6, 30), True),
        ("持续推进", None, False),
        ("长期", None, False),
        ("集中整改期内并长期坚持", CONCENTRATED_END, False),
    ],
)
def test_long_term_is_a_flag_beside_the_day(raw: str, due_on: date | None, immediate: bool) -> None:
    reading = parse(raw)
    assert (reading.due_on, reading.long_term, reading.immediate) == (due_on, True, immediate)
    assert not reading.to_confirm


@pytest.mark.parametrize(
    "raw",
    ["", "/", "无", "立行立改", "尽快", "2025年", "2025年6月前", "2025年2月30日", "13月底前", "2025年6月30日后", "15个工作日内",
     "2025年3月底前、6月底前", "每月25日前", "2025年6月初", "2205年6月底", "1925年6月底", "集中整改期结束后3个月内又3天", "100个月内",
     "6.30", "第7项"],
)  # fmt: skip
def test_what_is_not_understood_gets_no_date_and_is_to_be_confirmed(raw: str) -> None:
    reading = parse(raw)
    assert reading.due_on is None
    assert reading.to_confirm
    assert "待确认" in reading.notes[0].detail


def test_without_a_feedback_date_a_missing_year_is_not_guessed() -> None:
    for raw in ("6月底前", "上半年", "3个月内", "集中整改期内"):
        assert parse_due_text(raw, feedback_on=None, concentrated_end=None).to_confirm
    assert parse_due_text("2025年6月底前", feedback_on=None, concentrated_end=None).due_on == date(
        2025, 6, 30
    )


def test_a_span_is_clamped_to_the_end_of_a_short_month() -> None:
    reading = parse_due_text("6个月内", feedback_on=date(2024, 8, 31), concentrated_end=None)
    assert reading.due_on == date(2025, 2, 28)


def test_a_day_before_the_feedback_is_kept_and_doubted() -> None:
    reading = parse("2023年6月底前")
    assert reading.due_on == date(2023, 6, 30)
    assert [note.code for note in reading.notes] == ["due_before_feedback"]


@pytest.mark.parametrize(
    ("value", "due_on"),
    [
        (date(2025, 6, 30), date(2025, 6, 30)),
        (datetime(2025, 6, 30, 9, 0), date(2025, 6, 30)),  # noqa: DTZ001
        (45838, date(2025, 6, 30)),
        (45838.5, date(2025, 6, 30)),
        ("45838", date(2025, 6, 30)),
        ("４５８３８", date(2025, 6, 30)),
        (20250630, date(2025, 6, 30)),
        (2025.6, date(2025, 6, 30)),
        (2025.1, None),
        (2025, None),
        (date(1905, 7, 17), None),
        (True, None),
    ],
)
def test_a_cell_may_hold_a_date_a_serial_or_a_number(value: CellValue, due_on: date | None) -> None:
    assert cell(value).due_on == due_on
    assert cell(value).to_confirm == (due_on is None)


def test_a_serial_of_the_1904_calendar_is_four_years_later() -> None:
    assert cell(44376, date_1904=True).due_on == date(2025, 6, 30)


DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
FORMS = (
    "{0.year}年{0.month}月{0.day}日前",
    "{0:%Y-%m-%d}",
    "{0:%Y.%m.%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0:%Y%m%d}",
    "完成时限：{0.year} 年 {0.month} 月 {0.day} 日",
)


@given(DAYS, st.sampled_from(FORMS))
def test_every_full_date_is_read_in_every_form(day: date, form: str) -> None:
    assert parse(form.format(day)).due_on == day


@given(DAYS)
def test_the_end_of_every_month_is_its_last_day(day: date) -> None:
    due = parse(f"{day.year}年{day.month}月底前").due_on
    assert due is not None
    assert (due.year, due.month, (due + timedelta(days=1)).day) == (day.year, day.month, 1)


@given(DAYS, st.integers(1, 12))
def test_a_missing_year_never_gives_a_day_before_the_feedback_nor_a_year_too_late(
    day: date, month: int
) -> None:
    due = parse_due_text(f"{month}月底前", feedback_on=day, concentrated_end=None).due_on
    if due is not None:
        assert day <= due < day.replace(year=day.year + 1, day=1) + timedelta(days=31)


@given(DAYS, st.integers(1, 36))
def test_a_span_of_months_moves_the_month_and_never_overflows_the_day(
    day: date, months: int
) -> None:
    due = parse_due_text(f"{months}个月内", feedback_on=day, concentrated_end=None).due_on
    if due is not None:
        assert (due.year - day.year) * 12 + due.month - day.month == months
        assert due.day == day.day or (due.day < day.day and (due + timedelta(days=1)).day == 1)


@given(
    st.text(
        alphabet="0123456789年月日底前上下半旬内个一二十至-./，长期坚持立行改集中整期持续后 \n",
        max_size=24,
    )
    | st.text()
)
def test_no_text_is_lost_and_none_breaks_the_reader(raw: str) -> None:
    reading = parse(raw)
    assert reading.raw == raw
    assert reading.due_on is not None or reading.long_term or reading.to_confirm
    assert not (reading.to_confirm and reading.due_on)
