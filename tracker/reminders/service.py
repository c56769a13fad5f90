"""Queue what has come due, each key once; the switch that lets anything out at all."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.kernel.clock import at_local, local, local_date
from tracker.kernel.db import born
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.kernel.settings import put_setting, region_scope
from tracker.notifications import claims, outbox
from tracker.notifications.models import Notification
from tracker.notifications.rules import Audience, MessageState
from tracker.organizations.models import Region
from tracker.organizations.rules import OfficeMode
from tracker.organizations.scope import ensure_conducts
from tracker.reminders import queries
from tracker.reminders.due import Due, Selection, due_steps, message_of, steps_of
from tracker.reminders.history import STILL_TO_COME
from tracker.reminders.ladders import DEFAULT_RULES, SIMPLE_RULES
from tracker.reminders.looking import may_be_due
from tracker.reminders.models import ReminderRule
from tracker.reminders.queries import Wanted
from tracker.reminders.rerouting import follow_rules
from tracker.reminders.rules import RuleStatus
from tracker.workdays.rules import WorkCalendar

SLOT_HOUR, SLOT_MINUTE = 9, 7
LAST_SLOT_HOUR = 18


def queue_due(
    session: Session,
    *,
    now: datetime,
    calendar: WorkCalendar,
    kinds: Collection[str] = queries.KINDS,
) -> int:
    """Queue every step that has come due and was not queued before; return how many.

    Nothing on a day off, nothing for a region whose lead has not switched pushing on. Running it
    again changes nothing, because the answer comes from the data and each key exists once.
    """
    regions = claims.regions_that_push(session)
    today = local_date(now)
    if not regions or not calendar.is_workday(today):
        return 0
    if not may_be_due(session, regions, today=today):
        return 0
    wanted = Wanted(None, region_ids=regions, kinds=kinds)
    due, told = due_steps(session, wanted, today=today, calendar=calendar)
    unsaid = [it for it in due if not it.step.is_said]
    send_at = slot(now, calendar)
    new = [message_of(it) for it in unsaid if it.key not in told.dropped]
    dropped = [told.dropped[it.key] for it in unsaid if it.key in told.dropped]
    again = [it.id for it in dropped if it.on < today or it.on >= today + STILL_TO_COME]
    queued = outbox.enqueue_all(session, new, now=now, not_before=send_at)
    queued += _requeue(session, again, now=now, not_before=send_at)
    if queued:
        follow_rules(session, regions)
    return queued


def _requeue(session: Session, ids: list[int], *, now: datetime, not_before: datetime) -> int:
    """Put back what a pause or a stay with the office dropped, or the gap would grow too long."""
    chunks = [ids[at : at + 500] for at in range(0, len(ids), 500)]
    for chunk in chunks:
        session.execute(
            update(Notification)
            .where(Notification.id.in_(chunk), Notification.state == MessageState.CANCELLED)
            .values(
                state=MessageState.QUEUED,
                state_reason=None,
                queued_at=now,
                not_before=not_before,
                settled_at=None,
                digest_id=None,
                channel_id=None,
                part_no=None,
            )
            .execution_options(synchronize_session=False)
        )
    return len(ids)


def slot(now: datetime, calendar: WorkCalendar) -> datetime:
    """Return when a message queued now may go: 09:07 of a working day, or at once until 18:00."""
    today = local_date(now)
    if calendar.is_workday(today) and local(now).hour < LAST_SLOT_HOUR:
        return max(now, at_local(today, SLOT_HOUR, SLOT_MINUTE))
    following = calendar.next_workday(today + timedelta(days=1))
    return at_local(following, SLOT_HOUR, SLOT_MINUTE)


def office_todos(
    session: Session, selection: Selection, actor: Actor, *, today: date, calendar: WorkCalendar
) -> list[Due]:
    """Return what the product asks the actor's office to do, latest due date first.

    Derived on the fly and never sent. The lead's own to-dos are for the lead alone.
    """
    if not may(actor, Permission.REMINDER_READ) or actor.region_id is None:
        return []
    day = calendar.previous_workday(today)
    found = steps_of(session, selection, today=day, calendar=calendar)
    audiences = {Audience.OFFICE}
    if may(actor, Permission.PUSH_SWITCH):
        audiences.add(Audience.LEAD)
    mine = [
        it
        for it in found
        if it.step.rule.audience in audiences and it.candidate.region_id == actor.region_id
    ]
    return sorted(mine, key=lambda it: (it.step.anchor_on, it.candidate.name))


def switch_pushing(
    session: Session, region_id: int, on: bool, *, actor: Actor, now: datetime
) -> None:
    """Let reminders of a region out, or stop them at once; only the office's lead may.

    Raises DomainError for anybody else.
    """
    if not may(actor, Permission.PUSH_SWITCH):
        raise DomainError("推送总开关只能由巡察办主任操作，请联系主任。")
    ensure_conducts(actor, region_id)
    if on:
        simple = session.get_one(Region, region_id).mode is OfficeMode.SIMPLE
        ensure_default_rules(session, region_id, actor=actor, now=now, is_simple=simple)
    scope = region_scope(region_id)
    value = "1" if on else "0"
    put_setting(session, claims.PUSH_SWITCH, value, by=actor.label, now=now, scope=scope)
    audit.record(
        session,
        "reminders.switch_pushing",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"on": on},
    )


def ensure_default_rules(
    session: Session, region_id: int, *, actor: Actor, now: datetime, is_simple: bool = False
) -> int:
    """Give a region the default ladder where it has no rules yet; return the rules made."""
    of_region = (ReminderRule.region_id == region_id, ReminderRule.round_id.is_(None))
    if session.scalar(select(ReminderRule.id).where(*of_region).limit(1)) is not None:
        return 0
    rules = SIMPLE_RULES if is_simple else DEFAULT_RULES
    stamps = born(actor=actor, now=now)
    session.add_all(
        ReminderRule(region_id=region_id, status=RuleStatus.ACTIVE, **vars(rule), **stamps)
        for rule in rules
    )
    return len(rules)
