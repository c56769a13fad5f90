"""停在已取消的环节: the list's condition in SQL says what the path's own rule says."""

from itertools import product

from sqlalchemy import select

from tests.conftest import MONDAY
from tests.factories.cast import Cast
from tests.factories.work import make_work
from tests.fakes.clock import ManualClock
from tracker.kernel.db import Database
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.rectification.models import Task
from tracker.rectification.queries import is_skippable
from tracker.rectification.rules.transitions import Verb, verbs_from
from tracker.rectification.rules.words import TaskKind, TaskState
from tracker.rectification.service.steps import switches_of
from tracker.rounds.models import Round

STEPS = ("needs_acknowledgement", "needs_plan_review", "needs_sign_off")


def test_the_list_of_skippable_tasks_is_what_the_path_lets_skip(
    database: Database, people: Cast, clock: ManualClock
) -> None:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now())
        for state, kind in product(TaskState, (TaskKind.DATED, TaskKind.IMMEDIATE)):
            work.task(session, people, state=state, kind=kind, now=clock.now())
        above = work.task(session, people, state=TaskState.UNIT_CHECK, now=clock.now())
        above.round_id = None
        session.commit()
        tour, region = (
            session.get_one(Round, work.round_id),
            session.get_one(Region, work.region_id),
        )
        told = 0
        for mode, flags in product(OfficeMode, product((True, False), repeat=len(STEPS))):
            region.mode = mode
            for name, flag in zip(STEPS, flags, strict=True):
                setattr(tour, name, flag)
            session.flush()  # the condition reads the rows
            session.expire_all()
            tasks = session.scalars(select(Task)).all()
            listed = set(session.scalars(select(Task.id).where(is_skippable(MONDAY))))
            skips = {task.id for task in tasks if _skips(task)}
            assert listed == skips, (mode, flags)
            told += len(skips)
        assert told > 40


def _skips(task: Task) -> bool:
    is_immediate = task.kind is TaskKind.IMMEDIATE
    return Verb.SKIP in verbs_from(task.state, switches_of(task), is_immediate=is_immediate)
