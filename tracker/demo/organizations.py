"""One invented city with three counties, their units, and what each term owes."""

from datetime import date

from tracker.demo.book import Book
from tracker.demo.names import (
    COMMUNITIES,
    COUNTY_DEPARTMENTS,
    DEPARTMENTS,
    TOWN_HEADS,
    TOWN_TAILS,
    VILLAGE_HEADS,
)
from tracker.organizations.models import Region, SupervisorOrg, Unit
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.rounds.models import CoverageTarget, DeadlineProfile, Term

CITY, COUNTY = "YZ", "YL"
COUNTIES = ((COUNTY, "云岭县"), ("LX", "澜溪县"), ("SH", "松河区"))
VILLAGE_COUNT = 62
SUPERVISED = 12


def add_regions(book: Book) -> None:
    """Add the city and its counties, a deadline profile each, and the two 七届 terms."""
    city = Region(
        code=CITY, name="云州市", short_name="云州市", level=RegionLevel.CITY, **book.stamps()
    )
    book.regions[CITY] = city
    for number, (code, name) in enumerate(COUNTIES, start=1):
        book.regions[code] = Region(
            code=code,
            name=name,
            short_name=name,
            level=RegionLevel.COUNTY,
            parent=city,
            sort_no=number,
            **book.stamps(),
        )
    book.add(list(book.regions.values()))
    for code in (CITY, COUNTY):
        region_id = book.regions[code].id
        book.profiles[code] = DeadlineProfile(
            region_id=region_id, name="2024（集中整改6个月）", **book.stamps()
        )
        book.terms[code] = Term(
            region_id=region_id,
            number=7,
            starts_on=term_start(book),
            ends_on=term_start(book).replace(year=book.today.year + 1, day=27),
            **book.stamps(),
        )
    book.add([*book.profiles.values(), *book.terms.values()])


def term_start(book: Book) -> date:
    """Return the day the seventh term began: far enough back for all its rounds."""
    return date(book.today.year - 4, 9, 28)


def add_units(book: Book) -> None:
    """Add departments, towns, villages and communities in their fixed order."""
    organ = SupervisorOrg(
        region_id=book.regions[CITY].id, name="市纪委监委第一监督检查室", **book.stamps()
    )
    book.add([organ])
    city = [
        _unit(book, CITY, f"S{place:03d}", f"市{name}", UnitCategory.DEPARTMENT, place)
        for place, name in enumerate(DEPARTMENTS, start=1)
    ]
    for unit in city[24 : 24 + SUPERVISED]:
        unit.supervisor_org = organ
    towns = [town for code, _name in COUNTIES for town in _towns(book, code)]
    own = [
        _unit(book, COUNTY, f"X{place:03d}", f"县{name}", UnitCategory.DEPARTMENT, place)
        for place, name in enumerate(COUNTY_DEPARTMENTS, start=1)
    ]
    book.add([*city, *towns, *own])
    book.units = {
        "city": city,
        "towns": towns,
        "county": own,
        "villages": _villages(book, towns[:24]),
        "communities": [
            _unit(book, COUNTY, f"Q{place:03d}", f"{name}社区", UnitCategory.COMMUNITY, 400 + place)
            for place, name in enumerate(COMMUNITIES, start=1)
        ],
    }
    book.add([*book.units["villages"], *book.units["communities"]])


def _unit(
    book: Book, region: str, code: str, name: str, category: UnitCategory, place: int
) -> Unit:
    return Unit(
        region=book.regions[region],
        code=code,
        name=name,
        short_name=name,
        category=category,
        sort_no=place,
        valid_from=date(2015, 1, 1),
        **book.stamps(),
    )


def _towns(book: Book, region: str) -> list[Unit]:
    heads = TOWN_HEADS.split("、")
    names = [head + tail for tail in TOWN_TAILS for head in heads]
    county = book.regions[region].short_name
    return [
        _unit(book, region, f"T{place:03d}", f"{county}{name}", UnitCategory.TOWN, 200 + place)
        for place, name in enumerate(names, start=1)
    ]


def _villages(book: Book, towns: list[Unit]) -> list[Unit]:
    villages = []
    for place in range(VILLAGE_COUNT):
        town = towns[place % len(towns)]
        name = f"{town.name.removeprefix('云岭县')}{VILLAGE_HEADS[place % len(VILLAGE_HEADS)]}村"
        village = _unit(book, COUNTY, f"C{place + 1:03d}", name, UnitCategory.VILLAGE, 300 + place)
        village.parent = town
        villages.append(village)
    return villages


def add_coverage(book: Book) -> None:
    """Add what the terms owe: 82 departments + 72 towns = 154 for the city, 104 for the county."""
    units = book.units
    lists = {
        CITY: units["city"] + units["towns"],
        COUNTY: units["county"] + units["villages"] + units["communities"],
    }
    for code, owed in lists.items():
        term = book.terms[code]
        book.add(
            [
                CoverageTarget(
                    term_id=term.id,
                    unit_id=unit.id,
                    counted_in_region_id=book.regions[code].id,
                    added_on=term.starts_on,
                    **book.stamps(),
                )
                for unit in owed
            ]
        )
