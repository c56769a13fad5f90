"""Why somebody does not see a row: what `scope.sees` says as a condition, said as a rule.

A test over many people and rows holds that the two agree.
"""

from dataclasses import dataclass

from tracker.kernel.labels import LabelledEnum
from tracker.kernel.permissions import Actor, Role
from tracker.organizations.scope import OFFICE, UNIT


class Unseen(LabelledEnum):
    """The rule that hides a row. The sentence tells nothing of the row itself."""

    ADMINISTRATOR = "administrator", "系统管理员、安全管理员、审计管理员不看业务数据。"
    OTHER_REGION = "other_region", "属于别的地区：由别的巡察办开展，也不涉及本地区的单位。"
    NO_UNIT = "no_unit", "该账号没有指定单位，这个角色只能看本单位的内容。"
    UNIT_NOT_RESPONSIBLE = "unit_not_responsible", "该账号的单位不是责任单位（牵头或配合）。"
    NO_ORGANISATION = "no_organisation", "该账号没有指定监督部门，这个角色只能看所监督单位的内容。"
    NOT_SUPERVISED = "not_supervised", "责任单位不在该监督部门的单位名单中。"
    DRAFT = "draft", "任务还没有下发（待下发），单位和监督部门看不到。"
    NOT_FED_BACK = "not_fed_back", "问题还没有反馈，单位和监督部门看不到。"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A responsible unit: its region, and the organisation that supervises it."""

    unit_id: int
    region_id: int
    supervisor_org_id: int | None


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose row it is: the conducting region, the responsible unit, those that help."""

    region_id: int
    owner: Owner | None
    helper_ids: frozenset[int] = frozenset()


def why_unseen(actor: Actor, row: Whose) -> Unseen | None:
    """Return the rule that hides the row from the actor; None when it is seen."""
    if actor.role is None:
        return None
    if actor.role in OFFICE:
        return _as_office(actor, row)
    if actor.role in UNIT:
        return _as_unit(actor, row)
    if actor.role is Role.SUPERVISOR:
        return _as_supervisor(actor, row)
    return Unseen.ADMINISTRATOR


def _as_office(actor: Actor, row: Whose) -> Unseen | None:
    of_own_unit = row.owner is not None and row.owner.region_id == actor.region_id
    return None if row.region_id == actor.region_id or of_own_unit else Unseen.OTHER_REGION


def _as_unit(actor: Actor, row: Whose) -> Unseen | None:
    if actor.unit_id is None:
        return Unseen.NO_UNIT
    leads = row.owner is not None and row.owner.unit_id == actor.unit_id
    return None if leads or actor.unit_id in row.helper_ids else Unseen.UNIT_NOT_RESPONSIBLE


def _as_supervisor(actor: Actor, row: Whose) -> Unseen | None:
    if actor.supervisor_org_id is None:
        return Unseen.NO_ORGANISATION
    listed = row.owner is not None and row.owner.supervisor_org_id == actor.supervisor_org_id
    return None if listed else Unseen.NOT_SUPERVISED
