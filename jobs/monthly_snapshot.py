"""monthly-snapshot: freeze every region's figures as of the last day of the month before."""

from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from jobs.context import JobContext
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.logs import get_logger
from tracker.kernel.permissions import Actor
from tracker.statistics.snapshots import freeze, month_before, regions_to_freeze

ACTOR = Actor(name="job:monthly-snapshot")
log = get_logger(__name__)


def run(context: JobContext, now: datetime) -> int:
    """Return the number of regions frozen.

    A region that fails is logged and does not keep the others; the run then counts as failed, so
    that it is made up. DomainError says how many failed.
    """
    as_of = month_before(local_date(now))
    with context.database.reading() as session:
        wanted = regions_to_freeze(session, as_of)
    results = [_frozen(context, region_id, as_of, now) for region_id in wanted]
    if None in results:
        raise DomainError(f"{results.count(None)} 个地区的月度快照没有保存，系统会再试。详见日志。")
    return sum(map(bool, results))


def _frozen(context: JobContext, region_id: int, as_of: date, now: datetime) -> bool | None:
    """Return whether a snapshot was kept; None when it failed."""
    try:
        with context.database.writing() as session:
            kept = freeze(session, region_id, as_of, actor=ACTOR, now=now)
            session.commit()
    except IntegrityError:  # another process has kept it meanwhile
        return False
    except Exception:
        log.exception("snapshot failed", region=region_id)
        return None
    return bool(kept)
