"""Numbers of letters: 1, 2, 3 … per region, 机关代字 and Beijing year; no gaps, no doubles."""

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.letters.models import LetterSeries


def take_number(session: Session, region_id: int, organ_code: str, year: int) -> int:
    """Return the next number of a series.

    The counter's row stays locked until the caller's transaction ends: whoever comes next waits,
    and a rollback gives the number back.
    """
    series = _locked(session, region_id, organ_code, year)
    series.last_number += 1
    session.flush()  # the letter must not be written before its counter
    return series.last_number


def _locked(session: Session, region_id: int, organ_code: str, year: int) -> LetterSeries:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    first = {"region_id": region_id, "organ_code": organ_code, "year": year, "last_number": 0}
    session.execute(insert(LetterSeries).values(first).on_conflict_do_nothing())
    query = select(LetterSeries).where(
        LetterSeries.region_id == region_id,
        LetterSeries.organ_code == organ_code,
        LetterSeries.year == year,
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).one()
