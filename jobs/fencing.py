"""The database as a leader may write it: nothing is committed once another process leads."""

from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.orm import Session

from jobs.context import JobContext
from tracker.job_runs.service import check_fence
from tracker.kernel.db import Database


class FencedDatabase(Database):
    """Lends the engines of another; every commit asks first whether the fence still stands."""

    def __init__(self, lent: Database, holder: str, fence: int) -> None:
        """Borrow; the lender closes."""
        self.url, self.is_sqlite = lent.url, lent.is_sqlite
        self.engine, self.read_engine = lent.engine, lent.read_engine
        self._holder, self._fence = holder, fence

    def write_session(self) -> Session:
        """Return a session whose commit raises LostLeadError when another process leads."""
        session = super().write_session()
        event.listen(session, "before_commit", self._check)
        return session

    def _check(self, session: Session) -> None:
        if not session.in_nested_transaction():
            check_fence(session, self._holder, self._fence)


def fenced(context: JobContext, fence: int) -> JobContext:
    """Return the collaborators of a job that only the leader may do."""
    database = FencedDatabase(context.database, context.worker, fence)
    return replace(context, database=database, fence=fence)
