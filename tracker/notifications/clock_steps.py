"""What waits for an hour that only a wrong clock knew: it goes now.

A clock that was ahead and was set right leaves behind messages, retries and pauses of a day that is
still far off. Nothing of what was sent is touched.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.notifications.models import (
    IS_BEGUN,
    IS_QUEUED,
    Delivery,
    Digest,
    Notification,
    RobotBudget,
)

LONGEST_WAIT = timedelta(hours=2)
"""No retry and no pause is as long, and no two machines' clocks are as far apart."""
FAR_OFF = timedelta(days=5)
"""What is queued by a clock that was ahead; a clock set back a little for a while is wrong itself."""


def set_right(session: Session, *, now: datetime) -> None:
    """Let go what was queued, put off or paused later than any right clock could have said."""
    future = now + LONGEST_WAIT
    far = now + FAR_OFF
    queued = (IS_QUEUED, Notification.not_before > far, Notification.queued_at > far)
    _set(session, Notification, *queued, queued_at=now, not_before=now)
    put_off = select(Digest.id).where(IS_BEGUN, Digest.retry_at > future)
    parts = (Delivery.digest_id.in_(put_off), Delivery.retry_at > future)
    _set(session, Delivery, *parts, retry_at=now)
    _set(session, Digest, IS_BEGUN, Digest.retry_at > future, retry_at=now)
    _set(session, RobotBudget, RobotBudget.paused_until > future, paused_until=None)


def _set(session: Session, model: Any, *conditions: Any, **values: Any) -> None:
    statement = update(model).where(*conditions).values(**values)
    session.execute(statement.execution_options(synchronize_session=False))
