"""Deliver the outbox with several workers. Every step is restartable.

Look up groups with work → prepare some of them in one transaction (leases, digests, frozen parts)
→ COMMIT → the workers carry them, each message under steps of its own, while the next groups are
prepared. The first message leaves before the last is written down; no transaction is open while
one travels; one robot key has one message in flight.
"""

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.kernel.logs import get_logger
from tracker.kernel.settings import get_setting
from tracker.notifications import addressing, claims, limiter
from tracker.notifications.channels import ChannelSender
from tracker.notifications.channels.inbox import Inbox
from tracker.notifications.channels.personal import PersonalSender
from tracker.notifications.composing import Desk
from tracker.notifications.postman import Postman
from tracker.notifications.preparing import Ready, prepare
from tracker.notifications.receipts import settle_abandoned
from tracker.notifications.rules import ChannelKind
from tracker.notifications.voices import Voice

log = get_logger(__name__)
WORKERS_SETTING, DEFAULT_WORKERS, MOST_WORKERS = "delivery_workers", 10, 64
AHEAD = 2  # digests prepared ahead of each worker before the next are
FOLD, MOST_AT_ONCE = 4, 50  # groups prepared in one transaction, a fold of the workers


def workers_of(session: Session) -> int:
    """Return how many messages a process sends at once: the setting, or the default."""
    value = get_setting(session, WORKERS_SETTING, str(DEFAULT_WORKERS))
    known = value.isdecimal() and 1 <= int(value) <= MOST_WORKERS
    return int(value) if known else DEFAULT_WORKERS


def deliver(  # noqa: PLR0913 - one part of the wiring each
    database: Database,
    voices: Iterable[Voice],
    *,
    channel_sender: ChannelSender,
    now_source: Clock,
    worker: str,
    links: Links,
    sealer: Sealer,
    workers: int = 1,
    ways: Mapping[ChannelKind, PersonalSender] | None = None,
) -> int:
    """Send all that may be sent now; return how many messages the far end has taken.

    Never waits: a robot without a free token is left with the instant to come back at. `ways` lead
    to single persons, besides the inbox, which is always there.
    """
    spoken = {voice.object_type: voice for voice in voices}
    with database.reading() as session:
        if not claims.is_anything_there(session, now=now_source.now()):
            return 0
        pace = limiter.pace_of(session)
    turn = threading.Lock() if database.is_sqlite else nullcontext()
    postman = Postman(
        database=database,
        sender=channel_sender,
        clock=now_source,
        holder=f"{worker}#{secrets.token_hex(4)}",
        sealer=sealer,
        pace=pace,
        turn=turn,
        ways={ChannelKind.INBOX: Inbox(database, now_source, turn), **(ways or {})},
    )
    with ThreadPoolExecutor(workers, thread_name_prefix="postman") as pool:
        return _Round(postman=postman, voices=spoken, links=links, pool=pool, workers=workers).run()


def _look_up(database: Database, voices: dict[str, Voice], clock: Clock) -> list[int]:
    with database.reading() as session:
        return claims.channels_with_work(session, object_types=list(voices), now=clock.now())


def recover(session: Session, *, now: datetime) -> int:
    """Take back the leases of senders that died; return how many channels. The job commits."""
    pace = limiter.pace_of(session)
    channel_ids = session.scalars(claims.expired_leases(now=now)).all()
    settle_abandoned(session, channel_ids, now=now, pace=pace)
    claims.break_leases(session, now=now)
    return len(channel_ids)


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One pass: prepares for the workers, never far ahead of them, as long as something moves."""

    postman: Postman
    voices: dict[str, Voice]
    links: Links
    pool: ThreadPoolExecutor
    workers: int

    def run(self) -> int:
        sent, is_first = 0, True
        while True:
            self._address(is_first=is_first)
            is_first = False
            found = _look_up(self.postman.database, self.voices, self.postman.clock)
            prepared, taken = self._serve(found)
            sent += taken
            if not prepared:
                return sent

    def _address(self, *, is_first: bool) -> None:
        """Choose the persons and ways of what is for persons; a fault there stops no group."""
        postman, now = self.postman, self.postman.clock.now()
        try:
            with postman.database.reading() as session:
                if not addressing.is_needed(session, now=now, is_first=is_first):
                    return
            with postman.turn, postman.database.writing() as session:
                addressing.address(session, self.voices, now=now, is_first=is_first)
                session.commit()
        except Exception:
            log.exception("addressing failed")

    def _serve(self, channel_ids: list[int]) -> tuple[int, int]:
        """Prepare and send to channels; return how many digests there were, and parts taken."""
        prepared = sent = 0
        under_way: dict[Future[int], int] = {}
        for chunk in self._chunks(channel_ids):
            for job in _by_key(self._prepare(chunk)):
                prepared += len(job)
                under_way[self.pool.submit(self.postman.carry, job)] = len(job)
            while sum(under_way.values()) >= AHEAD * self.workers:
                sent += _harvest(under_way)
        while under_way:
            sent += _harvest(under_way)
        return prepared, sent

    def _chunks(self, channel_ids: list[int]) -> Iterator[list[int]]:
        """Yield as many channels as there are workers, then more: the first message leaves soon."""
        yield channel_ids[: self.workers]
        size = min(FOLD * self.workers, MOST_AT_ONCE)
        for start in range(self.workers, len(channel_ids), size):
            yield channel_ids[start : start + size]

    def _prepare(self, channel_ids: list[int]) -> list[Ready]:
        postman = self.postman
        desk = Desk(voices=self.voices, links=self.links, now=postman.clock.now())
        try:
            with postman.turn, postman.database.writing() as session:
                ready = prepare(
                    session, channel_ids, desk, holder=postman.holder, pace=postman.pace
                )
                session.commit()
        except Exception:
            log.exception("channels failed", channels=channel_ids)
            return self._one_by_one(channel_ids)
        return ready

    def _one_by_one(self, channel_ids: list[int]) -> list[Ready]:
        """Find the channel at fault, so that it stops no other."""
        if len(channel_ids) == 1:
            return []
        return [ready for channel_id in channel_ids for ready in self._prepare([channel_id])]


def _by_key(digests: list[Ready]) -> list[list[Ready]]:
    """Put digests of one robot key into one worker's hands: they may not travel side by side."""
    jobs: dict[str, list[Ready]] = defaultdict(list)
    for ready in digests:
        jobs[ready.key_mark].append(ready)
    return list(jobs.values())


def _harvest(under_way: dict[Future[int], int]) -> int:
    """Wait for some worker; return what it sent."""
    done, _others = wait(under_way, return_when=FIRST_COMPLETED)
    sent = 0
    for future in done:
        del under_way[future]
        sent += future.result()
    return sent
