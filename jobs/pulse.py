"""The pulse of a piece of background work: tells the database that it lives and how far it is, and
hears from there that it is to stop.

It beats in a thread of its own, so that telling costs the work nothing and holds no lock meanwhile.
While the work itself writes on SQLite, a beat waits for it: nobody else can take the work away then,
for that too is a write.
"""

from threading import Event, Thread
from types import TracebackType
from typing import Self

from jobs.context import JobContext
from tracker.job_runs.rules import BEAT_SECONDS
from tracker.job_runs.works import Claim, WorkLostError, beat
from tracker.kernel.logs import get_logger

log = get_logger(__name__)


class Pulse:
    """Beats from the beginning of a `with` block to its end."""

    def __init__(
        self, context: JobContext, held: Claim, *, beat_seconds: float = BEAT_SECONDS
    ) -> None:
        """Prepare; nothing beats yet."""
        self._context, self._held, self._seconds = context, held, beat_seconds
        self._ended, self._lost = Event(), Event()
        self._told = ("", 0, 0)
        self._thread = Thread(target=self._go_on, name=f"pulse-{held.work_id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def tell(self, step: str, done: int, total: int) -> None:
        """Take note of how far the work is. WorkLostError when it is to stop."""
        self._told = (step, done, total)
        if self.is_stopped():
            raise WorkLostError

    def is_stopped(self) -> bool:
        """Return whether the work was cancelled, is another's by now, or the process is to end."""
        stopping = self._context.stopping
        return self._lost.is_set() or (stopping is not None and stopping.is_set())

    def _go_on(self) -> None:
        self._beat()
        while not (self._ended.wait(self._seconds) or self._lost.is_set()):
            self._beat()

    def _beat(self) -> None:
        step, done, total = self._told
        database = self._context.database
        try:
            with database.writing() as session:
                now = self._context.clock.shared(session.connection())
                beat(session, self._held, step=step, done=done, total=total, now=now)
                session.commit()
        except WorkLostError:
            self._lost.set()
        except Exception as error:
            work = self._held.work_id
            log.warning("pulse not written", work=work, error=type(error).__name__)
