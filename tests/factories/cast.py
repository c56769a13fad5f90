"""The fixed cast of the tests. Everybody signs in with the same password."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from tests.visitor import PASSWORD
from tracker.kernel.db import born
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.models import Region, SupervisorOrg, Unit
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.people.models import Person, User

TESTER = Actor(name="tests")


@cache
def cheap_hash() -> str:
    """One real argon2 hash, cheap enough to verify hundreds of times."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


@dataclass
class Cast:
    """Ids of the cast, by name."""

    regions: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)

    def actor(self, username: str) -> Actor:
        """Return a member of the cast as an Actor."""
        return self._actors[username]

    _actors: dict[str, Actor] = field(default_factory=dict)


MEMBERS = (
    ("clerk", Role.OFFICE_CLERK, "city", None),
    ("lead", Role.OFFICE_LEAD, "city", None),
    ("leader", Role.LEADER, "city", None),
    ("liaison_a", Role.UNIT_LIAISON, "city", "a"),
    ("head_a", Role.UNIT_HEAD, "city", "a"),
    ("liaison_b", Role.UNIT_LIAISON, "city", "b"),
    ("head_b", Role.UNIT_HEAD, "city", "b"),
    ("supervisor", Role.SUPERVISOR, "city", None),
    ("east_clerk", Role.OFFICE_CLERK, "east", None),
    ("east_lead", Role.OFFICE_LEAD, "east", None),
    ("east_liaison", Role.UNIT_LIAISON, "east", "e"),
    ("east_head", Role.UNIT_HEAD, "east", "e"),
    ("acting_lead", Role.OFFICE_CLERK, "city", None),
    ("deputy_a", Role.UNIT_LIAISON, "city", "a"),
    ("west_clerk", Role.OFFICE_CLERK, "west", None),
    ("admin", Role.SYS_ADMIN, "city", None),
    ("security", Role.SECURITY_ADMIN, "city", None),
    ("auditor", Role.AUDIT_ADMIN, "city", None),
)


def make_cast(session: Session, *, now: datetime) -> Cast:
    """Make regions city → east, west; units a, b (city), e (east), w (west); one user per role."""
    stamps = born(actor=TESTER, now=now)
    city = Region(
        code="CITY", name="云州市", short_name="云州市", level=RegionLevel.CITY, sort_no=0, **stamps
    )
    east = Region(
        code="EAST",
        name="东岭县",
        short_name="东岭县",
        level=RegionLevel.COUNTY,
        parent=city,
        sort_no=1,
        **stamps,
    )
    west = Region(
        code="WEST",
        name="西塘县",
        short_name="西塘县",
        level=RegionLevel.COUNTY,
        parent=city,
        sort_no=2,
        **stamps,
    )
    organ = SupervisorOrg(name="第一监督检查室", **stamps)
    session.add_all([city, east, west])
    session.flush()  # the organisation needs the city's id
    organ.region_id = city.id
    session.add(organ)
    session.flush()  # the units need the organisation's id
    regions = {"city": city, "east": east, "west": west}
    units = {
        "a": _unit("A01", "市甲局", city, 1, stamps, supervisor_org=organ),
        "b": _unit("B01", "市乙局", city, 2, stamps),
        "e": _unit("E01", "东岭县丙局", east, 1, stamps),
        "w": _unit("W01", "西塘县丁局", west, 1, stamps),
    }
    session.add_all(units.values())
    session.flush()  # the users need ids of regions and units
    cast = Cast()
    for username, role, region, unit in MEMBERS:
        user = User(
            person=Person(
                region=regions[region],
                name=f"{role.label}{username}",
                mobile="13800000000",
                **stamps,
            ),
            username=username,
            role=role,
            region=regions[region],
            unit=units[unit] if unit else None,
            supervisor_org=organ if role is Role.SUPERVISOR else None,
            password_hash=cheap_hash(),
            must_change_password=False,
            **stamps,
        )
        session.add(user)
        session.flush()  # the cast keeps ids
        cast.users[username] = user.id
        cast._actors[username] = _actor(user)
    cast.regions = {name: region.id for name, region in regions.items()}
    cast.units = {name: unit.id for name, unit in units.items()}
    return cast


def _actor(user: User) -> Actor:
    return Actor(
        name=f"{user.person.name}（{user.username}）",
        role=user.role,
        user_id=user.id,
        person_id=user.person_id,
        region_id=user.region_id,
        unit_id=user.unit_id,
        supervisor_org_id=user.supervisor_org_id,
    )


def _unit(
    code: str, name: str, region: Region, sort_no: int, stamps: dict[str, Any], **more: Any
) -> Unit:
    return Unit(
        code=code,
        name=name,
        short_name=name,
        region=region,
        sort_no=sort_no,
        category=UnitCategory.DEPARTMENT,
        valid_from=date(2020, 1, 1),
        **more,
        **stamps,
    )
