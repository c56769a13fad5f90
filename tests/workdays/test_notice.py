"""Reading the State Council's notice: word for word, every contradiction named, nothing guessed."""

from datetime import date, timedelta

import pytest

from tests.workdays.notices import OF_2024, OF_2026, OF_2027, PUBLISHED
from tests.workdays.test_seed import days_of, seeded
from tracker.workdays.notice import read_notice
from tracker.workdays.rules import DayKind, WorkCalendar, year_without_notice


@pytest.mark.parametrize("year", PUBLISHED)
def test_a_published_notice_agrees_with_the_seed_on_every_day(year: int) -> None:
    reading = read_notice(PUBLISHED[year])
    assert (reading.year, reading.problems) == (year, [])
    read, seed = WorkCalendar({day.on: day.kind for day in reading.days}, {year}), seeded()
    assert [day for day in days_of(year) if read.is_workday(day) is not seed.is_workday(day)] == []


def test_what_is_not_an_arrangement_is_handed_back_word_for_word() -> None:
    assert read_notice(OF_2024).unread == ["春节：安排职工在除夕(2月9日)休息"]


@pytest.mark.parametrize("text", [OF_2026.replace("：", ":"), OF_2026.replace("\n\n", "\r\n")])
def test_other_marks_and_line_ends_read_alike(text: str) -> None:
    assert read_notice(text) == read_notice(OF_2026)


def test_a_new_year_that_begins_in_december_belongs_to_the_year_before() -> None:
    text = OF_2027.replace(
        "1月1日（周五）至3日（周日）放假，共3天", "12月31日（周四）至1月2日（周六）放假，共3天"
    )
    reading = read_notice(text)
    assert (reading.year, reading.problems) == (2027, [])
    assert reading.days[0].on == date(2026, 12, 31)


PROBLEMS = [
    (
        "4日（周六）至",
        "4日（周五）至",
        "清明节：“4月4日(周五)至6日(周一)放假”中 2026-04-04 写作周五",
    ),
    ("共9天", "共8天", "春节：写明共8天，但读出 9 天"),
    ("9月25日（周五）至27日", "9月25日（周五）至20日", "起止日期不对"),
    ("5月9日（周六）上班", "5月7日上班", "2026-05-07 是周四，本来就上班"),
    ("2月28日（周六）上班", "2月15日（周日）上班", "2026-02-15 既写放假又写上班"),
    ("六、中秋节：9月25日（周五）至27日（周日）放假，共3天。", "", "没有读到中秋节的安排"),
    ("关于2026年", "关于2027年", "写了几个年份（2026、2027）"),
    (
        "5月1日（周五）至5日（周二）放假",
        "5月2日（周六）至5日（周二）放假",
        "没有读到劳动节当天放假",
    ),
    ("6月19日（周五）至21日（周日）", "6月31日", "6月31日 不是一个日期"),
]


@pytest.mark.parametrize(("words", "instead", "said"), PROBLEMS)
def test_a_contradiction_is_named(words: str, instead: str, said: str) -> None:
    assert words in OF_2026
    told = read_notice(OF_2026.replace(words, instead)).problems
    assert any(said in problem for problem in told), told


@pytest.mark.parametrize("text", ["", "今天天气不错", "国务院办公厅关于2027年部分节假日安排的通知"])
def test_a_text_that_is_no_notice_says_so(text: str) -> None:
    reading = read_notice(text)
    assert (reading.days, len(reading.problems)) == ([], 1)
    assert "没有读到" in reading.problems[0]


LIST = "日期,类型,名称\n2027-01-01,放假,元旦\n2027/5/1,休,劳动节\n2027年10月1日,放假,国庆节\n"


def test_a_list_of_days_is_read() -> None:
    reading = read_notice(LIST + "2027-10-09,上班,国庆节\n")
    assert (reading.year, reading.problems) == (2027, [])
    assert [(day.on, day.kind) for day in reading.days][-1] == (date(2027, 10, 9), DayKind.WORKDAY)
    assert reading.days[1].name == "劳动节"
    assert read_notice((LIST + "2027-10-09,上班,国庆节").replace(",", "\t")).days == reading.days


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2027-10-09,也许,国庆节", "第 5 行“2027-10-09,也许,国庆节”的类型请写“放假”或“上班”"),
        ("明天,放假,国庆节", "的日期没有读懂"),
        ("2027-10-11,上班,国庆节", "是周一，本来就上班"),
        ("2028-01-01,放假,元旦", "一次只能导入一年，请去掉 2028-01-01"),
        ("2027-13-01,放假,元旦", "不是一个日期"),
    ],
)
def test_a_line_that_is_not_understood_is_named(line: str, said: str) -> None:
    told = read_notice(LIST + line).problems
    assert any(said in problem for problem in told), told


def test_next_years_notice_is_missed_from_november_on() -> None:
    calendar = WorkCalendar({}, {2026})
    day = date(2026, 10, 31)
    assert year_without_notice(calendar, today=day) is None
    assert year_without_notice(calendar, today=day + timedelta(days=1)) == 2027
    assert year_without_notice(calendar, today=date(2027, 1, 1)) == 2027
    assert year_without_notice(WorkCalendar({}, {2026, 2027}), today=date(2026, 12, 1)) is None
