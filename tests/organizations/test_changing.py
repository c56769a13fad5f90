"""机构变动: what a unit was called, where it lay and who stands for it, on any day."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database, born
from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.organizations import changing
from tracker.organizations.changing import Decision
from tracker.organizations.history import heirs, name_on, newest_change
from tracker.organizations.models import Unit, UnitChange
from tracker.organizations.queries import pickable_units
from tracker.organizations.rules import UnitCategory

TODAY = date(2026, 11, 16)
NOW = at_local(TODAY, 9)
WHO: dict[str, Any] = {"actor": TESTER, "now": NOW}


def on(month: int, day: int = 1) -> Decision:
    return Decision(effective_on=date(2026, month, day), document="编办批复〔2026〕3号")


def make_unit(session: Session, people: Cast, code: str) -> Unit:
    unit = Unit(
        code=code,
        name=f"市{code}局",
        short_name=code,
        region_id=people.regions["city"],
        category=UnitCategory.DEPARTMENT,
        **born(**WHO),
    )
    session.add(unit)
    session.flush()  # its id is wanted
    return unit


def unit(session: Session, people: Cast, name: str) -> Unit:
    return session.get_one(Unit, people.units[name])


def heirs_on(session: Session, day: date) -> dict[int, int]:
    standing = heirs(day)
    rows = session.execute(select(standing.c.unit_id, standing.c.heir_id))
    return {row[0]: row[1] for row in rows}


def called_on(session: Session, row: Unit, day: date) -> str | None:
    return session.scalar(select(name_on(Unit, day)).select_from(Unit).where(Unit.id == row.id))


def test_a_name_holds_from_its_day_and_the_old_ones_stay_on_theirs(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        row = unit(session, people, "a")
        changing.rename_unit(session, row, "市甲委", "甲委", on(3), **WHO)
        changing.rename_unit(session, row, "市甲中心", "甲中心", on(9), **WHO)
        days = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 8, 31), date(2026, 9, 1))
        told = [called_on(session, row, day) for day in days]
        assert told == ["市甲局", "市甲委", "市甲委", "市甲中心"]
        assert row.name == "市甲中心"


def test_mergers_are_followed_however_long_the_chain(database: Database, people: Cast) -> None:
    with database.writing() as session:
        a, b = unit(session, people, "a"), unit(session, people, "b")
        c = make_unit(session, people, "C")
        changing.merge_unit(session, a, b, on(3), **WHO)
        changing.merge_unit(session, b, c, on(6), **WHO)
        changing.abolish_unit(session, c, on(9), **WHO)
        session.flush()  # what was is looked up
        before = heirs_on(session, date(2026, 2, 28))
        assert (before[a.id], before[b.id], before[c.id]) == (a.id, b.id, c.id)
        assert heirs_on(session, date(2026, 3, 1))[a.id] == b.id
        assert heirs_on(session, date(2026, 6, 1))[a.id] == c.id
        assert not {a.id, b.id, c.id} & set(heirs_on(session, date(2026, 9, 1)))


def test_what_cannot_be_is_refused_with_a_sentence(database: Database, people: Cast) -> None:
    with database.writing() as session:
        a, b, e = (unit(session, people, name) for name in "abe")
        refusals: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: changing.rename_unit(session, a, a.name, a.short_name, on(3), **WHO), "相同"),
            (lambda: changing.merge_unit(session, a, a, on(3), **WHO), "另一个单位"),
            (lambda: changing.merge_unit(session, a, e, on(3), **WHO), "本地区"),
            (lambda: changing.abolish_unit(session, a, on(12), **WHO), "还没有到"),
            (lambda: changing.place_unit(session, a, None, on(3), **WHO), "没有变化"),
        )
        for do, words in refusals:
            with pytest.raises(DomainError, match=words):
                do()
        changing.merge_unit(session, a, b, on(6), **WHO)
        with pytest.raises(DomainError, match="已经停用"):
            changing.abolish_unit(session, a, on(7), **WHO)
        with pytest.raises(DomainError, match="尚未启用或已经停用"):
            changing.merge_unit(session, b, a, on(7), **WHO)
        changing.rename_unit(session, b, "市乙委", "乙委", on(8), **WHO)
        with pytest.raises(DomainError, match="按先后登记"):
            changing.rename_unit(session, b, "市乙办", "乙办", on(7), **WHO)


def test_no_unit_is_put_under_itself_or_what_lies_below_it(
    database: Database, people: Cast
) -> None:
    with database.writing() as session:
        a, b = unit(session, people, "a"), unit(session, people, "b")
        changing.place_unit(session, b, a, on(3), **WHO)
        for parent in (a, b):
            with pytest.raises(DomainError, match="上级单位不能是它自己"):
                changing.place_unit(session, a, parent, on(4), **WHO)
        assert b.parent_id == a.id


def test_a_change_taken_back_has_never_been(database: Database, people: Cast) -> None:
    with database.writing() as session:
        a, b = unit(session, people, "a"), unit(session, people, "b")
        changing.rename_unit(session, a, "市甲委", "甲委", on(3), **WHO)
        merged = changing.merge_unit(session, a, b, on(6), **WHO)
        renamed = session.scalars(select(UnitChange).order_by(UnitChange.id)).first()
        assert renamed is not None
        with pytest.raises(DomainError, match="最近的一次"):
            changing.take_back_change(session, renamed, **WHO)
        changing.take_back_change(session, merged, **WHO)
        session.flush()  # what was is looked up
        assert heirs_on(session, TODAY)[a.id] == a.id
        assert (a.valid_to, a.merged_into_id) == (None, None)
        changing.take_back_change(session, renamed, **WHO)
        assert called_on(session, a, TODAY) == "市甲局"
        assert newest_change(session, a.id) is None


def test_only_the_office_of_the_unit_changes_it(database: Database, people: Cast) -> None:
    with database.writing() as session:
        a, b = unit(session, people, "a"), unit(session, people, "b")
        east: dict[str, Any] = {"actor": people.actor("east_clerk"), "now": NOW}
        with pytest.raises(NotVisibleError):
            changing.merge_unit(session, a, b, on(3), **east)


def test_on_its_last_day_mark_a_unit_is_offered_no_more(database: Database, people: Cast) -> None:
    with database.writing() as session:
        changing.abolish_unit(session, unit(session, people, "b"), on(11, 16), **WHO)
        names = {row.name for row in pickable_units(session, people.regions["city"], today=TODAY)}
        assert "市乙局" not in names
        assert "市甲局" in names


FIELDS = {
    "kind": "merged",
    "name": "",
    "short_name": "",
    "parent_id": "0",
    "effective_on": "2026-10-01",
    "document": "编办批复",
}


def test_a_clerk_tells_a_merger_on_the_page_and_takes_it_back(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    path = f"/units/{people.units['a']}/changes"
    assert visitor.post(path, FIELDS | {"successor_id": "0"}).status_code == 422
    assert "请选择承接单位" in visitor.text
    told = FIELDS | {"successor_id": str(people.units["b"])}
    assert visitor.post(path, told).status_code == 302
    assert "市甲局 并入 市乙局" in visitor.get(path).get_data(as_text=True)
    with database.reading() as session:
        change_id = session.scalars(select(UnitChange.id)).one()
        assert unit(session, people, "a").merged_into_id == people.units["b"]
    edited = {
        "code": "A01",
        "name": "市甲局",
        "short_name": "市甲局",
        "category": "department",
        "sort_no": "1",
        "valid_from": "2020-01-01",
        "valid_to": "",
    }
    assert visitor.post(f"/units/{people.units['a']}/edit", edited).status_code == 422
    assert "由合并或撤销的登记确定" in visitor.text
    assert visitor.post(f"/unit-changes/{change_id}/take-back", via=path).status_code == 302
    with database.reading() as session:
        assert unit(session, people, "a").merged_into_id is None
        actions = set(session.scalars(select(AuditEntry.action)))
        assert {"unit_merged", "unit_change_taken_back"} <= actions


def test_the_administrator_moves_a_unit_with_its_sign_ins(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("admin")
    fields = {
        "unit": "EAST/E01",
        "region_id": str(people.regions["west"]),
        "code": "W01",
        "effective_on": "2026-10-01",
        "document": "省政府批复",
    }
    assert visitor.post("/units/move", fields).status_code == 422
    assert "已被“西塘县丁局”使用" in visitor.text
    assert visitor.post("/units/move", fields | {"code": "W02"}).status_code == 302
    with database.reading() as session:
        moved = unit(session, people, "e")
        assert (moved.region_id, moved.code) == (people.regions["west"], "W02")
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "unit_moved")).one()
        assert told.object_id == moved.id
        assert session.scalar(select(func.count(UnitChange.id))) == 1
