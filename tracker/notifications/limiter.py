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
_RESERVE = (
    update(BUDGETS)
    .where(BUDGETS.c.key_mark.in_(bindparam("keys", expanding=True)))
    .values(in_flight_until=bindparam("until"))
)
_LAND = (
    update(BUDGETS)
    .where(BUDGETS.c.key_mark == bindparam("key"), BUDGETS.c.in_flight_until == bindparam("until"))
    .values(in_flight_until=None)
)
# Always in this order, or two processes that share keys wait for each other for ever.
_BUDGETS = (
    select(BUDGETS.c.key_mark, BUDGETS.c.paused_until, BUDGETS.c.in_flight_until)
    .where(BUDGETS.c.key_mark.in_(bindparam("keys", expanding=True)))
    .order_by(BUDGETS.c.key_mark)
    .with_for_update()
)
_RECENT = select(ATTEMPTS.c.key_mark, ATTEMPTS.c.at).where(
    ATTEMPTS.c.key_mark.in_(bindparam("keys", expanding=True)), ATTEMPTS.c.at > bindparam("since")
)
_ATTEMPT = insert(ATTEMPTS)


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
    """Take one token: None when taken, else the instant to come back at; see `take_tokens`."""
    return take_tokens(connection, [key_mark], pace=pace, now=now, until=until).get(key_mark)


def take_tokens(
    connection: Connection, keys: Collection[str], *, pace: Pace, now: datetime, until: datetime
) -> dict[str, datetime]:
    """Take one token of each key; return the keys that have none, and when to come back.

    Until `land`, which counts the attempt, or `until`, no other message with the same key may
    travel. The budgets' rows are locked until the caller commits; on SQLite the writer's lock does
    that. It takes a bare connection, for it stands in the way of every message.
    """
    budgets = _locked(connection, keys)
    used = _attempts(connection, keys, since=now - pace.window)
    waits = {}
    for key, (paused_until, in_flight_until) in budgets.items():
        if in_flight_until is not None and now < in_flight_until <= now + 2 * pace.lease:
            waits[key] = now + LOOK_AGAIN
            continue
        free = free_at(used[key], paused_until=paused_until, pace=pace, now=now)
        if free > now:
            waits[key] = free
    taken = [key for key in budgets if key not in waits]
    if taken:
        connection.execute(_RESERVE, {"keys": taken, "until": until})
    return waits


_Budgets = dict[str, tuple[datetime | None, datetime | None]]


def _locked(connection: Connection, keys: Collection[str]) -> _Budgets:
    """Lock budgets, made where there are none; return until when each is paused and in flight."""
    found = _read(connection, keys)
    missing = [key for key in sorted(keys) if key not in found]
    if not missing:
        return found
    _make(connection, missing)
    return _read(connection, keys)


def _read(connection: Connection, keys: Collection[str]) -> _Budgets:
    rows = connection.execute(_BUDGETS, {"keys": list(keys)})
    return {key: (paused_until, in_flight_until) for key, paused_until, in_flight_until in rows}


def _attempts(
    connection: Connection, keys: Collection[str], *, since: datetime
) -> dict[str, list[datetime]]:
    used: dict[str, list[datetime]] = defaultdict(list)
    for key, at in connection.execute(_RECENT, {"keys": list(keys), "since": since}):
        used[key].append(at)
    return used


def land(
    connection: Connection, key_mark: str, *, until: datetime, at: datetime | None = None
) -> None:
    """Say that the message which took off with this `until` travels no more.

    `at`: when its answer had come, or was given up; None: it never left, and does not count.
    """
    connection.execute(_LAND, {"key": key_mark, "until": until})
    if at is not None:
        connection.execute(_ATTEMPT, {"key_mark": key_mark, "at": at})


def land_all(
    connection: Connection, flights: Collection[tuple[str, datetime]], *, at: datetime
) -> None:
    """Say that messages travel no more, each by key and the `until` it took off with; count them.

    Whoever lands or takes several in one transaction locks all their budgets first (`lock`).
    """
    connection.execute(_LAND, [{"key": key, "until": until} for key, until in flights])
    connection.execute(_ATTEMPT, [{"key_mark": key, "at": at} for key, _until in flights])


def lock(connection: Connection, keys: Collection[str]) -> None:
    """Lock the budgets of keys in the order in which everybody does."""
    _read(connection, keys)


def forget(session: Session, *, before: datetime) -> None:
    """Drop attempts that count in no window any more, of persons too, whom nobody looks through."""
    session.execute(delete(ATTEMPTS).where(ATTEMPTS.c.at < before))


def pause(session: Session, key_mark: str, *, until: datetime) -> None:
    """Let nobody use a key until an instant; a longer pause stays."""
    _make(session.connection(), [key_mark])
    longer = or_(BUDGETS.c.paused_until.is_(None), BUDGETS.c.paused_until < until)
    session.execute(
        update(BUDGETS).where(BUDGETS.c.key_mark == key_mark, longer).values(paused_until=until)
    )


def _make(connection: Connection, keys: Collection[str]) -> None:
    on_sqlite = connection.dialect.name == "sqlite"
    make = sqlite.insert if on_sqlite else postgresql.insert
    rows = [{"key_mark": key} for key in keys]
    connection.execute(make(BUDGETS).on_conflict_do_nothing(), rows)
