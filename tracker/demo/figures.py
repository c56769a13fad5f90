"""Clues counted from rows, and the figures that are entered: the counties', this and last year's."""

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.demo.book import Book, spread, weekday
from tracker.demo.organizations import CITY, COUNTY, term_start
from tracker.handover.models import ClueCount
from tracker.handover.rules import ClueKind, ClueMeasure
from tracker.rounds.models import Inspection
from tracker.statistics.models import PeriodFigure
from tracker.statistics.rules import EnteredMetric, year_before

M, E = ClueMeasure, EnteredMetric
# measure, total, days after the on-site work ended, over which rounds
CITY_CLUES = (
    (M.FOUND, 215, 5, (1, 2, 3, 4)),
    (M.TRANSFERRED, 186, 12, (1, 2, 3, 4)),
    (M.CASES, 39, 90, (1, 2, 3)),
    (M.PERSONS_PUNISHED, 17, 180, (1, 2, 3)),
)
COUNTY_CLUES = (
    (M.FOUND, 287, 5, (1, 2)),
    (M.FOUND, 14, 5, (3,)),
    (M.TRANSFERRED, 170, 12, (1, 2)),
    (M.TRANSFERRED, 10, 12, (3,)),
    (M.CASES, 64, 90, (1, 2)),
    (M.PERSONS_PUNISHED, 60, 180, (1, 2)),
)
COUNTY_ENTRIES = {
    COUNTY: (301, 64, 60, 52, 104),
    "LX": (290, 62, 57, 49, 100),
    "SH": (291, 62, 57, 51, 100),
}
COUNTY_METRICS = (
    E.CLUES_FOUND,
    E.CASES_FILED,
    E.PERSONS_PUNISHED,
    E.COVERAGE_DONE,
    E.COVERAGE_TOTAL,
)
YEARS = {
    E.YEAR_CLUES: (4841, 3426),
    E.YEAR_FILED: (1782, 1134),
    E.YEAR_CLOSED: (1683, 1119),
    E.YEAR_PUNISHED: (1708, 1170),
}


def add_clues(book: Book) -> None:
    """Spread the clues of our own rounds over their inspections."""
    for region, plan in ((CITY, CITY_CLUES), (COUNTY, COUNTY_CLUES)):
        for measure, total, after, rounds in plan:
            inspections = [
                row
                for seq in rounds
                for row in book.inspections[f"{region}/{seq}"]
                if row.onsite_end is not None
            ]
            _spread_clues(book, region, measure, total, after, inspections)


def _spread_clues(
    book: Book,
    region: str,
    measure: ClueMeasure,
    total: int,
    after: int,
    inspections: Sequence[Inspection],
) -> None:
    amounts = spread(total, len(inspections))
    book.add(
        [
            ClueCount(
                region_id=book.regions[region].id,
                term_id=book.terms[region].id,
                round_id=inspection.round_id,
                inspection_id=inspection.id,
                measure=measure,
                kind=ClueKind.CLUE,
                occurred_on=_after(inspection, after),
                amount=amount,
                source_document="线索移交登记表",
                **book.stamps(),
            )
            for inspection, amount in zip(inspections, amounts, strict=True)
            if amount
        ]
    )


def _after(inspection: Inspection, days: int) -> date:
    if inspection.onsite_end is None:
        raise ValueError("the on-site work has not ended")
    return weekday(inspection.onsite_end + timedelta(days=days))


def add_entered(book: Book) -> None:
    """Enter the counties' totals of their term, and the city's year beside the year before."""
    end = last_month_end(book.today)
    start = term_start(book)
    for code, values in COUNTY_ENTRIES.items():
        book.add(
            [
                _entry(book, code, metric, start, end, value, "县区巡察工作累计数据表")
                for metric, value in zip(COUNTY_METRICS, values, strict=True)
            ]
        )
    year = date(end.year, 1, 1)
    for metric, (current, before) in YEARS.items():
        spans = ((year, end, current), (year_before(year), year_before(end), before))
        book.add(
            [
                _entry(book, CITY, metric, first, last, value, "执纪审查工作统计月报")
                for first, last, value in spans
            ]
        )


def last_month_end(today: date) -> date:
    """Return the last day of the month before."""
    return today.replace(day=1) - timedelta(days=1)


def _entry(
    book: Book,
    region: str,
    metric: EnteredMetric,
    start: date,
    end: date,
    value: int,
    document: str,
) -> PeriodFigure:
    return PeriodFigure(
        region_id=book.regions[region].id,
        metric=metric.value,
        period_start=start,
        period_end=end,
        value=value,
        source_document=document,
        entered_on=min(book.today, last_month_end(book.today) + timedelta(days=3)),
        **book.stamps(),
    )
