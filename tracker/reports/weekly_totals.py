"""The totals of the weekly report: the registry's figures, of the same query as pages and files."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor
from tracker.reports.rules import WEEK, Balance
from tracker.statistics.queries.query import FigureQuery
from tracker.statistics.rules import Figure
from tracker.statistics.service import measure_all

READER = Actor(name="weekly-report")
CODES = ("tasks_closed", "tasks_overdue", "overdue_share")


@dataclass(frozen=True, kw_only=True)
class Totals:
    """How many tasks of a round stood so at the end of a day."""

    opened: int
    closed: int
    overdue: int


def weekly_query(region_id: int, round_id: int, as_of: date) -> FigureQuery:
    """Return the question that an edition answers."""
    return FigureQuery(actor=READER, region_id=region_id, round_id=round_id, as_of=as_of)


def totals_of(session: Session, query: FigureQuery) -> tuple[Totals, Totals]:
    """Return the totals of the day, and of the same weekday before."""
    return _totals(session, query), _totals(session, replace(query, as_of=query.as_of - WEEK))


def _totals(session: Session, query: FigureQuery) -> Totals:
    figures = {each.definition.code: each for each in measure_all(session, query, CODES)}
    return Totals(
        opened=int(figures["overdue_share"].reading.denominator or 0),
        closed=_above(figures["tasks_closed"]),
        overdue=_above(figures["tasks_overdue"]),
    )


def _above(figure: Figure) -> int:
    return int(figure.reading.numerator or 0)


def balance(before: int, after: int, then_rows: Iterable[int], rows: Iterable[int]) -> Balance:
    """Return the stock from one Sunday to the next: both ends measured, what came by the rows."""
    came = len(set(rows) - set(then_rows))
    return Balance(last=before, new=came, gone=before + came - after)
