"""What figures can be narrowed to, as far as the reader may know of it."""

from sqlalchemy import ColumnElement, Select, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.feedback.models import Issue, IssueTag, IssueUnit
from tracker.organizations.models import Region, Unit
from tracker.organizations.scope import sees
from tracker.rectification.models import Task
from tracker.rounds.models import Inspection, Round
from tracker.statistics.queries.query import FigureQuery, rounds_of


def rounds_seen(query: FigureQuery) -> Select[Round]:
    """Return the region's rounds, newest first; a reader bound to units knows theirs alone."""
    rounds = rounds_of(query.region_id)
    if not query.is_of_units:
        return rounds
    seen = sees(query.actor, region=Inspection.conducting_region_id, unit=Inspection.unit_id)
    return rounds.where(Round.id.in_(select(Inspection.round_id).where(seen)))


def units_seen(query: FigureQuery) -> ColumnElement[bool]:
    """Return the condition on `Unit`: whose share of a figure the reader may ask for.

    A city's office reads a county's numbers without its rows: one unit's share is such a row.
    """
    if query.is_figures_only:
        return false()
    own = sees(query.actor, region=Unit.region_id, unit=Unit.id)
    return own if query.is_of_units else or_(own, Unit.id.in_(_inspected(query)))


def _inspected(query: FigureQuery) -> Select[int]:
    return select(Inspection.unit_id).where(Inspection.conducting_region_id == query.region_id)


def unit_choices(session: Session, query: FigureQuery) -> list[Unit]:
    """Return the units about which the region has an inspection or a task, the own ones first."""
    tasked = select(Task.lead_unit_id).where(Task.region_id == query.region_id)
    there = or_(Unit.id.in_(_inspected(query)), Unit.id.in_(tasked))
    units = (
        select(Unit)
        .join(Unit.region)
        .where(units_seen(query), there)
        .options(joinedload(Unit.region))
        .order_by(Unit.region_id != query.region_id, Region.sort_no, Unit.sort_no, Unit.id)
    )
    return list(session.scalars(units))


def tags_seen(query: FigureQuery) -> Select[str]:
    """Return the tags of the region's issues that the reader counts, each once, in order."""
    tags = (
        select(IssueTag.tag)
        .join(Issue, Issue.id == IssueTag.issue_id)
        .where(Issue.region_id == query.region_id)
        .distinct()
        .order_by(IssueTag.tag)
    )
    if not query.is_of_units:
        return tags
    seen = sees(query.actor, region=Issue.region_id, unit=IssueUnit.unit_id)
    return tags.where(exists().where(IssueUnit.issue_id == Issue.id, seen))


def themes_of(rounds: list[Round]) -> list[str]:
    """Return the themes of rounds, each once, the newest first."""
    return list(dict.fromkeys(one.theme for one in rounds if one.theme))
