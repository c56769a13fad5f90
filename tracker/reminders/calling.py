"""已电话催办: the office notes whom it called about what; the list then says so."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.audit import service as audit
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor, Permission, may
from tracker.organizations.scope import ensure_conducts
from tracker.reminders.models import CallNote
from tracker.reminders.queries import Candidate

ObjectKey = tuple[str, int]


def note_calls(
    session: Session,
    region_id: int,
    wanted: Collection[ObjectKey],
    listed: Sequence[Candidate],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Note that somebody called about things on the list just now; return how many.

    Raises DomainError for what is not, or no longer, on the list.
    """
    if not may(actor, Permission.CALL_NOTE):
        raise DomainError("电话催办由巡察办登记，请联系巡察办。")
    ensure_conducts(actor, region_id)
    on_list = {(it.object_type, it.object_id): it for it in listed}
    if not wanted or not set(wanted) <= on_list.keys():
        raise DomainError("名单已变化，这一项不用再催。请刷新页面，按新的名单登记。")
    for key in sorted(set(wanted)):
        session.add(
            CallNote(
                region_id=region_id,
                unit_id=on_list[key].unit_id,
                object_type=key[0],
                object_id=key[1],
                called_at=now,
                called_by=actor.label,
            )
        )
        audit.record(
            session,
            "reminders.call_noted",
            actor=actor,
            now=now,
            object_type=key[0],
            object_id=key[1],
        )
    return len(set(wanted))
