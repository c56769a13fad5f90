"""An administrator keeps the accounts of the own region and its counties, no others."""

import pytest

from tests.factories.cast import Cast
from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.people.models import User

ACCOUNT = {"name": "孙三", "username": "sun3", "role": "unit_liaison"}


@pytest.fixture
def county_admin(database: Database, visitor: Visitor, people: Cast) -> Visitor:
    with database.writing() as session:
        session.get_one(User, people.users["admin"]).region_id = people.regions["east"]
        session.commit()
    visitor.sign_in("admin")
    return visitor


def test_a_countys_administrator_sees_neither_the_city_nor_a_sister_county(
    county_admin: Visitor,
) -> None:
    county_admin.get("/accounts")
    assert "east_clerk" in county_admin.text
    assert "west_clerk" not in county_admin.text
    assert "liaison_a" not in county_admin.text


def test_a_countys_administrator_makes_no_account_in_another_regions_unit(
    county_admin: Visitor, people: Cast
) -> None:
    sent = ACCOUNT | {"unit_id": str(people.units["a"])}
    assert county_admin.post("/accounts/new", sent).status_code == 200
    assert "市甲局" not in county_admin.text
    county_admin.get("/accounts")
    assert "sun3" not in county_admin.text


def test_a_name_with_nul_is_refused_like_any_other(visitor: Visitor, people: Cast) -> None:
    sent = {"username": "cle\x00rk", "password": "x\x00y"}
    assert visitor.post("/sign-in", sent).status_code == 401
