"""〔year〕N号: no gaps, no doubles — twenty signatures at once, some of them rolled back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

from tests.factories.cast import Cast
from tests.factories.letters import make_letter
from tests.fakes.clock import ManualClock
from tracker.files.storage import FileStorage
from tracker.kernel.clock import at_local
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.letters.models import Letter, LetterEvent, LetterSeries
from tracker.letters.rules.letters import LetterState, written_number
from tracker.letters.rules.words import LetterKindWords
from tracker.letters.service import signing
from tracker.letters.service.kinds import keep_kind

AT_ONCE = 20


@pytest.fixture
def wide(database_url: str) -> Iterator[Database]:
    """The same database, with a connection for everybody."""
    database = Database(database_url, pool_size=AT_ONCE + 2)
    yield database
    database.dispose()


def drafts(
    database: Database, people: Cast, folder: Path, now: datetime, count: int, **changes: Any
) -> list[int]:
    with database.writing() as session:
        made = [make_letter(session, people, folder, now=now, **changes) for _ in range(count)]
        session.commit()
        return [letter.id for letter in made]


def sign(
    database: Database, people: Cast, folder: Path, now: datetime, letter_id: int, keep: bool = True
) -> str:
    with database.writing() as session:
        letter = session.get_one(Letter, letter_id)
        signing.sign_letter(
            session, letter, FileStorage(folder), actor=people.actor("lead"), now=now
        )
        number = letter.doc_no
        if keep:
            session.commit()
        else:
            session.rollback()
        return number


def numbers(database: Database, organ_code: str = "巡办督") -> list[int]:
    query = select(Letter.number).where(Letter.organ_code == organ_code, Letter.number.is_not(None))
    with database.reading() as session:
        return sorted(number for number in session.scalars(query) if number is not None)


def test_twenty_signatures_at_once_with_rollbacks_between_give_one_to_n(
    wide: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    ids = drafts(wide, people, tmp_path, clock.now(), AT_ONCE)
    others = drafts(wide, people, tmp_path, clock.now(), 4, kind="duty")
    barrier = Barrier(AT_ONCE + 4)

    def work(place: int, letter_id: int) -> None:
        barrier.wait(timeout=60)
        sign(wide, people, tmp_path, clock.now(), letter_id, keep=place % 4 != 1)

    with ThreadPoolExecutor(AT_ONCE + 4) as pool:
        everybody = [
            pool.submit(work, place, letter_id) for place, letter_id in enumerate([*ids, *others])
        ]
        for each in everybody:
            each.result(timeout=120)
    assert numbers(wide) == list(range(1, 16))
    assert numbers(wide, "巡办履") == [1, 2, 3]
    later = [letter_id for place, letter_id in enumerate(ids) if place % 4 == 1]
    for letter_id in later:
        sign(wide, people, tmp_path, clock.now(), letter_id)
    assert numbers(wide) == list(range(1, AT_ONCE + 1))


def test_twenty_people_who_sign_the_same_letter_give_it_one_number(
    wide: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    (letter_id,) = drafts(wide, people, tmp_path, clock.now(), 1)
    barrier = Barrier(AT_ONCE)

    def work(_place: int) -> bool:
        barrier.wait(timeout=60)
        try:
            sign(wide, people, tmp_path, clock.now(), letter_id)
        except DomainError:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        signed = list(pool.map(work, range(AT_ONCE)))
    assert signed.count(True) == 1
    assert numbers(wide) == [1]
    with wide.reading() as session:
        assert session.scalars(select(LetterSeries.last_number)).all() == [1]
        steps = session.scalars(select(LetterEvent.to_state)).all()
    assert steps.count(LetterState.SIGNED) == 1


def test_the_year_changes_at_midnight_in_beijing(
    database: Database, people: Cast, tmp_path: Path
) -> None:
    eve, midnight = at_local(date(2026, 12, 31), 23, 59), at_local(date(2027, 1, 1), 0)
    ids = drafts(database, people, tmp_path, eve, 3, reply_due=date(2027, 2, 1))
    got = [
        sign(database, people, tmp_path, now, letter_id)
        for now, letter_id in zip((eve, midnight, midnight), ids, strict=True)
    ]
    assert got == ["巡办督〔2026〕1号", "巡办督〔2027〕1号", "巡办督〔2027〕2号"]


def test_each_office_and_each_organ_code_counts_for_itself(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    now = clock.now()
    at_home: dict[str, Any] = {}
    east = {"office": "east_", "unit": "e"}
    with database.writing() as session:
        made = [
            make_letter(session, people, tmp_path, state=LetterState.SIGNED, now=now, **changes)
            for changes in (at_home, {"kind": "duty"}, east, at_home, east)
        ]
        session.commit()
        assert [letter.number for letter in made] == [1, 1, 1, 2, 2]


def test_kinds_with_one_organ_code_share_one_series(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    now, clerk = clock.now(), people.actor("clerk")
    with database.writing() as session:
        for code, label in (("supervision", "督办函"), ("duty", "履责提醒函")):
            kind = LetterKindWords(code=code, label=label, organ_code="云巡办")
            keep_kind(session, people.regions["city"], kind, actor=clerk, now=now)
        session.flush()
        made = [
            make_letter(
                session, people, tmp_path, kind=kind, state=LetterState.SIGNED, now=now
            ).doc_no
            for kind in ("supervision", "duty", "supervision")
        ]
        session.commit()
    assert made == ["云巡办〔2026〕1号", "云巡办〔2026〕2号", "云巡办〔2026〕3号"]


def test_a_void_letter_keeps_its_number_and_the_next_one_goes_on(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> None:
    with database.writing() as session:
        now = clock.now()
        first = make_letter(session, people, tmp_path, state=LetterState.VOID, now=now)
        second = make_letter(session, people, tmp_path, state=LetterState.SIGNED, now=now)
        session.commit()
        assert (first.number, second.number) == (1, 2)
        assert (first.state, first.void_reason) == (LetterState.VOID, "重复制发")


@pytest.mark.parametrize(
    "statement",
    [
        delete(Letter),
        update(Letter).values(number=7),
        update(Letter).values(number=None),
        update(Letter).values(year=2020),
        update(Letter).values(organ_code="别的"),
        update(LetterEvent).values(actor="别人"),
        delete(LetterEvent),
    ],
)
def test_the_database_itself_refuses_to_renumber_or_delete_what_was_signed(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path, statement: object
) -> None:
    with database.writing() as session:
        make_letter(session, people, tmp_path, state=LetterState.SIGNED, now=clock.now())
        session.commit()
    with database.writing() as session, pytest.raises(DatabaseError, match="append-only"):
        session.execute(statement)  # type: ignore[call-overload]


def test_a_number_is_written_in_hexagonal_brackets_without_leading_noughts() -> None:
    assert written_number("云巡办督", 2026, 7) == "云巡办督〔2026〕7号"
    assert written_number("云巡办督", 2026, 112) == "云巡办督〔2026〕112号"
