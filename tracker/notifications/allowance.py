"""How many digests a day an office's groups and persons get: the office's own number, else what the
administrator set for the whole installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, literal, or_, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.kernel.settings import GLOBAL, Setting, put_setting, region_scope
from tracker.notifications.pacing import DIGESTS, number
from tracker.organizations.scope import ensure_conducts


@dataclass(frozen=True)
class Allowance:
    """Digests a day by region id; `usual` where a region has no number of its own."""

    usual: int
    own: Mapping[int, int] = field(default_factory=dict)

    def of(self, region: ColumnElement[Any] | Any) -> ColumnElement[int]:
        """Return the number of a row's region, for a query."""
        return (
            case(dict(self.own), value=region, else_=self.usual)
            if self.own
            else literal(self.usual)
        )


def allowance(session: Session) -> Allowance:
    """Return what every region's groups and persons get; one statement."""
    query = select(Setting.scope, Setting.value).where(
        Setting.key == DIGESTS.key,
        or_(Setting.scope == GLOBAL, Setting.scope.startswith("region:")),
    )
    told = {scope: number(DIGESTS, value) for scope, value in session.execute(query)}
    usual = told.pop(GLOBAL, None) or DIGESTS.default
    own = {int(scope.partition(":")[2]): value for scope, value in told.items() if value}
    return Allowance(usual, {region_id: value for region_id, value in own.items() if value})


def keep_own(
    session: Session, region_id: int, wanted: int | None, *, actor: Actor, now: datetime
) -> None:
    """Set an office's own number; None: as the whole installation. Raises DomainError."""
    ensure_conducts(actor, region_id)
    if wanted is not None and not DIGESTS.least <= wanted <= DIGESTS.most:
        raise DomainError(f"每个工作日的提醒次数请填 {DIGESTS.least} 至 {DIGESTS.most} 的整数。")
    value = "" if wanted is None else str(wanted)
    scope = region_scope(region_id)
    put_setting(session, DIGESTS.key, value, by=actor.label, now=now, scope=scope)
    record(
        session,
        "own_digests_kept",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={DIGESTS.key: wanted},
    )
