"""The limiter of a robot key: rows shared by all processes, channels and machines.

Every `now` here is the database's clock, for the clocks of machines differ. An attempt is counted
when its answer has come: until then the mark in flight keeps every other one at home, and the far
end has counted it by then.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.notifications.models import RobotAttempt, RobotBudget
from tracker.notifications.rules import Pace, free_at

BUDGETS, ATTEMPTS = cast("Table", RobotBudget.__table__), cast("Table", RobotAttempt.__table__)
LOOK_AGAIN = timedelta(seconds=1)  # when somebody else's message with the same key is on its way
_NOTHING_IN_FLIGHT = or_(
    BUDGETS.c.in_flight_until.is_(None),
    BUDGETS.c.in_flight_until <= bindparam("now"),
    BUDGETS.c.in_flight_until > bindparam("too_late"),
)
_TAKE_OFF = (
    update(BUDGETS)
    .where(BUDGETS.c.key_mark == bindparam("key"), _NOTHING_IN_FLIGHT)
    .values(in_flight_until=bindparam("until"))
    .returning(BUDGETS.c.paused_until)
)
_LAND = (
    update(BUDGETS)
    .where(BUDGETS.c.key_mark == bindparam("key"), BUDGETS.c.in_flight_until == bindparam("until"))
    .values(in_flight_until=None)
)
_RECENT = select(ATTEMPTS.c.at).where(
    ATTEMPTS.c.key_mark == bindparam("key"), ATTEMPTS.c.at > bindparam("since")
)
_ATTEMPT = insert(ATTEMPTS)


class InFlightError(Exception):
    """Another message with the same key is on its way."""


def free_instants(
    session: Session, key_marks: Collection[str], *, pace: Pace, now: datetime
) -> dict[str, datetime]:
    """Return from when on each key may be used: `now` where it has a token, no pause, and nothing
    in flight. Takes nothing; forgets old attempts."""
    session.execute(
        delete(ATTEMPTS).where(
            ATTEMPTS.c.key_mark.in_(key_marks), ATTEMPTS.c.at <= now - pace.window
        )
    )
    budgets = select(BUDGETS.c.key_mark, BUDGETS.c.paused_until, BUDGETS.c.in_flight_until)
    held = {
        key: max(paused_until or now, now + LOOK_AGAIN if in_flight_until else now)
        for key, paused_until, in_flight_until in session.execute(
            budgets.where(
                BUDGETS.c.key_mark.in_(key_marks),
                or_(BUDGETS.c.paused_until > now, _is_in_flight(now, pace)),
            )
        )
    }
    used: dict[str, list[datetime]] = defaultdict(list)
    recent = select(ATTEMPTS.c.key_mark, ATTEMPTS.c.at).where(ATTEMPTS.c.key_mark.in_(key_marks))
    for key, at in session.execute(recent):
        used[key].append(at)
    return {
        key: free_at(used[key], paused_until=held.get(key), pace=pace, now=now) for key in key_marks
    }


def _is_in_flight(now: datetime, pace: Pace) -> ColumnElement[bool]:
    return and_(BUDGETS.c.in_flight_until > now, BUDGETS.c.in_flight_until <= now + 2 * pace.lease)


def take_token(
    connection: Connection, key_mark: str, *, pace: Pace, now: datetime, until: datetime
) -> datetime | None:
    """Take one token: None when taken, else the instant to come back at.

    Until `land`, which counts the attempt, or `until`, no other message with the same key may
    travel: InFlightError. The
    budget's row is locked until the caller commits; on SQLite the writer's lock does that. It takes
    a bare connection, for it stands in the way of every message.
    """
    paused_until = _take_off(connection, key_mark, now=now, until=until)
    known = {"key": key_mark, "since": now - pace.window}
    attempts = connection.scalars(_RECENT, known).all()
    free = free_at(attempts, paused_until=paused_until, pace=pace, now=now)
    if free <= now:
        return None
    land(connection, key_mark, until=until)
    return free


def _take_off(
    connection: Connection, key_mark: str, *, now: datetime, until: datetime
) -> datetime | None:
    """Keep the key's other messages at home; return how long the key is paused."""
    known = {"key": key_mark, "now": now, "until": until, "too_late": until + (until - now)}
    row = connection.execute(_TAKE_OFF, known).one_or_none()
    if row is None:
        _make(connection, key_mark)
        row = connection.execute(_TAKE_OFF, known).one_or_none()
    if row is None:
        raise InFlightError
    paused_until: datetime | None = row.paused_until
    return paused_until


def land(
    connection: Connection, key_mark: str, *, until: datetime, at: datetime | None = None
) -> None:
    """Say that the message which took off with this `until` travels no more.

    `at`: when its answer had come, or was given up; None: it never left, and does not count.
    """
    connection.execute(_LAND, {"key": key_mark, "until": until})
    if at is not None:
        connection.execute(_ATTEMPT, {"key_mark": key_mark, "at": at})


def forget(session: Session, *, before: datetime) -> None:
    """Drop attempts that count in no window any more, of persons too, whom nobody looks through."""
    session.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at < before))


def pause(session: Session, key_mark: str, *, until: datetime) -> None:
    """Let nobody use a key until an instant; a longer pause stays."""
    _make(session.connection(), key_mark)
    longer = or_(BUDGETS.c.paused_until.is_(None), BUDGETS.c.paused_until < until)
    session.execute(
        update(BUDGETS).where(BUDGETS.c.key_mark == key_mark, longer).values(paused_until=until)
    )


def _make(connection: Connection, key_mark: str) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    make = sqlite.insert if on_sqlite else postgresql.insert
    connection.execute(make(BUDGETS).values(key_mark=key_mark).on_conflict_do_nothing())
