"""What an address asks of figures: whose, of which term or round, as of which day."""

from datetime import date

from flask import flash, request

from tracker.kernel.errors import NotVisibleError
from tracker.organizations.models import Region
from tracker.statistics.asked import COMPARED, Asked, BadDayError, UnknownFilterError, ask
from tracker.statistics.filters import Filter
from tracker.statistics.queries.query import FigureQuery, readable_regions
from tracker.web.access import actor, asked
from tracker.web.database import db, today

YEARS = range(1950, 2200)  # outside, figures reckoning back or on from the day would overflow
NAMES = (*(one.value for one in Filter), COMPARED)
LONGEST_WORD = 200  # a theme


def asked_query() -> tuple[Region, FigureQuery]:
    """Return the region and query the address names; another's region does not exist."""
    region, question = asked_figures()
    return region, question.query


def asked_figures() -> tuple[Region, Asked]:
    """Return the region and question the address names, with its filters in words.

    What does not exist, or not for this reader, is answered like a page that does not.
    """
    region = asked_region()
    query = FigureQuery(actor=actor(), region_id=region.id, as_of=asked_day())
    typed = {name: _typed(name) for name in NAMES}
    try:
        return region, ask(db(), query, typed)
    except BadDayError as error:
        flash(f"{error}已不按起始日统计。", "warning")
        return region, ask(db(), query, {**typed, Filter.SINCE: "", COMPARED: ""})
    except UnknownFilterError as error:
        raise NotVisibleError from error


def _typed(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:LONGEST_WORD]


def asked_region() -> Region:
    """Return the region the address names, the reader's own without one."""
    code = asked("region")
    query = readable_regions(actor())
    query = query.where(Region.code == code if code else Region.id == actor().region_id)
    region = db().scalar(query)
    if region is None:
        raise NotVisibleError
    return region


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
