"""The same oracle over the whole chain: jobs, outbox, a real database, a robot that hears it.

A batch is one office with a dozen tasks, each a world of its own, under one set of rules, one
calendar and one service that fails now and then; what counts as said is what the robot has taken.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from jobs import deliver_notifications, queue_reminders, requeue_stale
from jobs.context import JobContext
from tests.conftest import make_config
from tests.factories.cast import TESTER, Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tests.reminders.test_against_oracle import (
    CLOSED,
    FIRST,
    OFFICE,
    UNIT,
    Stands,
    as_rule,
    each_day_says_what_it_must_and_no_more,
    the_gap_is_never_too_long,
)
from tracker.kernel.clock import at_local
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database, born
from tracker.notifications.models import Notification
from tracker.notifications.rules import ChannelKind, MessageState
from tracker.notifications.service import add_channel
from tracker.rectification.models import Task
from tracker.rectification.rules.words import TaskState
from tracker.reminders.models import ReminderRule
from tracker.reminders.rules import RuleStatus
from tracker.reminders.service import switch_pushing
from tracker.wecom_sandbox.server import RunningSandbox, start_sandbox
from tracker.workdays.models import CalendarDay
from tracker.workdays.rules import DayKind, DaySource

WORLDS = 12
STATES = {
    UNIT: TaskState.IN_PROGRESS,
    OFFICE: TaskState.OFFICE_REVIEW,
    CLOSED: TaskState.CLOSED,
}
FED_BACK_ON = date(2025, 12, 1)
Asked = list[tuple[date, Stands, list[int]]]


@dataclass
class World:
    """One task: how it goes, and what was heard of it."""

    task_id: int
    due: date
    turns: dict[int, str]
    moves: dict[int, int]
    turn: str = UNIT
    reopened: int = 0
    begun: int = 0
    asked: Asked = field(default_factory=list)
    stood: dict[date, Stands] = field(default_factory=dict)
    said: set[date] = field(default_factory=set)

    def on(self, at: int) -> None:
        """Let a day begin. A moved date, another turn: as it is told."""
        following = self.turns.get(at, self.turn)
        self.reopened += self.turn == CLOSED and following != CLOSED
        self.turn = following
        if at in self.moves:
            self.due = FIRST + timedelta(days=at + self.moves[at])


@dataclass
class Batch:
    """Everything about one run, drawn from one seed."""

    dice: random.Random
    days: int
    rules: list[dict[str, Any]] = field(init=False)
    special: dict[int, bool] = field(init=False)
    arrives: dict[int, dict[int, bool]] = field(init=False)
    intervals: dict[int, tuple[int, bool]] = field(init=False)
    down: set[int] = field(init=False)
    stuck: set[int] = field(init=False)
    back: dict[int, int] = field(init=False)
    ahead: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        dice, days = self.dice, self.days
        self.rules = [self._promise(), *(self._other() for _ in range(dice.randrange(4)))]
        self.special = self._days(dice.randrange(12))
        self.arrives = {dice.randrange(1, days): self._days(6) for _ in range(2)}
        self.intervals = {
            dice.randrange(1, days): (dice.randint(1, 8), dice.random() < 0.5) for _ in range(2)
        }
        self.down = set(dice.sample(range(days), days // 6))
        self.stuck = set(dice.sample(range(days), days // 6)) - self.down
        self.back = {dice.randrange(days): dice.randint(1, 3) for _ in range(2)}
        self.ahead = {dice.randrange(days): dice.randint(100, 900) for _ in range(2)}

    def _promise(self) -> dict[str, Any]:
        offset, every = self.dice.randint(0, 7), self.dice.randint(1, 8)
        return {"kind": "days", "offset": offset, "every": every, "longer_than": 0}

    def _other(self) -> dict[str, Any]:
        kind = self.dice.choice(["days", "workdays"])
        every = self.dice.choice([0, 0, 3])
        return {
            "kind": kind, "offset": self.dice.randint(-20, 20), "every": every, "longer_than": 0,
        }  # fmt: skip

    def _days(self, count: int) -> dict[int, bool]:
        return {self.dice.randrange(-20, self.days): self.dice.random() < 0.5 for _ in range(count)}

    def turns(self) -> dict[int, str]:
        choices = [self.dice.choice(list(STATES)) for _ in range(self.dice.randrange(5))]
        return {self.dice.randrange(1, self.days): turn for turn in choices}

    def moves(self) -> dict[int, int]:
        count = self.dice.randrange(2)
        return {self.dice.randrange(1, self.days): self.dice.randint(-5, 20) for _ in range(count)}


@dataclass
class Chain:
    """The office whose reminders are heard."""

    context: JobContext
    people: Cast
    clock: ManualClock
    sandbox: RunningSandbox
    batch: Batch
    worlds: list[World] = field(default_factory=list)
    known: dict[int, bool] = field(default_factory=dict)
    altered: int = 0
    heard: set[int] = field(default_factory=set)

    def open(self) -> None:
        """Set up rules, a group, and the tasks."""
        city, now = self.people.regions["city"], self.clock.now()
        with self.context.database.writing() as session:
            work = make_work(session, self.people, now=now, fed_back_on=FED_BACK_ON)
            switch_pushing(session, city, True, actor=self.people.actor("lead"), now=now)
            session.execute(delete(ReminderRule))
            for no, told in enumerate(self.batch.rules):
                values = vars(as_rule(f"rule-{no}", told))
                stamps = born(actor=TESTER, now=now)
                status = RuleStatus.ACTIVE
                session.add(ReminderRule(region_id=city, status=status, **values, **stamps))
            add_channel(
                session,
                "单位群",
                self.sandbox.webhook_url("own"),
                kind=ChannelKind.UNIT,
                region_id=city,
                unit_id=self.people.units["a"],
                base_url=self.sandbox.url,
                allowed_hosts=[self.sandbox.url],
                sealer=self.context.sealer,
                actor=TESTER,
                now=now,
            )
            for _ in range(WORLDS):
                due = FIRST + timedelta(days=self.batch.dice.randint(-20, 30))
                task = work.task(session, self.people, due_on=due, now=now)
                self.worlds.append(World(task.id, due, self.batch.turns(), self.batch.moves()))
            session.commit()
        self._learn(self.batch.special)

    def _learn(self, days: dict[int, bool]) -> None:
        self.known |= days
        with self.context.database.writing() as session:
            for at, is_work in days.items():
                on = FIRST + timedelta(days=at)
                session.execute(delete(CalendarDay).where(CalendarDay.on == on))
                session.add(
                    CalendarDay(
                        on=on,
                        kind=DayKind.WORKDAY if is_work else DayKind.DAY_OFF,
                        name="通知",
                        source=DaySource.NOTICE,
                        **born(actor=TESTER, now=self.clock.now()),
                    )
                )
            session.commit()

    def live(self) -> None:
        """Let the days pass."""
        for at in range(self.batch.days):
            day = FIRST + timedelta(days=at)
            self._begin(at)
            stands = {world.task_id: self._stands(world, at) for world in self.worlds}
            for world in self.worlds:
                world.stood[day] = stands[world.task_id]
            if at in self.batch.stuck:  # what is queued waits, and may be dropped meanwhile
                self.clock.set_local(day, 9, 7)
                queue_reminders.run(self.context, self.clock.now())
            if at in self.batch.down | self.batch.stuck:
                continue
            wrong = self.batch.ahead.get(at, 0) - self.batch.back.get(at, 0)
            clock = day + timedelta(days=wrong)
            for today in (clock, day) if clock != day else (day,):  # and set right again
                said = self._run(today)
                for world in self.worlds:
                    rules = said.get(world.task_id, [])
                    world.asked.append((today, stands[world.task_id], rules))
                    world.said |= {day} if rules else set()

    def _begin(self, at: int) -> None:
        if at in self.batch.arrives:
            self._learn(self.batch.arrives[at])
        if at in self.batch.intervals:
            self._alter(*self.batch.intervals[at])
        with self.context.database.writing() as session:
            for world in self.worlds:
                world.on(at)
                values = {
                    "state": STATES[world.turn],
                    "due_on": world.due,
                    "reopen_count": world.reopened,
                }
                session.execute(update(Task).where(Task.id == world.task_id).values(**values))
            session.commit()

    def _alter(self, every: int, is_another_rule: bool) -> None:
        self.batch.rules[0] = {**self.batch.rules[0], "every": every}
        self.altered += is_another_rule
        with self.context.database.writing() as session:
            row = session.scalars(
                select(ReminderRule).where(ReminderRule.code.like("rule-0%"))
            ).one()
            row.every_workdays, row.code = every, self._code(0)
            session.commit()

    def _code(self, no: int) -> str:
        is_altered = no == 0 and self.altered
        return f"rule-{no}~{self.altered + 1}" if is_altered else f"rule-{no}"

    def _stands(self, world: World, at: int) -> Stands:
        codes = [self._code(no) for no in range(len(self.batch.rules))]
        return Stands(
            world.turn,
            world.due,
            world.reopened,
            dict(self.known),
            list(self.batch.rules),
            codes,
            at not in self.batch.down | self.batch.stuck,
        )

    def _run(self, today: date) -> dict[int, list[int]]:
        """Run the jobs; return which rules spoke of which task, as the robot has heard it."""
        self.clock.set_local(today, 9, 7)
        before = len(self.sandbox.seen("own"))
        for _ in range(2):
            requeue_stale.run(self.context, self.clock.now())
            queue_reminders.run(self.context, self.clock.now())
            deliver_notifications.run(self.context, self.clock.now())
        texts = "\n".join(seen["content"] for seen in self.sandbox.seen("own")[before:])
        with self.context.database.reading() as session:
            sent = session.execute(
                select(Notification.id, Notification.object_id, Notification.rule, Task.task_no)
                .join(Task, Task.id == Notification.object_id)
                .where(Notification.state == MessageState.SENT)
            ).all()
        new = [row for row in sent if row.id not in self.heard]
        self.heard |= {row.id for row in new}
        said: dict[int, list[int]] = {}
        for row in new:
            said.setdefault(row.object_id, []).append(int(row.rule.partition("~")[0][5:]))
            assert texts.count(row.task_no) == 1, "not heard, or twice"
        assert texts.count("7-3-") == len(new)
        return said


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(at_local(FIRST, 9))


@pytest.fixture
def sandbox(clock: ManualClock) -> Iterator[RunningSandbox]:
    with start_sandbox(now=clock.now) as running:
        yield running


@pytest.fixture
def context(
    database: Database, clock: ManualClock, sandbox: RunningSandbox, tmp_path: Path
) -> JobContext:
    config = make_config(database.url, tmp_path / "data", wecom_allowed_hosts=(sandbox.url,))
    return JobContext(database, clock, config, Sealer(config.secret_keys), "tests")


def live(chain: Chain) -> int:
    """Live through a batch and hold every world against the oracle; return how much was said."""
    chain.open()
    chain.live()
    for world in chain.worlds:
        # Each date has its own time allowed; what is asked of one date goes by that of the date.
        for due in {stands.due for _, stands, _ in world.asked}:
            asked = [each for each in world.asked if each[1].due == due]
            each_day_says_what_it_must_and_no_more((due - FED_BACK_ON).days, asked)
        the_gap_is_never_too_long(world.stood, world.said)
    return sum(len(rules) for world in chain.worlds for _, _, rules in world.asked)


@pytest.mark.parametrize("seed", range(3))
def test_a_dozen_tasks_over_six_weeks_are_heard_of_as_the_oracle_says(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, seed: int
) -> None:
    batch = Batch(random.Random(seed), days=42)
    assert live(Chain(context, people, clock, sandbox, batch)) > WORLDS


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_a_campaign_of_dozens_on_the_database(
    context: JobContext, people: Cast, clock: ManualClock, sandbox: RunningSandbox, seed: int
) -> None:
    batch = Batch(random.Random(seed), days=90)
    assert live(Chain(context, people, clock, sandbox, batch)) > WORLDS
