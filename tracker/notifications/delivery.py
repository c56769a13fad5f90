"""Deliver the outbox with several workers. Every step is restartable.

Look up groups with work → prepare some of them in one transaction (leases, digests, frozen parts)
→ COMMIT → the workers carry them, each message under steps of its own, while the next groups are
prepared. The first message leaves before the last is written down; no transaction is open while
one travels or is waited for; one robot key has one message in flight. A robot without a token is
waited for only by the pass itself, never by a worker, and only as long as it was told to.
"""

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.kernel.links import Links
from tracker.kernel.logs import get_logger
from tracker.notifications import addressing, claims, clock_steps, limiter, pacing
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
FORGET_AFTER = timedelta(hours=1)  # attempts: no window is as long
AHEAD = 2  # digests prepared ahead of each worker before the next are
FOLD, MOST_AT_ONCE = 4, 50  # groups prepared in one transaction, a fold of the workers
SHORTEST_NAP_SECONDS, LONGEST_NAP_SECONDS = 0.05, 5.0


class Stopping(Protocol):
    """Ends a wait early: a `threading.Event` that is set when the process is to stop."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds at most; return whether to stop."""
        ...


@dataclass(frozen=True)
class Patience:
    """How long a pass may wait for tokens: up to an instant, unless the process is to stop."""

    until: datetime
    stopping: Stopping


def deliver(  # noqa: PLR0913 - the collaborators of a pass
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
    patience: Patience | None = None,
    composes: bool = True,
) -> int:
    """Send all that may be sent now; return how many messages the far end has taken.

    With patience the pass goes on when the next token is free; without, a robot that has none is
    left with the instant to come back at. Unless it `composes`, it only goes on with what is begun.
    `ways` lead to single persons, besides the inbox, which is always there.
    """
    spoken = {voice.object_type: voice for voice in voices}
    with database.reading() as session:
        now = now_source.shared(session.connection())
        if not claims.is_anything_there(session, now=now):
            return 0
        pace = pacing.pace_of(session)
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
        one = _Pass(
            postman=postman,
            voices=spoken,
            new_ones=list(spoken) if composes else [],
            links=links,
            pool=pool,
            workers=workers,
        )
        return one.run(patience)


def _look_up(
    database: Database, object_types: list[str], clock: Clock
) -> tuple[list[int], datetime]:
    with database.reading() as session:
        now = clock.shared(session.connection())
        return claims.channels_with_work(session, object_types=object_types, now=now), now


def recover(session: Session, *, now: datetime) -> int:
    """Take back the leases of senders that died, and forget old attempts; return how many channels.
    The job commits.

    `now` is the database's clock.
    """
    pace = pacing.pace_of(session)
    channel_ids = session.scalars(claims.expired_leases(now=now)).all()
    settle_abandoned(session, channel_ids, now=now, pace=pace)
    claims.break_leases(session, now=now)
    limiter.forget(session, before=now - FORGET_AFTER)
    clock_steps.set_right(session, now=now)
    return len(channel_ids)


@dataclass(kw_only=True)
class _Pass:
    """One pass: prepares for the workers, never far ahead of them, as long as something moves.

    `new_ones`: of which kinds of objects digests are composed. `flying`: what each worker carries;
    `held`: groups whose robot has no token, and until when.
    """

    postman: Postman
    voices: dict[str, Voice]
    new_ones: list[str]
    links: Links
    pool: ThreadPoolExecutor
    workers: int
    flying: dict[Future[int], list[Ready]] = field(default_factory=dict)
    held: dict[int, datetime] = field(default_factory=dict)
    looked_at: datetime | None = None
    sent: int = 0

    def run(self, patience: Patience | None) -> int:
        """Send, and wait for tokens while there is patience; return how many were taken."""
        is_first = True
        while True:
            self._address(is_first=is_first)
            is_first = False
            prepared = self._serve(self._find())
            if self.flying:
                self._harvest_all(patience)
            elif not prepared and not self._wait(patience):
                return self.sent

    def _address(self, *, is_first: bool) -> None:
        """Choose the persons and ways of what is for persons; a fault there stops no group."""
        postman = self.postman
        spoken = {kind: self.voices[kind] for kind in self.new_ones}
        try:
            with postman.database.reading() as session:
                now = postman.clock.shared(session.connection())
                if not spoken or not addressing.is_needed(session, now=now, is_first=is_first):
                    return
            with postman.turn, postman.database.writing() as session:
                addressing.address(session, spoken, now=now, is_first=is_first)
                session.commit()
        except Exception:
            log.exception("addressing failed")

    def _find(self) -> list[int]:
        """Return the channels with work, but those under way or without a token."""
        found, now = _look_up(self.postman.database, self.new_ones, self.postman.clock)
        under_way = {ready.channel_id for job in self.flying.values() for ready in job}
        self.held = {one: at for one, at in self.held.items() if at > now}
        self.looked_at = now
        return [one for one in found if one not in under_way and one not in self.held]

    def _now(self) -> datetime:
        with self.postman.database.reading() as session:
            return self.postman.clock.shared(session.connection())

    def _serve(self, channel_ids: list[int]) -> int:
        """Prepare channels and hand them to the workers; return how many digests there were."""
        prepared = 0
        for chunk in self._chunks(channel_ids):
            for job in _by_key(self._prepare(chunk)):
                prepared += len(job)
                self.flying[self.pool.submit(self.postman.carry, job)] = job
            while sum(map(len, self.flying.values())) >= AHEAD * self.workers:
                self._harvest()
        return prepared

    def _chunks(self, channel_ids: list[int]) -> Iterator[list[int]]:
        """Yield as many channels as there are workers, then more: the first message leaves soon."""
        yield channel_ids[: self.workers]
        size = min(FOLD * self.workers, MOST_AT_ONCE)
        for start in range(self.workers, len(channel_ids), size):
            yield channel_ids[start : start + size]

    def _prepare(self, channel_ids: list[int]) -> list[Ready]:
        if not channel_ids:
            return []
        postman = self.postman
        try:
            with postman.turn, postman.database.writing() as session:
                now = postman.clock.shared(session.connection())
                desk = Desk(voices=self.voices, new_ones=self.new_ones, links=self.links, now=now)
                busy = {ready.key_mark for job in self.flying.values() for ready in job}
                found = prepare(
                    session, channel_ids, desk, holder=postman.holder, pace=postman.pace, busy=busy
                )
                session.commit()
        except Exception:
            log.exception("channels failed", channels=channel_ids)
            return self._one_by_one(channel_ids)
        self.held |= found.held
        return found.ready

    def _one_by_one(self, channel_ids: list[int]) -> list[Ready]:
        """Find the channel at fault, so that it stops no other."""
        if len(channel_ids) == 1:
            return []
        return [ready for channel_id in channel_ids for ready in self._prepare([channel_id])]

    def _harvest_all(self, patience: Patience | None) -> None:
        """Wait for the workers; with patience no longer than until another robot has a token."""
        while self.flying:
            if patience is None:
                self._harvest()
            elif not self._harvest(seconds=self._seconds_to(self._wakes_at())):
                return

    def _harvest(self, *, seconds: float | None = None) -> bool:
        """Wait for some worker; return whether one came back in time."""
        done, _others = wait(self.flying, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            del self.flying[future]
            self.sent += future.result()
        return bool(done)

    def _wait(self, patience: Patience | None) -> bool:
        """Wait until something may go on; return False when there is nothing worth waiting for."""
        if patience is None:
            return False
        wakes_at = self._wakes_at()
        if wakes_at is None or wakes_at > patience.until:
            return False
        return not patience.stopping.wait(self._seconds_to(wakes_at))

    def _wakes_at(self) -> datetime | None:
        """Return when the next robot gets a token, or what was put off comes due."""
        with self.postman.database.reading() as session:
            after = self.looked_at or self.postman.clock.shared(session.connection())
            put_off = claims.next_retry(session, after=after)
        return min((*self.held.values(), *([put_off] if put_off else ())), default=None)

    def _seconds_to(self, wakes_at: datetime | None) -> float:
        """Return how long to sleep: not past an instant, and never long without looking."""
        if wakes_at is None:
            return LONGEST_NAP_SECONDS
        left = (wakes_at - self._now()).total_seconds()
        return min(max(left, SHORTEST_NAP_SECONDS), LONGEST_NAP_SECONDS)


def _by_key(digests: list[Ready]) -> list[list[Ready]]:
    """Put digests of one robot key into one worker's hands: they may not travel side by side."""
    jobs: dict[str, list[Ready]] = defaultdict(list)
    for ready in digests:
        jobs[ready.key_mark].append(ready)
    return list(jobs.values())
