"""工作日历: a notice is looked at, confirmed, saved with its text; what hangs on it moves."""

import io
import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories.cast import TESTER, Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.visitor import Visitor
from tests.workdays.notices import OF_2026, OF_2027
from tracker.administration.calendar import keep_notice, refresh_calendar
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError
from tracker.rectification.models import Task, UnitDocument
from tracker.rectification.rules.words import DocumentKind
from tracker.rounds.deadlines import planned_milestones
from tracker.rounds.models import DeadlineProfile, Milestone
from tracker.rounds.rules import MilestoneKind
from tracker.workdays.models import CalendarDay, CalendarNotice
from tracker.workdays.notice import read_notice
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import DayKind, DaySource
from tracker.workdays.service import seed_calendar

NEW = "/calendar/notice"
# Feedback of 2026-11-10: one, two, three months later are 10 December, 10 January, 10 February.
FED_BACK = date(2026, 11, 10)
PLAIN, SUNDAY_MOVED = date(2026, 12, 10), date(2027, 1, 11)
# 10 February 2027 is a Wednesday that the notice made up here puts into the Spring Festival.
GUESSED, KNOWN = date(2027, 2, 10), date(2027, 2, 12)


@pytest.fixture
def work(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round whose deadlines move off days off, its dates computed with 2027 still 推算."""
    with database.writing() as session:
        seed_calendar(session, now=clock.now(), actor=TESTER)
        # The estimate the program ships knows the Spring Festival; here it is a plain week.
        days = select(CalendarDay).where(CalendarDay.on.between(date(2027, 2, 1), KNOWN))
        for day in session.scalars(days):
            session.delete(day)
        made = make_work(
            session, people, now=clock.now(), fed_back_on=FED_BACK, profile="本地自定义"
        )
        session.execute(update(DeadlineProfile).values(move_to_workday=True))
        session.flush()
        profile = session.get_one(DeadlineProfile, made.profile_id)
        profile.plan_months = profile.report_months = profile.concentrated_months = 3
        for inspection_id in made.inspection_ids.values():
            for planned in planned_milestones(FED_BACK, profile, load_calendar(session)):
                session.add(
                    Milestone(
                        inspection_id=inspection_id,
                        kind=planned.kind,
                        seq=planned.seq,
                        due_on=planned.due_on,
                        done_on=planned.done_on,
                        **born(actor=TESTER, now=clock.now()),
                    )
                )
        for unit in ("a", "b"):
            session.add(
                UnitDocument(
                    feedback_id=made.feedback_ids[unit],
                    unit_id=people.units[unit],
                    kind=DocumentKind.PLAN,
                    due_on=GUESSED,
                    signed_on=date(2026, 11, 12) if unit == "b" else None,
                    **born(actor=TESTER, now=clock.now()),
                )
            )
        made.task(session, people, now=clock.now(), due_on=GUESSED)
        session.commit()
    return made


def milestones(database: Database, work: Work, unit: str = "a") -> dict[str, date | None]:
    with database.reading() as session:
        query = select(Milestone).where(Milestone.inspection_id == work.inspection_ids[unit])
        return {f"{row.kind.value}{row.seq}": row.due_on for row in session.scalars(query)}


def previewed(visitor: Visitor, text: str = OF_2027) -> dict[str, str]:
    """Return the fields with which what was previewed is saved."""
    assert visitor.post(NEW, {"text": text, "preview": "预览"}, via=NEW).status_code == 200
    found = re.search(r'name="digest"[^>]*value="([0-9a-f]+)"', visitor.text)
    assert found is not None
    return {"text": text, "digest": found[1], "confirm": "确认保存"}


def test_a_notice_is_previewed_confirmed_and_moves_what_was_guessed(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    assert milestones(database, work)["plan1"] == GUESSED
    clerk = enter(app, "clerk")
    clerk.get("/")
    assert "还没有 2027 年的节假日安排" in clerk.text
    clerk.get("/calendar?year=2027")
    assert "推算" in clerk.text
    fields = previewed(clerk)
    for said in ("读到 33 天", "2027-02-14", "改为上班", "市甲局 整改方案", "全部 8 项"):
        assert said in clerk.text
    assert milestones(database, work)["plan1"] == GUESSED  # looked at, nothing saved
    assert clerk.post(NEW, fields, via=NEW).status_code == 302
    moved = milestones(database, work)
    assert moved["plan1"] == moved["progress_report1"] == moved["head_report1"] == KNOWN
    assert (moved["monthly_report1"], moved["monthly_report2"]) == (PLAIN, SUNDAY_MOVED)
    clerk.get("/calendar?year=2027")
    for said in ("国务院通知", "2027-02-05", "2027-02-12", "市甲局 整改方案", "一、元旦：1月1日"):
        assert said in clerk.text
    clerk.get("/")
    assert "还没有 2027 年" not in clerk.text
    with database.reading() as session:
        counted = session.scalars(select(AuditEntry.action)).all()
        assert counted.count("calendar_notice_kept") == 1
        assert counted.count("calendar_due_moved") == 8
        assert not load_calendar(session).is_estimated(GUESSED)


def test_dates_that_are_signed_typed_done_or_a_tasks_stay(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    typed = date(2027, 2, 9)
    kind = Milestone.kind
    with database.writing() as session:
        of_a = Milestone.inspection_id == work.inspection_ids["a"]
        session.execute(
            update(Milestone).where(of_a, kind == MilestoneKind.HEAD_REPORT).values(due_on=typed)
        )
        session.execute(
            update(Milestone)
            .where(of_a, kind == MilestoneKind.PROGRESS_REPORT)
            .values(done_on=date(2026, 11, 12))
        )
        session.commit()
    lead = enter(app, "lead")
    assert lead.post(NEW, previewed(lead), via=NEW).status_code == 302
    mine, theirs = milestones(database, work), milestones(database, work, "b")
    assert (mine["head_report1"], mine["progress_report1"]) == (typed, GUESSED)
    assert (mine["plan1"], theirs["plan1"]) == (KNOWN, GUESSED)  # unit b's plan is signed
    with database.reading() as session:
        query = select(UnitDocument.due_on).order_by(UnitDocument.id)
        assert session.scalars(query).all() == [KNOWN, GUESSED]
        task = session.scalars(select(Task)).one()
        assert (task.due_on, task.original_due) == (GUESSED, GUESSED)


def test_a_text_not_understood_or_changed_since_is_not_saved_and_not_lost(
    app: Flask, database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    clerk = enter(app, "clerk")
    wrong = OF_2027.replace("（周五）至3日", "（周四）至3日")
    assert clerk.post(NEW, {"text": wrong, "preview": "预览"}, via=NEW).status_code == 422
    assert "写作周四，实际是周五" in clerk.text
    assert "1月31日（周日）、2月14日（周日）上班" in clerk.text  # still in the field
    fields = previewed(clerk) | {"text": OF_2027.replace("5月8日（周六）", "5月9日（周日）")}
    assert clerk.post(NEW, fields, via=NEW).status_code == 422
    assert "文字在预览后有改动，没有保存" in clerk.text
    with database.writing() as session:
        assert load_calendar(session).is_estimated(GUESSED)
        with pytest.raises(DomainError, match="没有完全读懂"):
            keep_notice(
                session, read_notice(wrong), wrong, actor=people.actor("clerk"), now=clock.now()
            )


def test_a_file_is_read_in_either_encoding(app: Flask, people: Cast, work: Work) -> None:
    listed = (
        "日期,类型,名称\n2027-01-01,放假,元旦\n2027-05-01,放假,劳动节\n2027-10-01,放假,国庆节\n"
    )
    admin = enter(app, "admin")
    for encoding in ("utf-8-sig", "gb18030"):
        file = (io.BytesIO(listed.encode(encoding)), "2027.csv")
        answer = admin.post(NEW, {"file": file, "preview": "预览"}, via=NEW)
        assert answer.status_code == 200
        assert "读到 3 天" in admin.text


def test_only_the_top_office_saves_and_others_look(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    county = enter(app, "east_clerk")
    fields = previewed(county)
    assert "只能预览" in county.text
    assert "市甲局" not in county.text  # another office's dates
    assert county.post(NEW, fields, via=NEW).status_code == 422
    assert "由上级巡察办或其系统管理员维护" in county.text
    with database.reading() as session:
        assert session.scalars(select(CalendarNotice)).all() == []


def test_what_people_keep_by_hand_and_a_pasted_year_outlive_the_next_seeding(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    by_hand = date(2027, 5, 6)
    with database.writing() as session:
        session.add(
            CalendarDay(
                on=by_hand,
                kind=DayKind.DAY_OFF,
                name="本地放假",
                source=DaySource.MANUAL,
                **born(actor=TESTER, now=clock.now()),
            )
        )
        lead = people.actor("lead")
        keep_notice(session, read_notice(OF_2027), OF_2027, actor=lead, now=clock.now())
        session.commit()
        assert seed_calendar(session, now=clock.now(), actor=TESTER) == 0
        calendar = load_calendar(session)
        assert not calendar.is_workday(by_hand)
        assert not calendar.is_workday(date(2027, 5, 5))
        assert calendar.is_workday(date(2027, 5, 8))


def test_a_notice_that_was_amended_and_pasted_is_not_undone_by_the_next_seeding(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    amended = OF_2026.replace("9月20日（周日）、10月10日（周六）上班", "9月20日（周日）上班")
    with database.writing() as session:
        lead = people.actor("lead")
        keep_notice(session, read_notice(amended), amended, actor=lead, now=clock.now())
        session.commit()
        assert not load_calendar(session).is_workday(date(2026, 10, 10))
        seed_calendar(session, now=clock.now(), actor=TESTER)
        session.flush()
        assert not load_calendar(session).is_workday(date(2026, 10, 10))


def test_days_that_come_with_the_program_move_dates_with_a_trace_too(
    database: Database, people: Cast, clock: ManualClock, work: Work
) -> None:
    with database.writing() as session:
        assert refresh_calendar(session, actor=TESTER, now=clock.now()) == 8  # the guess got better
        session.commit()
        assert session.scalars(select(CalendarNotice.year)).all() == [2027]
        assert milestones(database, work)["plan1"] == date(2027, 2, 11)
        session.execute(
            update(CalendarDay)
            .where(CalendarDay.source == DaySource.NOTICE, CalendarDay.on >= date(2026, 1, 1))
            .values(source=DaySource.ESTIMATE)
        )
        session.commit()
        assert refresh_calendar(session, actor=TESTER, now=clock.now()) == 0
        session.commit()
        assert set(session.scalars(select(CalendarNotice.year))) == {2026, 2027}
        assert refresh_calendar(session, actor=TESTER, now=clock.now()) == 0
        assert len(session.scalars(select(CalendarNotice)).all()) == 2


def test_a_date_that_hangs_on_a_year_without_notice_is_marked(
    app: Flask, database: Database, people: Cast, work: Work
) -> None:
    clerk = enter(app, "clerk")
    pages = [f"/inspections/{work.inspection_ids['a']}", plan_page(database)]
    for path in pages:
        clerk.get(path)
        assert "（推算）" in clerk.text, path
    assert clerk.post(NEW, previewed(clerk), via=NEW).status_code == 302
    for path in pages:
        clerk.get(path)
        assert "（推算）" not in clerk.text, path


def plan_page(database: Database) -> str:
    with database.reading() as session:
        return (
            f"/plans/{session.scalars(select(UnitDocument.id).order_by(UnitDocument.id)).first()}"
        )
