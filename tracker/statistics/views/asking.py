"""What an address asks of figures: whose, of which term or round, as of which day."""

from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask import abort, flash, request

from tracker.kernel.errors import NotVisibleError
from tracker.organizations.models import Region
from tracker.organizations.queries import own_and_counties
from tracker.organizations.rules import RegionLevel, UnitCategory
from tracker.rounds.models import Round, Term
from tracker.statistics.queries.query import FigureQuery, readable_regions, rounds_of, terms_of
from tracker.web.access import actor, asked
from tracker.web.database import db, today

YEARS = range(1950, 2200)  # outside, figures reckoning back or on from the day would overflow
Word = TypeVar("Word", bound=StrEnum)


def asked_query() -> tuple[Region, FigureQuery]:
    """Return the region and query the address names; another's region does not exist."""
    region = asked_region()
    return region, FigureQuery(
        actor=actor(),
        region_id=region.id,
        as_of=asked_day(),
        term_id=_term_id(region, asked("term")),
        round_id=_round_id(region, asked("round")),
        category=asked_word(UnitCategory, "kind"),
        level=asked_word(RegionLevel, "level"),
        place_id=_place_id(region, asked("place")),
    )


def asked_region() -> Region:
    """Return the region the address names, the reader's own without one."""
    code = asked("region")
    query = readable_regions(actor())
    query = query.where(Region.code == code if code else Region.id == actor().region_id)
    region = db().scalar(query)
    if region is None:
        raise NotVisibleError
    return region


def asked_word(words: type[Word], name: str) -> Word | None:
    """Return a member by its code; None where the address has none, or one that is not."""
    code = asked(name)
    return words(code) if code in {word.value for word in words} else None


def asked_day() -> date:
    """Return 数据截至; today where the address has none, or one that is no day."""
    text = request.args.get("as_of")
    try:
        day = date.fromisoformat(text) if text else today()
    except ValueError:
        day = date.min
    if day.year in YEARS:
        return day
    flash("数据截至日应写成 2026-11-21，已按今天显示。", "warning")
    return today()


def _place_id(region: Region, code: str) -> int | None:
    if not code:
        return None
    known = {place.code: place.id for place in own_and_counties(db(), region.id)}
    if code not in known:
        abort(404)
    return known[code]


def _term_id(region: Region, text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(404)
    found = db().scalar(terms_of(region.id).where(Term.id == int(text)))
    if found is None:
        abort(404)
    return found.id


def _round_id(region: Region, code: str) -> int | None:
    if not code:
        return None
    found = db().scalar(rounds_of(region.id).where(Round.code == code))
    if found is None:
        abort(404)
    return found.id
