"""站内消息 as its reader sees it. What somebody has read is shown to nobody else, nor counted."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor
from tracker.notifications.models import InboxMessage

MOST_SHOWN = 100


def messages_of(session: Session, actor: Actor) -> list[InboxMessage]:
    """Return the actor's own messages, newest first, at most MOST_SHOWN."""
    query = select(InboxMessage).where(InboxMessage.person_id == actor.person_id)
    return list(session.scalars(query.order_by(InboxMessage.id.desc()).limit(MOST_SHOWN)))


def unread_of(session: Session, actor: Actor) -> int:
    """Return how many messages the actor has not read."""
    mine = (InboxMessage.person_id == actor.person_id, InboxMessage.read_at.is_(None))
    return session.scalar(select(func.count()).select_from(InboxMessage).where(*mine)) or 0


def mark_read(session: Session, actor: Actor, *, now: datetime) -> None:
    """Mark the actor's messages as read."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.person_id == actor.person_id, InboxMessage.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
