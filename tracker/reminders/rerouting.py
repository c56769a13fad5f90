"""What is queued goes the way its rule names now; only what is frozen goes as it was."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.notifications.models import Notification
from tracker.notifications.rules import MessageState, Way
from tracker.reminders.models import ReminderRule

IS_SAID = (MessageState.SENT, MessageState.CANCELLED)


def follow_rules(session: Session, region_ids: Collection[int]) -> None:
    """Give what is not sent in some regions the way of its rule; one statement.

    What is on its way is meant too: its text is frozen, but a group that breaks gives it back. What
    was addressed to a person is addressed anew.
    """
    way: Any = (
        select(ReminderRule.way)
        .where(
            ReminderRule.region_id == Notification.region_id,
            ReminderRule.code == Notification.rule,
        )
        .correlate(Notification)
        .scalar_subquery()
    )
    session.execute(
        update(Notification)
        .where(
            Notification.region_id.in_(region_ids),
            Notification.state.not_in(IS_SAID),
            Notification.way != func.coalesce(way, Way.DEFAULT),
        )
        .values(way=func.coalesce(way, Way.DEFAULT))
        .execution_options(synchronize_session=False)
    )
