"""Rows of spot checks and assessments, and the words and order of units and grades."""

from collections.abc import Collection

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from tracker.letters.models import Assessment, SpotCheck, SpotCheckItem
from tracker.letters.queries.assessments import graded_on, grades_of
from tracker.letters.rules.spot_checks import CheckOutcome
from tracker.organizations.history import name_on
from tracker.organizations.models import Region, Unit
from tracker.rectification.models import Task
from tracker.rounds.models import Round
from tracker.statistics.queries.quality import UNIT
from tracker.statistics.queries.query import FigureQuery, Rows


def spot_checked(query: FigureQuery) -> Rows:
    """Return the tasks of spot checks that were looked at by the day."""
    rows = (
        select(
            SpotCheckItem.id.label("id"),
            literal(1).label("amount"),
            SpotCheckItem.outcome.label("part"),
        )
        .join(SpotCheck, SpotCheck.id == SpotCheckItem.spot_check_id)
        .join(Task, Task.id == SpotCheckItem.task_id)
        .where(
            SpotCheckItem.checked_on <= query.as_of,
            query.visible(region=SpotCheck.region_id, unit=Task.lead_unit_id),
        )
    )
    if query.round_id is not None:
        rows = rows.where(Task.round_id == query.round_id)
    if query.kind is not None:
        rows = rows.where(Task.round_id.in_(select(Round.id).where(Round.kind == query.kind)))
    return rows


def spot_checks_failed(query: FigureQuery) -> Rows:
    """Return those of `spot_checked` that failed."""
    return spot_checked(query).where(SpotCheckItem.outcome == CheckOutcome.FAILED)


def units_assessed(query: FigureQuery) -> Rows:
    """Return distinct units with a confirmed assessment, by the grade of the newest as it stood."""
    newest, grade = graded_on(query.region_id, query.as_of)
    return select(
        Assessment.unit_id.label("id"), literal(1).label("amount"), grade.label("part")
    ).where(
        Assessment.id.in_(newest),
        query.visible(region=Assessment.region_id, unit=Assessment.unit_id),
    )


def unit_words(session: Session, query: FigureQuery, present: Collection[str]) -> dict[str, str]:
    """Return units (REGION/CODE) under their names of the day, in 党政序列."""
    if not present:
        return {}
    names = (
        select(UNIT, name_on(Unit, query.as_of))
        .join(Region, Region.id == Unit.region_id)
        .order_by(Region.sort_no, Region.id, Unit.sort_no, Unit.id)
    )
    return {code: name for code, name in session.execute(names) if code in present}


def grade_words(session: Session, query: FigureQuery, present: Collection[str]) -> dict[str, str]:
    """Return grades from the highest; those that the region no longer keeps last."""
    kept = [grade.name for grade in grades_of(session, query.region_id)]
    former = sorted(set(present) - set(kept))
    return {name: name for name in (*kept, *former)}
