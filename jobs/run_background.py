"""run-background: do what people asked for: imports, exports, 迎检包.

Every process does it, one piece at a time. The timer fires each minute; in a process that goes on, a
pass looks every two seconds until shortly before the next one begins, so that nobody waits for long.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from jobs.context import JobContext
from jobs.pulse import Pulse
from tracker.job_runs import works
from tracker.job_runs.desk import Desk, Kind
from tracker.job_runs.models import BackgroundWork
from tracker.job_runs.rules import BROKE, NOT_ALLOWED, PERMISSION_OF, WorkKind, standing_of
from tracker.job_runs.sizes import KEEP_DAYS, size_of
from tracker.job_runs.works import Claim, WorkLostError
from tracker.kernel.errors import DomainError
from tracker.kernel.logs import get_logger
from tracker.kernel.permissions import Actor, may
from tracker.ledger import background as ledger
from tracker.people.models import User
from tracker.people.service import actor_of

KINDS: Mapping[WorkKind, Kind] = {
    WorkKind.LEDGER_READ: ledger.read_ledger,
    WorkKind.LEDGER_APPLY: ledger.apply_ledger,
    WorkKind.LEDGER_EXPORT: ledger.export_round,
    WorkKind.LISTS_EXPORT: ledger.export_lists,
    WorkKind.DOSSIER: ledger.pack_dossier,
}
LOOK_SECONDS = 2.0
LAST_SECOND = 55  # the next pass begins with the next minute; a pass that was busy then goes on
log = get_logger(__name__)


def run(context: JobContext, _now: datetime) -> int:
    """Return how many pieces of work came to an end, good or bad."""
    done = do_all(context)
    stopping = context.stopping
    if stopping is None:
        return done
    while context.clock.now().second < LAST_SECOND and not stopping.wait(LOOK_SECONDS):
        done += do_all(context)
    return done


def do_all(context: JobContext) -> int:
    """Do whatever waits; return how many pieces came to an end."""
    done = 0
    while not (context.stopping is not None and context.stopping.is_set()):
        held = _next(context)
        if held is None:
            break
        done += _did(context, held)
    return done


def _next(context: JobContext) -> Claim | None:
    """Claim the work that has waited longest; nothing is locked while there is none."""
    with context.database.reading() as session:
        now = context.clock.shared(session.connection())
        if works.next_queued(session) is None and not works.has_dead(session, now=now):
            return None
    with context.database.writing() as session:
        now = context.clock.shared(session.connection())
        works.requeue_dead(session, now=now)
        held = None
        while held is None and (work_id := works.next_queued(session)) is not None:
            held = works.claim(session, work_id, worker=context.worker, now=now)
        session.commit()
    return held


def _did(context: JobContext, held: Claim) -> bool:
    """Do one piece; return whether it came to its end here. What fails keeps nobody else waiting."""
    pulse = Pulse(context, held)
    try:
        with pulse:
            _do(context, held, pulse)
    except WorkLostError:
        return _let_go(context, held)
    except Exception as error:
        if pulse.is_stopped():
            return _let_go(context, held)
        if not isinstance(error, DomainError):
            log.exception("background work failed", work=held.work_id, worker=context.worker)
        _fail(context, held, str(error) if isinstance(error, DomainError) else BROKE)
    return True


def _do(context: JobContext, held: Claim, pulse: Pulse) -> None:
    with context.database.reading() as session:
        work = session.get_one(BackgroundWork, held.work_id)
        actor = _asker(session, work)
    desk = Desk(
        params=json.loads(work.params),
        actor=actor,
        now=context.clock.now(),
        database=context.database,
        config=context.config,
        tell=pulse.tell,
        is_stopped=pulse.is_stopped,
    )
    write = KINDS[work.kind](desk)
    with context.database.writing() as session:
        _asker(session, work)  # it may have taken long
        made = write(session)
        now = context.clock.shared(session.connection())
        works.finish(session, held, made, keep_days=size_of(session, KEEP_DAYS), now=now)
        session.commit()


def _asker(session: Session, work: BackgroundWork) -> Actor:
    """Return who asked, as they are now. DomainError when they may not ask for it any more."""
    user = session.get_one(User, work.user_id, populate_existing=True)
    actor = actor_of(user)
    is_same = standing_of(actor) == work.standing
    if not (user.is_active and is_same and may(actor, PERMISSION_OF[work.kind])):
        raise DomainError(NOT_ALLOWED)
    return actor


def _fail(context: JobContext, held: Claim, sentence: str) -> None:
    with context.database.writing() as session:
        now = context.clock.shared(session.connection())
        works.fail(session, held, sentence, now=now)
        session.commit()


def _let_go(context: JobContext, held: Claim) -> bool:
    """End what was cancelled, put the rest back; return whether it was cancelled."""
    with context.database.writing() as session:
        now = context.clock.shared(session.connection())
        was_cancelled = works.let_go(session, held, now=now)
        session.commit()
    return was_cancelled
