"""The limiter of a robot key: rows shared by all processes, channels and machines."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.kernel.settings import get_setting
from tracker.notifications.models import RobotAttempt, RobotBudget
from tracker.notifications.rules import Pace, free_at


def pace_of(session: Session) -> Pace:
    """Return how fast a robot may be used: the settings of the office, or the defaults."""
    default = Pace()
    per_window = get_setting(session, "robot_messages_per_minute", str(default.per_window))
    known = per_window.isdecimal() and 1 <= int(per_window) <= 20  # the host's own limit
    return Pace(per_window=int(per_window)) if known else default


def next_token_at(session: Session, key_mark: str, *, pace: Pace, now: datetime) -> datetime:
    """Return when the next attempt may be made; `now` when at once. Takes nothing."""
    paused_until = session.scalar(
        select(RobotBudget.paused_until).where(RobotBudget.key_mark == key_mark)
    )
    attempts = session.scalars(
        select(RobotAttempt.at).where(
            RobotAttempt.key_mark == key_mark, RobotAttempt.at > now - pace.window
        )
    ).all()
    return free_at(attempts, paused_until=paused_until, pace=pace, now=now)


def take_token(session: Session, key_mark: str, *, pace: Pace, now: datetime) -> datetime | None:
    """Take one token: None when taken, else the instant to come back at.

    The budget's row is locked until the caller commits; on SQLite the writer's lock does that.
    """
    _lock(session, key_mark)
    free = next_token_at(session, key_mark, pace=pace, now=now)
    if free > now:
        return free
    session.execute(
        delete(RobotAttempt).where(
            RobotAttempt.key_mark == key_mark, RobotAttempt.at <= now - pace.window
        )
    )
    session.add(RobotAttempt(key_mark=key_mark, at=now))
    return None


def pause(session: Session, key_mark: str, *, until: datetime) -> None:
    """Let nobody use a key until an instant; a longer pause stays."""
    budget = _lock(session, key_mark)
    budget.paused_until = max(until, budget.paused_until or until)


def _lock(session: Session, key_mark: str) -> RobotBudget:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    session.execute(insert(RobotBudget).values(key_mark=key_mark).on_conflict_do_nothing())
    return session.scalars(
        select(RobotBudget)
        .where(RobotBudget.key_mark == key_mark)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
