"""run-background: each piece of work once, as whoever asked, or not at all."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jobs import run_background, sweep_files
from jobs.context import JobContext
from jobs.pulse import Pulse
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.jobs.background import ask, context_of, done_by, later, results_in, work_of
from tracker.audit.models import AuditEntry
from tracker.job_runs import works
from tracker.job_runs.desk import Desk, Made, Write
from tracker.job_runs.results import ResultFiles
from tracker.job_runs.rules import BROKE, GAVE_UP, NOT_ALLOWED, WorkKind, WorkState
from tracker.job_runs.works import WorkLostError
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Role
from tracker.kernel.settings import Setting, get_setting, put_setting
from tracker.people.models import User

Plant = Callable[[Callable[[Desk], Write]], None]


@pytest.fixture
def context(database: Database, clock: ManualClock, config: Config) -> JobContext:
    return context_of(database, clock, config)


@pytest.fixture
def tour(database: Database, people: Cast, clock: ManualClock) -> Work:
    """A round with a task of unit a."""
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        work.task(session, people, now=clock.now())
        session.commit()
    return work


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Let exports be done by something else."""

    def put(kind: Callable[[Desk], Write]) -> None:
        monkeypatch.setattr(
            run_background, "KINDS", {**run_background.KINDS, WorkKind.LEDGER_EXPORT: kind}
        )

    return put


def leave_a_mark(desk: Desk) -> Callable[[Session], Made]:
    """A kind of work that writes something of which one can tell how often it was done."""

    def write(session: Session) -> Made:
        key = f"mark {desk.params.get('n', 0)}"
        before = int(get_setting(session, key, "0"))
        put_setting(session, key, str(before + 1), by=desk.actor.name, now=desk.now)
        return Made(leads_to="/")

    return write


def marks(database: Database) -> int:
    with database.reading() as session:
        return sum(
            map(int, session.scalars(select(Setting.value).where(Setting.key.like("mark %"))))
        )


def test_an_export_is_made_as_the_person_and_kept_for_some_days(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, tour: Work
) -> None:
    work_id = ask(database, people, clock, round_id=tour.round_id)
    assert run_background.run(context, clock.now()) == 1
    assert run_background.run(context, clock.now()) == 0
    work = work_of(database, work_id)
    assert (work.state, work.error, work.attempts) == (WorkState.DONE, None, 1)
    (file,) = results_in(context.config)
    assert file.name == work.result_file
    assert file.read_bytes()[:2] == b"PK"
    assert file.stat().st_size == work.result_bytes
    assert work.keep_until is not None
    assert (work.keep_until - clock.now()).days == 7
    with database.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "ledger_exported")
        ).one()
    assert (entry.user_id, entry.object_id) == (people.users["clerk"], tour.round_id)


def test_the_same_wish_is_queued_once_and_nobody_queues_without_end(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    assert ask(database, people, clock, n=0) == ask(database, people, clock, n=0)
    assert ask(database, people, clock, n=0) != ask(database, people, clock, who="lead", n=0)
    for number in range(1, 10):
        ask(database, people, clock, n=number)
    with pytest.raises(DomainError, match="10 件"):
        ask(database, people, clock, n=10)


def test_of_two_workers_that_look_at_once_one_gets_the_work(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    plant(leave_a_mark)
    ids = [ask(database, people, clock, n=number) for number in range(6)]
    start = threading.Barrier(3)

    def all_of(name: str) -> int:
        start.wait()
        return done_by(context, name)

    with ThreadPoolExecutor(3) as pool:
        numbers = list(pool.map(all_of, ["one", "two", "three"]))
    assert sum(numbers) == len(ids)
    assert marks(database) == len(ids)
    assert {work_of(database, id_).attempts for id_ in ids} == {1}


def test_work_of_a_dead_worker_is_done_again_and_the_dead_writes_nothing(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    plant(leave_a_mark)
    work_id = ask(database, people, clock)
    with database.writing() as session:
        old = works.claim(session, work_id, worker="dead", now=clock.now())
        session.commit()
    assert old is not None
    later(clock, seconds=59)
    assert done_by(context) == 0
    later(clock, seconds=2)
    assert done_by(context) == 1
    assert (work_of(database, work_id).attempts, marks(database)) == (2, 1)
    with database.writing() as session, pytest.raises(WorkLostError):
        works.finish(session, old, Made(), keep_days=7, now=clock.now())


def test_a_claim_taken_away_while_it_works_leaves_nothing_behind(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    def slow(desk: Desk) -> Write:
        with database.writing() as session:  # another one takes it for dead meanwhile
            assert works.requeue_dead(session, now=clock.now() + timedelta(minutes=5)) == 1
            session.commit()
        return leave_a_mark(desk)

    plant(slow)
    work_id = ask(database, people, clock)
    held = run_background._next(context)
    assert held is not None
    assert run_background._did(context, held) is False
    assert marks(database) == 0
    assert work_of(database, work_id).state is WorkState.QUEUED


def test_work_that_kills_its_workers_is_given_up_with_a_sentence(
    context: JobContext, database: Database, people: Cast, clock: ManualClock
) -> None:
    work_id = ask(database, people, clock)
    for _attempt in range(3):
        with database.writing() as session:
            works.requeue_dead(session, now=clock.now())
            assert works.claim(session, work_id, worker="dies", now=clock.now()) is not None
            session.commit()
        later(clock, minutes=2)
    assert done_by(context) == 0
    work = work_of(database, work_id)
    assert (work.state, work.error) == (WorkState.FAILED, GAVE_UP)


def test_cancelled_while_it_runs_it_stops_at_the_next_step(
    context: JobContext,
    database: Database,
    people: Cast,
    clock: ManualClock,
    plant: Plant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_background, "Pulse", lambda *given: Pulse(*given, beat_seconds=0.05))
    steps = 0

    def patient(desk: Desk) -> Write:
        nonlocal steps
        cancel(database, people, clock, work_id)
        for step in range(200):
            steps = step
            desk.tell("数数", step, 200)
            time.sleep(0.05)
        return leave_a_mark(desk)

    plant(patient)
    work_id = ask(database, people, clock)
    assert done_by(context) == 1
    assert work_of(database, work_id).state is WorkState.CANCELLED
    assert (steps < 100, marks(database)) == (True, 0)


def cancel(database: Database, people: Cast, clock: ManualClock, work_id: int) -> None:
    with database.writing() as session:
        work = session.get_one(works.Work, work_id)
        works.cancel_work(session, work, actor=people.actor("clerk"), now=clock.now())
        session.commit()


def test_cancelled_in_its_last_moment_nothing_of_it_stays(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    def late(desk: Desk) -> Write:
        cancel(database, people, clock, work_id)
        return leave_a_mark(desk)

    plant(late)
    work_id = ask(database, people, clock)
    assert done_by(context) == 1
    assert (work_of(database, work_id).state, marks(database)) == (WorkState.CANCELLED, 0)


def test_what_waits_is_cancelled_at_once_and_what_is_done_no_more(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    plant(leave_a_mark)
    first = ask(database, people, clock, n=1)
    cancel(database, people, clock, first)
    assert done_by(context) == 0
    second = ask(database, people, clock, n=1)
    assert second != first
    assert done_by(context) == 1
    with pytest.raises(DomainError, match="已经结束"):
        cancel(database, people, clock, second)


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.SYS_ADMIN}, {"region": "east"}]
)
def test_who_may_no_longer_gets_nothing(
    context: JobContext,
    database: Database,
    people: Cast,
    clock: ManualClock,
    plant: Plant,
    change: dict[str, object],
) -> None:
    """Before it begins, and just as well while it runs."""
    values = {("region_id" if k == "region" else k): v for k, v in change.items()}
    if "region_id" in values:
        values["region_id"] = people.regions["east"]

    def demote() -> None:
        with database.writing() as session:
            session.execute(update(User).where(User.id == people.users["clerk"]).values(**values))
            session.commit()

    def slow(desk: Desk) -> Write:
        demote()
        return leave_a_mark(desk)

    plant(slow)
    ids = [ask(database, people, clock, n=number) for number in range(2)]
    assert done_by(context) == 2
    found = [work_of(database, id_) for id_ in ids]
    assert {(work.state, work.error) for work in found} == {(WorkState.FAILED, NOT_ALLOWED)}
    assert marks(database) == 0


def test_a_rule_that_says_no_tells_why_and_a_fault_tells_nothing_of_itself(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    def refuses(desk: Desk) -> Write:
        raise (
            DomainError("文件是空的，请重新选择。")
            if desk.params["n"]
            else ValueError("13800000000")
        )

    plant(refuses)
    ids = [ask(database, people, clock, n=number) for number in range(2)]
    assert done_by(context) == 2
    assert [work_of(database, id_).error for id_ in ids] == [BROKE, "文件是空的，请重新选择。"]


def test_a_process_that_is_to_end_puts_the_work_back(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    stopping = threading.Event()

    def long(desk: Desk) -> Write:
        stopping.set()
        desk.tell("很久", 1, 2)
        return leave_a_mark(desk)

    plant(long)
    work_id = ask(database, people, clock)
    assert run_background.run(replace(context, stopping=stopping), clock.now()) == 0
    work = work_of(database, work_id)
    assert (work.state, work.attempts, work.worker) == (WorkState.QUEUED, 0, None)
    plant(leave_a_mark)
    assert done_by(context, "two") == 1


def test_progress_is_seen_while_it_works_and_holds_no_lock(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, plant: Plant
) -> None:
    seen: list[tuple[str, int, int]] = []

    def counts(desk: Desk) -> Write:
        for step in range(1, 4):
            desk.tell("整理任务", step, 3)
            pulse_once(step)
            with database.writing() as session:  # everybody else can write meanwhile
                put_setting(session, "other", str(step), by="tests", now=desk.now)
                session.commit()
        return leave_a_mark(desk)

    def pulse_once(step: int) -> None:
        pulses[0]._beat()
        work = work_of(database, work_id)
        seen.append((work.step, work.done, work.total))

    pulses: list[Pulse] = []
    plant(counts)
    work_id = ask(database, people, clock)
    held = run_background._next(context)
    assert held is not None
    with Pulse(context, held) as pulse:
        pulses.append(pulse)
        run_background._do(context, held, pulse)
    assert seen == [("整理任务", step, 3) for step in (1, 2, 3)]


def test_results_are_cleared_after_their_days_and_the_row_stays(
    context: JobContext, database: Database, people: Cast, clock: ManualClock, tour: Work
) -> None:
    work_id = ask(database, people, clock, round_id=tour.round_id)
    done_by(context)
    later(clock, days=6, hours=23)
    assert sweep_files.run(context, clock.now()) == 0
    later(clock, hours=1)
    assert sweep_files.run(context, clock.now()) == 1
    assert sweep_files.run(context, clock.now()) == 0
    assert results_in(context.config) == []
    work = work_of(database, work_id)
    assert (work.state, work.cleared_at, work.result_name is None) == (
        WorkState.DONE,
        clock.now(),
        False,
    )


def test_a_result_that_no_row_knows_is_removed_after_a_day(
    context: JobContext, clock: ManualClock
) -> None:
    results = ResultFiles(context.config.results_dir)
    with results.writing("甲.xlsx", "x") as draft:
        draft.file.write(b"1")
    (context.config.results_dir / "somebody's.txt").write_text("stays")
    written_at = results.path(draft.result.stored_as).stat().st_mtime
    clock.instant = datetime.fromtimestamp(written_at, UTC)
    assert sweep_files.run(context, clock.now()) == 0
    later(clock, days=1)
    assert sweep_files.run(context, clock.now()) == 1
    assert [file.name for file in results_in(context.config)] == ["somebody's.txt"]


def test_asking_and_cancelling_leave_entries(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    work_id = ask(database, people, clock)
    cancel(database, people, clock, work_id)
    with database.reading() as session:
        query = select(AuditEntry.action, func.count()).where(AuditEntry.object_id == work_id)
        found = {row[0]: row[1] for row in session.execute(query.group_by(AuditEntry.action))}
    assert found == {"work_asked": 1, "work_cancelled": 1}


def test_who_saw_it_waiting_but_comes_second_gets_nothing(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    work_id = ask(database, people, clock)
    with database.writing() as session:
        first = works.claim(session, work_id, worker="one", now=clock.now())
        second = works.claim(session, work_id, worker="two", now=clock.now())
        session.commit()
    assert first is not None
    assert second is None
