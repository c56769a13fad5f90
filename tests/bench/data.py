"""Many tasks at once, as rows of the same shape the other tests make one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from tests.factories.cast import TESTER, Cast
from tests.factories.work import PATH, Work, make_work
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.feedback.rules import FeedbackSource, IssueNature
from tracker.kernel.clock import local_date
from tracker.kernel.db import Base, born
from tracker.organizations.models import Unit
from tracker.organizations.rules import UnitCategory
from tracker.people.models import Person
from tracker.rectification.models import Measure, Task, TaskDuty, TaskTransition, UnitDocument
from tracker.rectification.rules.words import DocumentKind, DutyRole, TaskKind, TaskState
from tracker.rounds.models import Inspection
from tracker.rounds.rules import RoundKind

S = TaskState
OPEN_MIX = (
    *(S.IN_PROGRESS,) * 8,
    S.PLANNING,
    S.PLANNING,
    S.ISSUED,
    S.PLAN_REVIEW,
    S.UNIT_CHECK,
    S.OFFICE_REVIEW,
    S.LONG_TERM,
)
USUAL_MIX = tuple(
    OPEN_MIX[place * 15 // 100] if place * 15 % 100 < 15 else S.CLOSED for place in range(100)
)
SPREAD_DAYS, LATEST_OVERDUE_DAYS = 81, 30
CHUNK = 5_000


@dataclass(frozen=True)
class Filled:
    """What was made: `feedback_ids` and `unit_ids` in step, `task_ids` in order of making."""

    work: Work
    unit_ids: list[int]
    feedback_ids: list[int]
    plan_ids: list[int]
    issue_ids: list[int]
    task_ids: list[int]


def fill(
    session: Session,
    cast_: Cast,
    count: int,
    *,
    now: datetime,
    units: int = 100,
    mix: Sequence[TaskState] = USUAL_MIX,
) -> Filled:
    """Make a round with `count` tasks, spread evenly over units, each unit's states after `mix`.

    Open tasks are due from 30 days ago to 50 days ahead: about 7% of a usual mix are overdue or
    due within a week. The caller commits.
    """
    work = make_work(session, cast_, now=now)
    stamps = born(actor=TESTER, now=now)
    unit_ids = [cast_.units["a"], cast_.units["b"], *_units(session, work, units - 2, stamps)]
    inspection_ids, feedback_ids = _feedback(session, work, unit_ids, stamps)
    person_ids = _persons(session, work, stamps)
    plan_ids = _plans(session, feedback_ids, unit_ids, now, stamps)
    places = [number % units for number in range(count)]
    issue_ids = _many(
        session,
        Issue,
        (
            {
                "feedback_id": feedback_ids[place],
                "inspection_id": inspection_ids[place],
                "region_id": work.region_id,
                "issue_no": f"{number:06d}",
                "nature": IssueNature.INDIVIDUAL,
                "text": f"问题{number}：某项制度执行不严，台账更新不及时，审批流程有缺项。",
                **stamps,
            }
            for number, place in enumerate(places)
        ),
    )
    task_ids = _many(
        session,
        Task,
        (
            {
                "region_id": work.region_id,
                "round_id": work.round_id,
                "feedback_id": feedback_ids[place],
                "issue_id": issue_ids[number],
                "lead_unit_id": unit_ids[place],
                "task_no": f"7-3-{number:06d}-01",
                "goal": "完善制度并执行到位",
                "kind": TaskKind.DATED,
                **_dates(number, mix[number // units % len(mix)], local_date(now)),
                **stamps,
            }
            for number, place in enumerate(places)
        ),
    )
    _bare(session, IssueUnit, _issue_units(issue_ids, places, unit_ids))
    _bare(
        session,
        Measure,
        ({"task_id": one, "seq": 1, "text": "修订制度", **stamps} for one in task_ids),
    )
    _bare(session, TaskDuty, _duties(task_ids, person_ids, work.fed_back_on, stamps))
    states = [mix[number // units % len(mix)] for number in range(count)]
    _bare(session, TaskTransition, _transitions(task_ids, states, work.fed_back_on, now))
    return Filled(work, unit_ids, feedback_ids, plan_ids, issue_ids, task_ids)


def _dates(number: int, state: TaskState, today: date) -> dict[str, Any]:
    shift = number * 37 % SPREAD_DAYS - LATEST_OVERDUE_DAYS
    is_closed = state is S.CLOSED
    due_on = today + timedelta(days=shift - (90 if is_closed else 0))
    return {
        "state": state,
        "original_due": due_on,
        "due_on": due_on,
        "closed_on": due_on if is_closed else None,
        "next_review_on": due_on if state is S.LONG_TERM else None,
    }


def _units(session: Session, work: Work, count: int, stamps: dict[str, Any]) -> list[int]:
    rows = (
        {
            "region_id": work.region_id,
            "code": f"U{number:04d}",
            "name": f"云州市第{number}试验局",
            "short_name": f"第{number}试验局",
            "sort_no": 10 + number,
            "category": UnitCategory.DEPARTMENT,
            "valid_from": date(2020, 1, 1),
            **stamps,
        }
        for number in range(count)
    )
    return _many(session, Unit, rows)


def _feedback(
    session: Session, work: Work, unit_ids: list[int], stamps: dict[str, Any]
) -> tuple[list[int], list[int]]:
    """Return inspections and feedback of the units; those of the first two are there already."""
    inspection_ids = _many(
        session,
        Inspection,
        (
            {
                "round_id": work.round_id,
                "unit_id": unit_id,
                "conducting_region_id": work.region_id,
                "kind": RoundKind.REGULAR,
                "onsite_start": work.fed_back_on - timedelta(days=60),
                "onsite_end": work.fed_back_on - timedelta(days=20),
                **stamps,
            }
            for unit_id in unit_ids[2:]
        ),
    )
    feedback_ids = _many(
        session,
        Feedback,
        (
            {
                "region_id": work.region_id,
                "code": f"F-{inspection_id}",
                "title": "巡察反馈意见",
                "round_id": work.round_id,
                "inspection_id": inspection_id,
                "fed_back_on": work.fed_back_on,
                "profile_id": work.profile_id,
                "source": FeedbackSource.CITY_INSPECTION,
                **stamps,
            }
            for inspection_id in inspection_ids
        ),
    )
    first = [work.inspection_ids["a"], work.inspection_ids["b"]]
    return [*first, *inspection_ids], [*work.feedback_ids.values(), *feedback_ids]


def _persons(session: Session, work: Work, stamps: dict[str, Any]) -> list[int]:
    rows = (
        {"region_id": work.region_id, "name": f"试验人员{number}", **stamps} for number in range(20)
    )
    return _many(session, Person, rows)


def _plans(
    session: Session,
    feedback_ids: list[int],
    unit_ids: list[int],
    now: datetime,
    stamps: dict[str, Any],
) -> list[int]:
    due_on = local_date(now) - timedelta(days=45)
    rows = (
        {
            "feedback_id": feedback_id,
            "unit_id": unit_id,
            "kind": DocumentKind.PLAN,
            "due_on": due_on,
            "submitted_on": due_on,
            **stamps,
        }
        for feedback_id, unit_id in zip(feedback_ids, unit_ids, strict=True)
    )
    return _many(session, UnitDocument, rows)


def _issue_units(
    issue_ids: list[int], places: list[int], unit_ids: list[int]
) -> Iterator[dict[str, Any]]:
    for issue_id, place in zip(issue_ids, places, strict=True):
        yield {"issue_id": issue_id, "unit_id": unit_ids[place]}


def _duties(
    task_ids: list[int], person_ids: list[int], from_on: date, stamps: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    for number, task_id in enumerate(task_ids):
        for role, step in ((DutyRole.LEAD_LEADER, 0), (DutyRole.OWNER, 7)):
            yield {
                "task_id": task_id,
                "role": role,
                "person_id": person_ids[(number + step) % len(person_ids)],
                "from_on": from_on,
                **stamps,
            }


def _transitions(
    task_ids: list[int], states: list[TaskState], occurred_on: date, now: datetime
) -> Iterator[dict[str, Any]]:
    for task_id, state in zip(task_ids, states, strict=True):
        path = PATH[: PATH.index(state) + 1] if state in PATH else (*PATH[:5], state)
        for previous, step in zip((None, *path), path, strict=False):
            yield {
                "task_id": task_id,
                "from_state": previous,
                "to_state": step,
                "verb": "made",
                "occurred_on": occurred_on,
                "recorded_at": now - timedelta(days=60),
                "actor": "tests",
            }


def _many(session: Session, model: type[Base], rows: Iterator[dict[str, Any]]) -> list[int]:
    """Insert rows and return their ids in the same order."""
    table = cast("Table", model.__table__)
    statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids: list[int] = []
    while chunk := list(islice(rows, CHUNK)):
        ids += session.scalars(statement, chunk)
    return ids


def _bare(session: Session, model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    table = cast("Table", model.__table__)
    while chunk := list(islice(rows, CHUNK)):
        session.execute(insert(table), chunk)
