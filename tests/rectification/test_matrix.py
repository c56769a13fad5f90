"""Every state × every step × everybody, against the matrix written by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.rectification import expected_matrix as expected
from tests.rectification.acts import ACTS
from tests.rectification.scenarios import CALLS, Try, authorise, make_scenario, person
from tracker.kernel import permissions
from tracker.kernel.db import Database
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission, Role
from tracker.models import metadata
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.rectification import queries
from tracker.rectification.models import Task
from tracker.rectification.rules import transitions
from tracker.rectification.rules.words import TaskKind, TaskState
from tracker.rectification.service import steps
from tracker.rounds.models import Round

Outcomes = dict[tuple[str, str, str], str]
STATES = [TaskState(code) for code in expected.STATES]


def lines(*blocks: str) -> Outcomes:
    """Return what the matrix says: (state, step, who) → state afterwards. Later blocks win."""
    found: Outcomes = {}
    for block in blocks:
        told = [line.split() for line in block.strip().splitlines()]
        for state, step, *_ in told:
            for key in [key for key in found if key[:2] == (state, step)]:
                del found[key]
        for state, step, after, *people in told:
            found |= {(state, step, who): after for who in people}
    return found


COUNTS = select(
    *(
        select(func.count()).select_from(table).scalar_subquery().label(table.name)
        for table in metadata.sorted_tables
        if table.name != "settings"
    )
)


def digest(session: Session, task_id: int) -> tuple[object, ...]:
    """Return how many rows every table has, and what the task and its plan look like."""
    tasks, documents = Task.__table__, metadata.tables["unit_documents"]
    task = session.execute(select(tasks).where(tasks.c.id == task_id)).one()
    plan = session.execute(select(documents).where(documents.c.feedback_id == task.feedback_id))
    return tuple(session.execute(COUNTS).one()), task, plan.all()


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Take back everything a block does, but see it first as a commit would."""
    with session.begin_nested() as savepoint:
        yield
        savepoint.rollback()
    session.expire_all()
    session.info.clear()


def outcome_of(
    session: Session,
    cast: Cast,
    task_id: int,
    step: str,
    who: str,
    before: tuple[object, ...],
    *,
    now: datetime,
) -> str:
    """Return the state somebody's step leads to, or "refused" when nothing at all has changed."""
    with undone(session):
        actor = person(session, cast, who, today=MONDAY)
        try:
            task = queries.get_task(session, task_id, actor=actor)
            (CALLS | ACTS)[step](Try(session, task, actor, now))
        except DomainError:
            session.flush()  # what a careless service had left on its objects would show
            unchanged = digest(session, task_id) == before
            return "refused" if unchanged else "refused, yet something changed"
        session.flush()  # the state as a commit would keep it
        return session.get_one(Task, task_id).state.value


def told_of(found: Outcomes, *rows: tuple[str, str]) -> Outcomes:
    """Return the lines of the matrix for these states and steps."""
    return {key: after for key, after in found.items() if key[:2] in rows}


def sweep(
    session: Session,
    cast: Cast,
    work: Work,
    *,
    now: datetime,
    states: list[TaskState] = STATES,
    steps_tried: list[str] = expected.STEPS,
    kind: TaskKind = TaskKind.DATED,
) -> Outcomes:
    """Let everybody try every step from every state; return what was not refused."""
    found: Outcomes = {}
    for state in states:
        for step in steps_tried:
            task = make_scenario(session, cast, work, state, step, now=now)
            task.kind = kind
            session.flush()  # everybody reads it back
            before = digest(session, task.id)
            for who in expected.WHO:
                outcome = outcome_of(session, cast, task.id, step, who, before, now=now)
                if outcome != "refused":
                    found[state.value, step, who] = outcome
    return found


@pytest.fixture
def session(database: Database, people: Cast, clock: ManualClock) -> Iterator[Session]:
    with database.writing() as session:
        authorise(session, people, today=MONDAY, now=clock.now())
        yield session


@pytest.fixture
def work(session: Session, people: Cast, clock: ManualClock) -> Work:
    made = make_work(session, people, now=clock.now())
    session.flush()  # the scenarios need its ids
    return made


def test_the_calls_are_the_steps_of_the_matrix() -> None:
    assert set(CALLS) == set(expected.STEPS)
    assert set(ACTS) == {line.split()[0] for line in expected.ACTS.strip().splitlines()}
    assert {state.value for state in TaskState} == set(expected.STATES)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.value)
def test_everybody_at_every_step_from_every_state(
    session: Session, people: Cast, work: Work, clock: ManualClock, state: TaskState
) -> None:
    rows = [(state.value, step) for step in expected.STEPS]
    told = told_of(lines(expected.WHOLE), *rows)
    assert sweep(session, people, work, now=clock.now(), states=[state]) == told


def told_acts(act: str) -> Outcomes:
    """Return what the matrix says of an act: it leaves the state as it is."""
    found: Outcomes = {}
    for line in expected.ACTS.strip().splitlines():
        name, states, *people = line.split()
        if name == act:
            found |= {(s, act, who): s for s in states.split(",") for who in people}
    return found


@pytest.mark.parametrize("act", ACTS)
def test_everybody_at_every_act_in_every_state(
    session: Session, people: Cast, work: Work, clock: ManualClock, act: str
) -> None:
    assert sweep(session, people, work, now=clock.now(), steps_tried=[act]) == told_acts(act)


def turned(session: Session, work: Work, **columns: object) -> None:
    tour = session.get_one(Round, work.round_id)
    for name, value in columns.items():
        setattr(tour, name, value)
    session.flush()  # the path is read from the round's row


SWITCHED = {
    "acknowledgement off": ({"needs_acknowledgement": False}, expected.ACKNOWLEDGEMENT_OFF),
    "plan review off": ({"needs_plan_review": False}, expected.PLAN_REVIEW_OFF),
    "sign-off off": ({"needs_sign_off": False}, expected.SIGN_OFF_OFF),
    "ending on": ({"allows_ending": True}, expected.ENDING_ON),
}


@pytest.mark.parametrize("switch", SWITCHED)
def test_a_switch_changes_exactly_its_own_lines(
    session: Session, people: Cast, work: Work, clock: ManualClock, switch: str
) -> None:
    columns, block = SWITCHED[switch]
    turned(session, work, **columns)
    rows = [line.split()[:2] for line in block.strip().splitlines()]
    told = lines(expected.WHOLE, block)
    for state, step in rows:
        found = sweep(
            session,
            people,
            work,
            now=clock.now(),
            states=[TaskState(state)],
            steps_tried=[step],
        )
        assert found == told_of(told, (state, step))


@pytest.mark.parametrize(
    ("column", "steps_refused", "still"),
    [
        ("allows_scan_sign", ["sign_plan_scan", "sign_closure_scan"], {"head", "deputy"}),
        ("allows_online_sign", [], {"deputy"}),
        ("allows_deputy_sign", [], {"head"}),
    ],
)
def test_a_way_to_sign_that_the_round_does_not_allow_is_nobodys(
    session: Session,
    people: Cast,
    work: Work,
    clock: ManualClock,
    column: str,
    steps_refused: list[str],
    still: set[str],
) -> None:
    turned(session, work, **{column: False})
    for state, signs in ((TaskState.PLANNING, "sign_plan"), (TaskState.UNIT_CHECK, "sign_closure")):
        found = sweep(
            session,
            people,
            work,
            now=clock.now(),
            states=[state],
            steps_tried=[signs, f"{signs}_scan"],
        )
        assert {who for _, step, who in found if step == signs} == still
        assert not {step for _, step, _ in found} & set(steps_refused)


def test_an_immediate_issue_is_never_part_of_a_plan(
    session: Session, people: Cast, work: Work, clock: ManualClock
) -> None:
    told = lines(expected.IMMEDIATE)
    for state, step in {key[:2] for key in told}:
        found = sweep(
            session,
            people,
            work,
            now=clock.now(),
            states=[TaskState(state)],
            steps_tried=[step],
            kind=TaskKind.IMMEDIATE,
        )
        assert found == told_of(told, (state, step))


def test_an_office_of_two_walks_the_short_path(
    session: Session, people: Cast, work: Work, clock: ManualClock
) -> None:
    session.get_one(Region, work.region_id).mode = OfficeMode.SIMPLE
    session.flush()  # the path is read from the region's row
    told = lines(expected.SIMPLE)
    for state, step in {key[:2] for key in told}:
        found = sweep(
            session,
            people,
            work,
            now=clock.now(),
            states=[TaskState(state)],
            steps_tried=[step],
        )
        assert found == told_of(told, (state, step))


def a_grant_too_many(patch: pytest.MonkeyPatch) -> None:
    grants = permissions.GRANTS
    clerk = grants[Role.OFFICE_CLERK] | {Permission.TASK_CLOSE}
    patch.setitem(grants, Role.OFFICE_CLERK, clerk)


def a_guard_too_few(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(transitions, "refused_by_switches", lambda *_: None)


def a_role_mistaken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "ensure_own", lambda *_, **__: None)


FAULTS = {
    "a grant": (a_grant_too_many, TaskState.OFFICE_REVIEW, "close"),
    "a guard": (a_guard_too_few, TaskState.IN_PROGRESS, "end"),
    "a role": (a_role_mistaken, TaskState.IN_PROGRESS, "request_closure"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_deliberate_fault_shows(
    session: Session,
    people: Cast,
    work: Work,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    plant, state, step = FAULTS[fault]
    told = told_of(lines(expected.WHOLE), (state.value, step))

    def tried() -> Outcomes:
        return sweep(session, people, work, now=clock.now(), states=[state], steps_tried=[step])

    plant(monkeypatch)
    assert tried() != told
