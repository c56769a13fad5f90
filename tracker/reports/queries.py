"""Kept reports: only what this person may see. A whole report is for its office and leaders alone."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import DomainError, NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.scope import OFFICE, conducts
from tracker.rectification.models import Task
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.words import TaskState
from tracker.reports.models import ReportRun
from tracker.reports.rules import ReportState
from tracker.rounds.models import Round
from tracker.rounds.rules import RoundStatus

LIST_LIMIT = 200


def visible_reports(actor: Actor) -> ColumnElement[bool]:
    """Return the condition under which the actor sees a report, whole or in part.

    The region's office and leaders see all of it. Others see it once it is issued, if a task of
    its round is theirs.
    """
    own = conducts(actor, region=ReportRun.region_id)
    if reads_whole(actor):
        return own
    theirs = (
        select(Task.id)
        .where(
            Task.round_id == ReportRun.round_id,
            Task.region_id == ReportRun.region_id,
            visible_tasks(actor),
        )
        .correlate(ReportRun)
        .exists()
    )
    return and_(ReportRun.state == ReportState.ISSUED, theirs)


def reads_whole(actor: Actor) -> bool:
    """Return whether the actor reads whole reports: an office, a leader, a command."""
    return actor.role is None or actor.role in OFFICE


def list_reports(session: Session, *, actor: Actor) -> list[ReportRun]:
    """Return the newest reports the actor may see, by day, region and round."""
    query = (
        select(ReportRun)
        .where(visible_reports(actor))
        .options(joinedload(ReportRun.region), joinedload(ReportRun.round))
        .order_by(ReportRun.as_of.desc(), ReportRun.region_id, ReportRun.round_id, ReportRun.id)
        .limit(LIST_LIMIT)
    )
    return list(session.scalars(query))


def get_report(
    session: Session, report_id: int, *, actor: Actor, is_whole: bool = False
) -> ReportRun:
    """Return a report the actor may see; `is_whole`: only if all of it is for the actor."""
    query = (
        select(ReportRun)
        .where(ReportRun.id == report_id, visible_reports(actor))
        .options(
            joinedload(ReportRun.region),
            joinedload(ReportRun.round),
            joinedload(ReportRun.docx),
            joinedload(ReportRun.xlsx),
        )
    )
    report = session.scalar(query)
    if report is None or (is_whole and not reads_whole(actor)):
        raise NotVisibleError
    return report


def tasks_seen(session: Session, task_ids: Collection[int], *, actor: Actor) -> set[int]:
    """Return those of some tasks whose lines the actor may read."""
    query = select(Task.id).where(Task.id.in_(task_ids), visible_tasks(actor))
    return set(session.scalars(query)) if task_ids else set()


def rounds_to_report(session: Session) -> list[tuple[int, int]]:
    """Return (region id, round id) of every round under rectification with issued tasks."""
    query = (
        select(Task.region_id, Task.round_id)
        .join(Round, Round.id == Task.round_id)
        .where(Round.status == RoundStatus.RECTIFYING, Task.state != TaskState.DRAFT)
        .distinct()
        .order_by(Task.region_id, Task.round_id)
    )
    return [(region_id, round_id) for region_id, round_id in session.execute(query) if round_id]


def round_by_reference(session: Session, reference: str) -> Round:
    """Return the round of REGION/CODE, or of a bare code where only one round has it."""
    region_code, _, code = reference.rpartition("/")
    query = select(Round).join(Round.region).where(Round.code == code)
    if region_code:
        query = query.where(Region.code == region_code)
    found = list(session.scalars(query.options(joinedload(Round.region)).order_by(Round.id)))
    if len(found) == 1:
        return found[0]
    if not found:
        raise DomainError(f"没有代码为“{reference}”的轮次，请核对。")
    candidates = "、".join(f"{each.region.code}/{each.code}" for each in found)
    raise DomainError(f"代码“{reference}”对应多个轮次，请写全：{candidates}。")
