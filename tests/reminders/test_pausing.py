"""暂停提醒: made and ended by the office that reminds, with reasons; another office goes on."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.rectification.office import enter
from tests.reminders.conftest import TaskMaker
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.reminders.models import UnitPause
from tracker.reminders.overview import call_list, reaching
from tracker.reminders.pausing import Pause, pause_unit
from tracker.reminders.queries import pauses_of
from tracker.workdays.rules import WorkCalendar

LATE = MONDAY - timedelta(days=3)
NEW = "/reminders/pauses/new"


def fields(people: Cast, **changes: str) -> dict[str, str]:
    unit = str(people.units["a"])
    days = {"from_on": "2026-11-16", "to_on": "2026-11-30"}
    return {"unit": unit, "reason": "机构合并", **days, **changes}


def called(database: Database, people: Cast, *, region: str = "city") -> list[str]:
    with database.reading() as session:
        selection = reaching(session, [people.regions[region]], on=MONDAY)
        found = call_list(session, selection, today=MONDAY, calendar=WorkCalendar())
        return [each.unit for each in found]


def test_the_office_pauses_a_unit_and_ends_it_early(
    app: Flask, database: Database, people: Cast, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    make_task(due_on=LATE, unit="b")
    assert called(database, people) == ["市甲局", "市乙局"]
    clerk = enter(app, "clerk")
    assert clerk.get(f"{NEW}?unit={people.units['a']}").status_code == 200
    assert "逾期天数照常计算" in clerk.text
    assert clerk.post(NEW, fields(people)).status_code == 302
    assert called(database, people) == ["市乙局"]
    clerk.get("/reminders")
    assert "机构合并" in clerk.text
    with database.reading() as session:
        pause_id = session.scalars(select(UnitPause.id)).one()
    lead, end = enter(app, "lead"), f"/reminders/pauses/{pause_id}/end"
    lead.get("/reminders/pauses")
    assert "暂停中" in lead.text
    assert lead.post(end, {"reason": " "}).status_code == 422
    assert lead.post(end, {"reason": "合并已完成"}).status_code == 302
    assert lead.post(end, {"reason": "合并已完成"}).status_code == 422
    assert called(database, people) == ["市甲局", "市乙局"]
    lead.get("/reminders/pauses")
    for said in ("2026-11-16 至 2026-11-30", "2026-11-16 提前结束", "合并已完成"):
        assert said in lead.text
    with database.reading() as session:
        actions = session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.action.startswith("reminders."))
            .order_by(AuditEntry.seq)
        ).all()
        assert actions == ["reminders.pause_unit", "reminders.end_pause"]
        city = people.regions["city"]
        assert pauses_of(session, people.units["a"], region_id=city) == []  # it stopped no day


def test_the_days_that_a_pause_did_stop_stay_known(
    app: Flask, database: Database, people: Cast, clock: ManualClock
) -> None:
    clerk = enter(app, "clerk")
    assert clerk.post(NEW, fields(people)).status_code == 302
    clock.set_local(date(2026, 11, 20))
    with database.reading() as session:
        pause_id = session.scalars(select(UnitPause.id)).one()
    clerk = enter(app, "clerk")
    assert clerk.post(f"/reminders/pauses/{pause_id}/end", {"reason": "完成"}).status_code == 302
    with database.reading() as session:
        city = people.regions["city"]
        stopped = pauses_of(session, people.units["a"], region_id=city)
    assert stopped == [(MONDAY, date(2026, 11, 19))]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"from_on": "2026-11-15"}, "不能早于今天"),
        ({"to_on": "2026-11-15"}, "不能早于开始日期"),
        ({"to_on": ""}, "结束日期"),
        ({"reason": ""}, "请填写原因"),
    ],
)
def test_a_pause_that_is_not_whole_is_refused(
    app: Flask, people: Cast, changes: dict[str, str], said: str
) -> None:
    clerk = enter(app, "clerk")
    assert clerk.post(NEW, fields(people, **changes)).status_code == 422
    assert said in clerk.text


def test_a_unit_is_paused_once_at_a_time(app: Flask, people: Cast) -> None:
    clerk = enter(app, "clerk")
    assert clerk.post(NEW, fields(people)).status_code == 302
    later = {"from_on": "2026-11-25", "to_on": "2026-12-10"}
    assert clerk.post(NEW, fields(people, **later)).status_code == 422
    assert "已经暂停提醒" in clerk.text
    later["from_on"] = "2026-12-01"
    assert clerk.post(NEW, fields(people, **later)).status_code == 302


def test_an_office_pauses_its_own_reminders_alone(
    app: Flask, database: Database, people: Cast, clock: ManualClock, make_task: TaskMaker
) -> None:
    make_task(due_on=LATE)
    east = people.regions["east"]
    with database.writing() as session:
        days = {"from_on": MONDAY, "to_on": MONDAY}
        wanted = Pause(unit_id=people.units["a"], reason="换届", **days)
        by = {"actor": people.actor("east_clerk"), "now": clock.now()}
        with pytest.raises(DomainError, match="请选择"):
            pause_unit(session, east, wanted, **by)  # type: ignore[arg-type]
    clerk = enter(app, "clerk")
    assert clerk.post(NEW, fields(people)).status_code == 302
    with database.reading() as session:
        pause_id = session.scalars(select(UnitPause.id)).one()
        assert pauses_of(session, people.units["a"], region_id=east) == []
    other = enter(app, "east_clerk")
    assert other.get(f"/reminders/pauses/{pause_id}/end").status_code == 404
    other.get("/reminders/pauses")
    assert "机构合并" not in other.text
    assert enter(app, "liaison_a").get("/reminders/pauses").status_code == 403
