"""Spot checks: the office's own, nobody else's."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from tracker.feedback.models import Issue
from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.kernel.settings import DictionaryEntry
from tracker.letters.models.spot_checks import SpotCheck, SpotCheckItem
from tracker.letters.rules.sampling import Candidate
from tracker.letters.rules.spot_checks import DEFAULT_QUESTIONS, CheckOutcome
from tracker.organizations.models import Region, Unit
from tracker.organizations.scope import conducts
from tracker.people.models import User
from tracker.rectification.evidence_queries import counts_as_evidence
from tracker.rectification.models import Evidence, ProgressReport, Task, TaskTransition
from tracker.rectification.rules.transitions import Verb
from tracker.rectification.rules.words import TaskState

LIST_SIZE = 200
QUESTIONS = "spot_check_question"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which closed tasks a draw is made from; both days included."""

    closed_from: date
    closed_to: date
    round_id: int | None = None
    with_historic: bool = False


def candidates(
    session: Session, region_id: int, wanted: Wanted
) -> dict[str, tuple[Candidate, Task]]:
    """Return the closed tasks of a region that may be drawn, by the number they are drawn under."""
    query = (
        select(Task, Region.code, Unit.code, Issue.importance)
        .join(Task.issue)
        .join(Task.lead_unit)
        .join(Unit.region)
        .where(Task.region_id == region_id, Task.state == TaskState.CLOSED)
        .where(Task.closed_on.between(wanted.closed_from, wanted.closed_to))
    )
    if wanted.round_id is not None:
        query = query.where(Task.round_id == wanted.round_id)
    if not wanted.with_historic:
        query = query.where(Task.is_historic.is_(False))
    found: dict[str, tuple[Candidate, Task]] = {}
    for task, region, unit, importance in session.execute(query.order_by(Task.task_no)):
        number = _one_line(task.task_no)
        stands = Candidate(number, f"{_one_line(region)}/{_one_line(unit)}", importance.value)
        # The same number twice is told apart here and refused by the frame.
        found[number if number not in found else f"{number}#{task.id}"] = (stands, task)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())


def closings(session: Session, task_ids: list[int]) -> dict[int, tuple[str, int | None]]:
    """Return who closed each task last, and that person's id; an import decided nothing."""
    last = (
        select(func.max(TaskTransition.id))
        .where(TaskTransition.task_id.in_(task_ids), TaskTransition.to_state == TaskState.CLOSED)
        .group_by(TaskTransition.task_id)
    )
    query = (
        select(TaskTransition, User.person_id)
        .outerjoin(User, User.id == TaskTransition.actor_user_id)
        .where(TaskTransition.id.in_(last))
    )
    return {
        step.task_id: (step.actor, None if step.verb == Verb.IMPORT_CLOSED.value else person_id)
        for step, person_id in session.execute(query)
    }


def list_spot_checks(session: Session, *, actor: Actor) -> list[SpotCheck]:
    """Return the office's spot checks, the newest first, without their frames."""
    query = (
        select(SpotCheck)
        .where(conducts(actor, region=SpotCheck.region_id))
        .options(defer(SpotCheck.frame))
        .options(joinedload(SpotCheck.round), selectinload(SpotCheck.items))
        .order_by(SpotCheck.year.desc(), SpotCheck.seq.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def get_spot_check(session: Session, check_id: int, *, actor: Actor) -> SpotCheck:
    """Return a spot check of the actor's office with what its pages need."""
    parts = selectinload(SpotCheck.items).joinedload(SpotCheckItem.task)
    query = (
        select(SpotCheck)
        .where(SpotCheck.id == check_id, conducts(actor, region=SpotCheck.region_id))
        .options(joinedload(SpotCheck.round), parts.joinedload(Task.issue))
        .options(parts.joinedload(Task.lead_unit))
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def get_item(session: Session, item_id: int, *, actor: Actor) -> SpotCheckItem:
    """Return one task of a spot check of the actor's office."""
    query = (
        select(SpotCheckItem)
        .join(SpotCheckItem.spot_check)
        .where(SpotCheckItem.id == item_id, conducts(actor, region=SpotCheck.region_id))
        .options(
            joinedload(SpotCheckItem.spot_check),
            joinedload(SpotCheckItem.task).joinedload(Task.issue),
            joinedload(SpotCheckItem.task).joinedload(Task.lead_unit),
            joinedload(SpotCheckItem.task).selectinload(Task.measures),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def has_entered(session: Session, task_id: int, *, actor: Actor) -> bool:
    """Return whether the actor's person wrote a report or uploaded evidence of a task (代录)."""
    mine = select(User.id).where(User.person_id == actor.person_id)
    reports = select(ProgressReport.id).where(
        ProgressReport.task_id == task_id, ProgressReport.reporter_user_id.in_(mine)
    )
    files = select(Evidence.id).where(
        Evidence.task_id == task_id, Evidence.uploader_user_id.in_(mine)
    )
    return any(session.scalar(query.limit(1)) is not None for query in (reports, files))


def evidence_titles(session: Session, task_ids: list[int]) -> dict[int, list[Evidence]]:
    """Return the evidence that counts of each task, oldest first."""
    query = (
        select(Evidence)
        .where(Evidence.task_id.in_(task_ids), counts_as_evidence())
        .order_by(Evidence.id)
    )
    found: dict[int, list[Evidence]] = {}
    for evidence in session.scalars(query):
        found.setdefault(evidence.task_id, []).append(evidence)
    return found


def questions_of(session: Session, region_id: int) -> list[str]:
    """Return the questions of a region's check sheet; ours where it keeps none."""
    query = question_entries(region_id).where(DictionaryEntry.is_active)
    own = [entry.label for entry in session.scalars(query)]
    return own or list(DEFAULT_QUESTIONS)


def question_entries(region_id: int) -> Select[DictionaryEntry]:
    """Return the dictionary rows of a region's questions, in order."""
    return (
        select(DictionaryEntry)
        .where(DictionaryEntry.dictionary == QUESTIONS, DictionaryEntry.region_id == region_id)
        .order_by(DictionaryEntry.sort_no, DictionaryEntry.id)
    )


def spot_check_counts(
    session: Session, region_id: int, *, as_of: date, actor: Actor
) -> tuple[int, int]:
    """Return how many tasks were checked by a day, and how many of them failed: office only."""
    if not may(actor, Permission.SPOT_CHECK_READ):
        raise NotVisibleError
    failed = func.sum(case((SpotCheckItem.outcome == CheckOutcome.FAILED, 1), else_=0))
    query = (
        select(func.count(), failed)
        .select_from(SpotCheckItem)
        .join(SpotCheckItem.spot_check)
        .where(SpotCheck.region_id == region_id, conducts(actor, region=SpotCheck.region_id))
        .where(SpotCheckItem.checked_on <= as_of)
    )
    row = session.execute(query).one()
    return row[0], int(row[1] or 0)
