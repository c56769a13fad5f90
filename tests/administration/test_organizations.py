"""The pages of units, persons and regions."""

from sqlalchemy import select

from tests.factories.cast import Cast
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel.db import Database
from tracker.organizations.models import Region, Unit
from tracker.people.models import Person

UNIT = {
    "code": "C01",
    "name": "市丙局",
    "short_name": "丙局",
    "category": "department",
    "sort_no": "3",
    "valid_from": "2026-01-01",
}


def test_a_clerk_adds_a_unit_and_finds_it_again(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("clerk")
    assert visitor.post("/units/new", UNIT).status_code == 302
    visitor.get("/units?q=丙局&category=department")
    assert "市丙局" in visitor.text
    assert "市甲局" not in visitor.text
    with database.reading() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "C01")).one()
        assert unit.region_id == people.regions["city"]
        assert "unit_created" in session.scalars(select(AuditEntry.action)).all()


def test_a_taken_code_or_dates_in_the_wrong_order_are_refused(
    visitor: Visitor, people: Cast
) -> None:
    visitor.sign_in("clerk")
    assert visitor.post("/units/new", UNIT | {"code": "A01"}).status_code == 422
    assert "单位代码“A01”已被“市甲局”使用" in visitor.text
    assert 'value="市丙局"' in visitor.text
    assert visitor.post("/units/new", UNIT | {"valid_to": "2025-01-01"}).status_code == 422
    assert "停用日期早于启用日期" in visitor.text


def test_a_unit_is_edited_by_one_at_a_time(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("clerk")
    path = f"/units/{people.units['a']}/edit"
    fields = UNIT | {"code": "A01", "version": "1"}
    assert visitor.post(path, fields, via=path).status_code == 302
    assert visitor.post(path, fields | {"name": "又改"}).status_code == 409
    assert 'value="又改"' in visitor.text


def test_a_clerk_keeps_persons(visitor: Visitor, people: Cast, database: Database) -> None:
    visitor.sign_in("clerk")
    fields = {"name": "甲示例", "mobile": "13900000001", "wecom_userid": "jia.shili"}
    assert visitor.post("/persons/new", fields).status_code == 302
    assert visitor.post("/persons/new", fields).status_code == 422
    assert "请不要重复登记" in visitor.text
    assert visitor.post("/persons/new", fields | {"mobile": "123"}).status_code == 422
    assert "手机号应为 11 位数字" in visitor.text
    everybody = fields | {"name": "乙示例", "wecom_userid": "@all"}
    assert visitor.post("/persons/new", everybody).status_code == 422
    assert "以字母或数字开头" in visitor.text
    with database.reading() as session:
        person_id = session.scalars(select(Person.id).where(Person.name == "甲示例")).one()
    path = f"/persons/{person_id}/edit"
    cleared = {"name": "甲示例", "mobile": "", "version": "1"}
    assert visitor.post(path, cleared).status_code == 302
    with database.reading() as session:
        assert session.get_one(Person, person_id).mobile is None


def test_rows_of_another_region_are_not_found(visitor: Visitor, people: Cast) -> None:
    visitor.sign_in("east_clerk")
    missing = visitor.get("/units/999999999/edit").get_data(as_text=True)
    person_id = people.actor("clerk").person_id
    for path in (f"/units/{people.units['a']}/edit", f"/persons/{person_id}/edit"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert answer.get_data(as_text=True) == missing
    assert "市甲局" not in visitor.get("/units").get_data(as_text=True)


def test_an_administrator_renames_the_region_and_adds_a_county(
    visitor: Visitor, people: Cast, database: Database
) -> None:
    visitor.sign_in("admin")
    county = {"code": "NORTH", "name": "北川区"}
    assert visitor.post("/regions", county).status_code == 302
    path = f"/regions/{people.regions['city']}/edit"
    fields = {"code": "CITY", "name": "新州市", "short_name": "新州", "version": "1"}
    assert visitor.post(path, fields | {"level": "county"}).status_code == 422
    assert "级别只能是“市本级”" in visitor.text
    assert visitor.post(path, fields | {"level": "city"}).status_code == 302
    visitor.get("/regions")
    assert "新州市" in visitor.text
    with database.reading() as session:
        north = session.scalars(select(Region).where(Region.code == "NORTH")).one()
        assert north.parent_id == people.regions["city"]


def test_only_the_administrator_keeps_regions_and_only_the_clerk_units(
    visitor: Visitor, people: Cast
) -> None:
    for name, units, regions in (("clerk", 200, 403), ("lead", 403, 403), ("admin", 403, 200)):
        visitor.sign_in(name)
        assert visitor.get("/units").status_code == units
        assert visitor.get("/persons").status_code == units
        assert visitor.get("/regions").status_code == regions
        visitor.post("/sign-out", via="/")
