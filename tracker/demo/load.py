"""Load the whole demonstration into an empty database. The caller commits."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from tracker.demo.above import add_feedback_from_above, leading_units
from tracker.demo.book import LOADER, Book
from tracker.demo.channels import SIMULATOR, add_channels
from tracker.demo.city_rounds import add_city_rounds, visited_units
from tracker.demo.county_round import add_county_rounds, third_units
from tracker.demo.documents import add_documents
from tracker.demo.evidence import add_example_evidence
from tracker.demo.figures import add_clues, add_entered
from tracker.demo.handing_over import add_handing_over
from tracker.demo.letters import add_letters
from tracker.demo.months import add_months
from tracker.demo.organizations import CITY, COUNTY, add_coverage, add_regions, add_units
from tracker.demo.oversight import add_oversight
from tracker.demo.people import add_offices, add_staff, unusable_hash
from tracker.demo.remarks import add_remarks
from tracker.demo.submissions import add_submissions
from tracker.files.storage import FileStorage
from tracker.kernel.clock import at_local, local_date
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Base
from tracker.kernel.errors import DomainError
from tracker.kernel.settings import DEMO_LOADED_AT, get_setting, put_setting
from tracker.people.service import actor_of
from tracker.reminders.service import SLOT_HOUR, SLOT_MINUTE, queue_due, switch_pushing
from tracker.workdays.queries import load_calendar
from tracker.workdays.rules import WorkCalendar
from tracker.workdays.service import seed_calendar

MACHINERY = frozenset({"calendar_days", "job_runs", "job_leases", "audit_heads", "audit_entries"})
SIGNING_IN = {"S025", "S033", "S037", "S043", "X001", "X002", "C001", "Q001"}
LOADED_AT, LOADED_FOR = DEMO_LOADED_AT, "demo_simulator"


def ensure_empty(session: Session) -> None:
    """Refuse a database that holds anything: demonstration and real data never mix."""
    for table in Base.metadata.sorted_tables:
        if table.name not in MACHINERY and session.scalar(select(exists(select(table)))):
            raise DomainError(
                "数据库里已经有数据，不能载入演示数据。请换一个空数据库"
                "（例如另设 TRACKER_DATA_DIR），升级结构后再载入。"
            )


def load(
    session: Session,
    sealer: Sealer,
    *,
    now: datetime,
    simulator: str = SIMULATOR,
    storage: FileStorage | None = None,
) -> Book:
    """Write the demonstration as of `now`, with files where there is a storage for them.

    Raises DomainError when the database is not empty.
    """
    ensure_empty(session)
    seed_calendar(session, now=now, actor=LOADER)
    book = Book(session, now)
    _add_ground(book)
    _add_work(book)
    if storage is not None:
        add_example_evidence(book, storage)
        add_documents(book, storage)
    add_channels(book, sealer, simulator=simulator)
    switch_on(book)
    queue_first_reminders(book)
    for key, value in ((LOADED_AT, now.isoformat()), (LOADED_FOR, simulator)):
        put_setting(session, key, value, by=LOADER.label, now=now)
    return book


def loaded_at(session: Session, *, simulator: str) -> datetime | None:
    """Return when a demonstration for this simulator was loaded here; None when none was."""
    if get_setting(session, LOADED_FOR, "") != simulator:
        return None
    text = get_setting(session, LOADED_AT, "")
    return datetime.fromisoformat(text) if text else None


def _add_ground(book: Book) -> None:
    add_regions(book)
    add_units(book)
    add_coverage(book)
    password_hash = unusable_hash()
    add_offices(book, password_hash)
    known = [*leading_units(book), *visited_units(book), *third_units(book)]
    staffed = list({unit.id: unit for unit in known}.values())
    add_staff(book, staffed, SIGNING_IN, password_hash)


def _add_work(book: Book) -> None:
    add_city_rounds(book)
    add_feedback_from_above(book)
    chapter = add_county_rounds(book)
    add_oversight(book, chapter)
    add_clues(book)
    add_entered(book)
    add_submissions(book)
    add_remarks(book)
    add_letters(book)
    add_handing_over(book)
    add_months(book)


def switch_on(book: Book) -> None:
    """Let the lead of each office switch pushing on; that brings the default rules."""
    for region, username in ((CITY, "city-lead"), (COUNTY, "county-lead")):
        lead = actor_of(book.users[username])
        switch_pushing(book.session, book.regions[region].id, True, actor=lead, now=book.now)


def queue_first_reminders(book: Book) -> int:
    """Queue one pass as of the last working slot, so that the groups are never empty."""
    book.session.flush()  # the pass reads what was written
    calendar = load_calendar(book.session)
    return queue_due(book.session, now=last_slot(book.now, calendar), calendar=calendar)


def last_slot(now: datetime, calendar: WorkCalendar) -> datetime:
    """Return the newest 09:07 of a working day that is not in the future."""
    today = at_local(local_date(now), SLOT_HOUR, SLOT_MINUTE)
    day = local_date(now) if today <= now else local_date(now) - timedelta(days=1)
    return at_local(calendar.previous_workday(day), SLOT_HOUR, SLOT_MINUTE)
