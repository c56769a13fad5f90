"""Find what a diagnosis is about, within the regions its administrator keeps."""

from collections.abc import Collection
from datetime import date
from typing import TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.diagnosis.kinds import Row
from tracker.diagnosis.pages import Page
from tracker.feedback.models import Feedback, Issue, IssueUnit
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.explaining import Whose
from tracker.organizations.models import Region, Unit
from tracker.organizations.queries import regions_kept_by
from tracker.people.models import Delegation, Post, PostHolding, User
from tracker.people.queries import USER_PARTS
from tracker.rectification.models import Task

Found = TypeVar("Found")
NOT_FOUND = "没有这个编号，或者它属于您管不到的地区。请核对编号后重试。"
AMBIGUOUS = "有几处用了这个编号，请写全：任务写“地区代码/编号”，问题写“反馈代码/编号”，单位写“地区代码/代码”。"


def region_ids(session: Session, *, actor: Actor) -> list[int]:
    """Return the regions the administrator keeps."""
    return [region.id for region in regions_kept_by(session, actor=actor)]


def users_to_ask_about(session: Session, *, actor: Actor) -> list[User]:
    """Return the sign-ins of those regions, by region and name."""
    query = select(User).where(User.region_id.in_(region_ids(session, actor=actor)))
    ordered = query.options(*USER_PARTS).order_by(User.region_id, User.username)
    return list(session.scalars(ordered))


def rows_asked_about(session: Session, page: Page, *, actor: Actor) -> dict[str, Row]:
    """Return the rows a page's address names. DomainError when one is not there to be asked about.

    There is what lies in the administrator's regions: conducted there, or about a unit of theirs.
    """
    ids, found = region_ids(session, actor=actor), {}
    for name, kind in page.kinds.items():
        if kind is None:
            continue
        row = session.get(kind.model, page.values[name])
        homes = kind.whose(session, row) if row is not None else ()
        if not any(_is_home(whose, ids) for whose in homes):
            raise DomainError(NOT_FOUND)
        found[name] = row
    return found


def _is_home(whose: Whose, ids: Collection[int]) -> bool:
    return whose.region_id in ids or (whose.owner is not None and whose.owner.region_id in ids)


def task_asked_about(session: Session, text: str, *, actor: Actor) -> Task:
    """Return the task of a number (REGION/NUMBER or the bare one). DomainError when none is."""
    ids = region_ids(session, actor=actor)
    query = (
        select(Task)
        .join(Task.lead_unit)
        .join(Region, Region.id == Task.region_id)
        .where(or_(Task.region_id.in_(ids), Unit.region_id.in_(ids)))
        .options(joinedload(Task.lead_unit), selectinload(Task.co_units))
    )
    region, number = _parts(text)
    query = query.where(Task.task_no == number)
    return _only(list(session.scalars(query.where(Region.code == region) if region else query)))


def issue_asked_about(session: Session, text: str, *, actor: Actor) -> Issue:
    """Return the issue of a number (FEEDBACK/NUMBER or the bare one). DomainError when none is."""
    ids = region_ids(session, actor=actor)
    of_ours = (
        select(IssueUnit.id)
        .join(Unit, Unit.id == IssueUnit.unit_id)
        .where(IssueUnit.issue_id == Issue.id, Unit.region_id.in_(ids))
        .correlate(Issue)
        .exists()
    )
    query = (
        select(Issue)
        .join(Issue.feedback)
        .where(or_(Issue.region_id.in_(ids), of_ours))
        .options(joinedload(Issue.feedback), selectinload(Issue.units).joinedload(IssueUnit.unit))
    )
    feedback, number = _parts(text)
    query = query.where(Issue.issue_no == number)
    found = session.scalars(query.where(Feedback.code == feedback) if feedback else query)
    return _only(list(found))


def unit_asked_about(session: Session, text: str, *, actor: Actor) -> Unit:
    """Return the unit of a code or a name. DomainError when none is."""
    region, name = _parts(text)
    query = (
        select(Unit)
        .join(Unit.region)
        .where(Unit.region_id.in_(region_ids(session, actor=actor)))
        .where(or_(Unit.code == name, Unit.name == name, Unit.short_name == name))
    )
    return _only(list(session.scalars(query.where(Region.code == region) if region else query)))


def _parts(text: str) -> tuple[str, str]:
    before, slash, after = text.strip().rpartition("/")
    return (before, after) if slash else ("", text.strip())


def _only(rows: list[Found]) -> Found:
    if len(rows) > 1:
        raise DomainError(AMBIGUOUS)
    if not rows:
        raise DomainError(NOT_FOUND)
    return rows[0]


def loans_to(session: Session, user_id: int) -> list[Delegation]:
    """Return all loans somebody was ever given, the last to end first."""
    query = (
        select(Delegation)
        .where(Delegation.to_user_id == user_id)
        .options(joinedload(Delegation.from_user))
        .order_by(Delegation.to_on.desc())
    )
    return list(session.scalars(query))


def end_of_posts(session: Session, user: User, *, today: date) -> date | None:
    """Return when the person's last post in the unit ended; None while one is held, or none known."""
    if user.unit_id is None:
        return None
    query = (
        select(PostHolding.to_on)
        .join(Post, Post.id == PostHolding.post_id)
        .where(PostHolding.person_id == user.person_id, Post.unit_id == user.unit_id)
    )
    ends = list(session.scalars(query))
    past = [end for end in ends if end is not None and end < today]
    return max(past) if past and len(past) == len(ends) else None
