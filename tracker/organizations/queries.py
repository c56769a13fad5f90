"""Look up regions and units by the codes people type."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.kernel.errors import DomainError
from tracker.organizations.models import Region, Unit


def region_by_code(session: Session, code: str | None) -> Region:
    """Return the region of a code; without a code, the only region there is."""
    query = select(Region).order_by(Region.sort_no, Region.id)
    found = list(session.scalars(query if code is None else query.where(Region.code == code)))
    if len(found) == 1:
        return found[0]
    if code is None:
        codes = "、".join(region.code for region in found) or "（还没有地区）"
        raise DomainError(f"请用 --region 指明地区，可选：{codes}。")
    raise DomainError(f"没有代码为“{code}”的地区，请核对。")


def unit_by_code(session: Session, reference: str) -> Unit:
    """Return the unit of REGION/CODE, or of a bare code where only one unit has it."""
    region_code, _, code = reference.rpartition("/")
    query = select(Unit).join(Unit.region).where(Unit.code == code).options(joinedload(Unit.region))
    if region_code:
        query = query.where(Region.code == region_code)
    found = list(session.scalars(query))
    if len(found) == 1:
        return found[0]
    if not found:
        raise DomainError(f"没有代码为“{reference}”的单位，请核对。")
    candidates = "、".join(f"{unit.region.code}/{unit.code}" for unit in found)
    raise DomainError(f"代码“{reference}”对应多个单位，请写全：{candidates}。")
