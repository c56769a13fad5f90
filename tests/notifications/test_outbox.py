"""One key, one row, whoever asks and however often."""

from datetime import date

from sqlalchemy import func, select

from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.notifications.office import message
from tracker.kernel.db import Database
from tracker.notifications.models import Notification
from tracker.notifications.outbox import enqueue, enqueue_all
from tracker.notifications.rules import Audience


def test_the_same_key_is_queued_once_and_any_other_key_again(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        assert enqueue(session, message(people), now=clock.now())
        assert not enqueue(session, message(people), now=clock.now())
        assert not enqueue(session, message(people, unit_id=None), now=clock.now())
        for change in (
            {"rule": "t0"},
            {"object_type": "other"},
            {"object_id": 2},
            {"reopen_count": 1},
            {"anchor_on": date(2026, 11, 14)},
            {"occurrence": 2},
            {"audience": Audience.OFFICE},
        ):
            assert enqueue(session, message(people, **change), now=clock.now())
        session.commit()


def test_many_are_queued_at_once_and_only_the_new_ones_counted(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        assert enqueue_all(session, [], now=clock.now()) == 0
        some = [message(people, number) for number in range(600)]
        assert enqueue_all(session, some, now=clock.now()) == 600
        more = [message(people, number) for number in range(300, 1300)]
        assert enqueue_all(session, [*more, *more], now=clock.now()) == 700
        session.commit()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 1300
