"""A span of days and the same span a year earlier. Pure."""

from dataclasses import replace
from datetime import date

from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import year_before


def year_begun(day: date) -> date:
    """Return the first day of a day's year: where a span begins when nobody says."""
    return day.replace(month=1, day=1)


def year_earlier(query: FigureQuery, since: date) -> FigureQuery:
    """Return the question about the same span a year earlier; 29 February becomes the 28th."""
    return replace(query, since=year_before(since), as_of=year_before(query.as_of))
