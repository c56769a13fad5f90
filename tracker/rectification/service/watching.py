"""挂牌督办: set, changed and lifted by the office's lead, with a leader in charge and a reason."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tracker.audit.service import record
from tracker.kernel.clock import local_date
from tracker.kernel.db import touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.kernel.settings import DictionaryEntry, get_setting, put_setting, region_scope
from tracker.organizations.scope import ensure_conducts
from tracker.people.directory import person_named
from tracker.rectification.models import Task, TaskTransition, WatchChange
from tracker.rectification.queries import visible_tasks
from tracker.rectification.rules.watching import (
    DEFAULT_INTERVAL,
    DEFAULT_LEVELS,
    check_interval,
    clean_levels,
    days_without_news,
)
from tracker.rectification.rules.words import OPEN_STATES, TaskState, WatchChangeKind
from tracker.workdays.rules import WorkCalendar

LEVELS = "watch_level"
INTERVAL = "watch_interval_workdays"
LONGEST_LIST = 500


@dataclass(frozen=True, kw_only=True)
class WatchOrder:
    """What the lead orders: how high, under whom, why."""

    level: str
    leader: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A watched task: its last news, and how long there has been none if that is too long."""

    task: Task
    last_news_on: date
    silent_days: int | None


def set_watch(
    session: Session, task: Task, order: WatchOrder, *, actor: Actor, now: datetime
) -> WatchChange:
    """挂牌督办 an open task, or change level and leader of one that is watched already."""
    _ensure_may(task, actor)
    if task.state not in OPEN_STATES or task.state is TaskState.DRAFT:
        raise DomainError(f"任务现在是“{task.state.label}”，不能挂牌督办。")
    if order.level not in levels_of(session, task.region_id):
        raise DomainError("请从列表中选择督办级别。")
    if not order.leader.strip() or not order.reason.strip():
        raise DomainError("请填写包案领导和挂牌督办的理由。")
    leader = person_named(session, task.region_id, order.leader.strip(), actor=actor, now=now)
    if (task.watch_level, task.watch_leader_id) == (order.level, leader.id):
        raise DomainError("级别和包案领导都没有变化，不需要再次办理。")
    kind = WatchChangeKind.CHANGED if task.watch_level else WatchChangeKind.SET
    task.watch_level, task.watch_leader_id = order.level, leader.id
    task.watched_from = task.watched_from or local_date(now)
    return _keep(session, task, kind, order.reason, actor=actor, now=now)


def lift_watch(
    session: Session, task: Task, reason: str, *, actor: Actor, now: datetime
) -> WatchChange:
    """解除挂牌督办, with a reason; the history keeps who was in charge."""
    _ensure_may(task, actor)
    if task.watch_level is None:
        raise DomainError("这项任务没有挂牌督办。请刷新页面。")
    if not reason.strip():
        raise DomainError("解除挂牌督办必须写明理由。")
    change = _keep(session, task, WatchChangeKind.LIFTED, reason, actor=actor, now=now)
    task.watch_level = task.watch_leader_id = task.watched_from = None
    return change


def watch_changes_of(session: Session, task: Task) -> list[WatchChange]:
    """Return how a task came to be watched and no longer, newest first."""
    query = select(WatchChange).where(WatchChange.task_id == task.id)
    query = query.options(joinedload(WatchChange.leader)).order_by(WatchChange.id.desc())
    return list(session.scalars(query))


def watched_tasks(
    session: Session, *, actor: Actor, today: date, calendar: WorkCalendar
) -> list[Watched]:
    """Return the watched tasks that the actor may see: those silent for too long first."""
    last_step = (
        select(func.max(TaskTransition.occurred_on))
        .where(TaskTransition.task_id == Task.id)
        .correlate(Task)
        .scalar_subquery()
    )
    query = (
        select(Task, last_step)
        .where(Task.watch_level.is_not(None), visible_tasks(actor))
        .options(joinedload(Task.lead_unit), joinedload(Task.issue), joinedload(Task.watch_leader))
        .order_by(Task.watched_from, Task.id)
        .limit(LONGEST_LIST)
    )
    rows = session.execute(query).all()
    intervals = {task.region_id: 0 for task, _step in rows}
    for region_id in intervals:
        intervals[region_id] = interval_of(session, region_id)
    found = [
        _watched(task, step, today, intervals[task.region_id], calendar) for task, step in rows
    ]
    return sorted(found, key=lambda each: -(each.silent_days or 0))


def _watched(
    task: Task, last_step: date | None, today: date, interval: int, calendar: WorkCalendar
) -> Watched:
    news = [day for day in (task.last_progress_on, task.watched_from, last_step) if day]
    last = max(news, default=today)
    silent = days_without_news(last, today=today, interval=interval, calendar=calendar)
    is_open = task.state in OPEN_STATES
    return Watched(task=task, last_news_on=last, silent_days=silent if is_open else None)


def levels_of(session: Session, region_id: int) -> list[str]:
    """Return the levels an office chooses from: its own dictionary, or the two we propose."""
    query = select(DictionaryEntry.label).where(
        DictionaryEntry.dictionary == LEVELS,
        DictionaryEntry.region_id == region_id,
        DictionaryEntry.is_active,
    )
    own = session.scalars(query.order_by(DictionaryEntry.sort_no, DictionaryEntry.id)).all()
    return list(own) or list(DEFAULT_LEVELS)


def interval_of(session: Session, region_id: int) -> int:
    """Return after how many working days without news the lead is told."""
    kept = get_setting(session, INTERVAL, "", scope=region_scope(region_id))
    return int(kept) if kept.isdigit() else DEFAULT_INTERVAL


def keep_watch_rules(
    session: Session,
    region_id: int,
    *,
    interval: int | None,
    levels: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep an office's interval and levels; a level no longer used is switched off, not deleted."""
    ensure_conducts(actor, region_id)
    wanted, days = clean_levels(levels), check_interval(interval)
    query = select(DictionaryEntry).where(
        DictionaryEntry.dictionary == LEVELS, DictionaryEntry.region_id == region_id
    )
    known = {entry.label: entry for entry in session.scalars(query)}
    for entry in known.values():
        entry.is_active = entry.label in wanted
    for place, level in enumerate(wanted):
        if level not in known:
            known[level] = DictionaryEntry(
                region_id=region_id, dictionary=LEVELS, code=level, label=level
            )
            session.add(known[level])
        known[level].sort_no = place
    scope = region_scope(region_id)
    put_setting(session, INTERVAL, str(days), by=actor.label, now=now, scope=scope)
    record(
        session,
        "watch_rules_kept",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"interval": days, "levels": list(wanted)},
    )


def _ensure_may(task: Task, actor: Actor) -> None:
    if not may(actor, Permission.TASK_WATCH):
        raise DomainError("挂牌督办由巡察办主任办理。")
    ensure_conducts(actor, task.region_id)


def _keep(
    session: Session,
    task: Task,
    kind: WatchChangeKind,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> WatchChange:
    touch(task, actor=actor, now=now)
    change = WatchChange(
        task_id=task.id,
        kind=kind,
        level=task.watch_level,
        leader_id=task.watch_leader_id,
        occurred_on=local_date(now),
        recorded_at=now,
        actor=actor.label,
        actor_user_id=actor.user_id,
        reason=reason.strip(),
    )
    session.add(change)
    record(
        session,
        f"watch_{kind.value}",
        actor=actor,
        now=now,
        object_type="task",
        object_id=task.id,
        detail={"level": task.watch_level},
    )
    return change
