"""站内消息: the far end is the product's own database.

A number and a part are kept once, so a letter may be handed in as often as one likes.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from tracker.kernel.clock import Clock
from tracker.kernel.db import Database
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.personal import Letter
from tracker.notifications.models import InboxMessage
from tracker.notifications.rules import Failure

MESSAGES = cast("Table", InboxMessage.__table__)
LOCK_SECONDS = 10
KEPT = "已放入本人的站内消息"


class Inbox:
    """Keeps letters for their readers. `turn` lets one writer at a time in on SQLite."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        turn: AbstractContextManager[Any] | None = None,
        *,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        """Remember where letters are kept, and how long another writer is waited for (SQLite: as
        long as every writer of the database waits)."""
        self._lock_ms = int(lock_seconds * 1000)
        self._database = database
        self._clock = clock
        self._turn = turn or nullcontext()

    def send(self, _address: str, letter: Letter) -> Receipt:
        """Keep one letter. Raises ChannelError; what the commit loses may have been kept."""
        outcome = self._keep(letter)
        if isinstance(outcome, ChannelError):
            raise outcome
        return outcome

    def _keep(self, letter: Letter) -> Receipt | ChannelError:
        is_given = False
        on_sqlite = self._database.is_sqlite
        insert = sqlite.insert if on_sqlite else postgresql.insert
        values = {
            "person_id": int(letter.to),
            "number": letter.number,
            "part_no": letter.part_no,
            "part_count": letter.part_count,
            "body": letter.text,
            "received_at": self._clock.now(),
        }
        statement = insert(MESSAGES).values(values)
        once = statement.on_conflict_do_nothing(index_elements=["number", "part_no"])
        try:
            with self._turn, self._database.engine.begin() as connection:
                if not on_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = {self._lock_ms}"))
                connection.execute(once)
                is_given = True
        except IntegrityError:
            return ChannelError(Failure.PERSONAL, "系统里没有这个人，请核对人员资料")
        except DBAPIError as error:
            is_lost = is_given and error.connection_invalidated
            kind = Failure.UNCERTAIN if is_lost else Failure.UNAVAILABLE
            return ChannelError(kind, f"数据库没有应答（{type(error).__name__}），系统会自动重试")
        except SQLAlchemyError as error:
            kept = f"数据库没有应答（{type(error).__name__}），系统会自动重试"
            return ChannelError(Failure.UNAVAILABLE, kept)
        return Receipt(0, KEPT)
