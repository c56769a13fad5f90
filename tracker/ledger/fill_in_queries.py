"""Load 填报表 that came back: those of one's own unit, or those one's own office brought."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.kernel.errors import NotVisibleError
from tracker.kernel.permissions import Actor
from tracker.ledger.models import FillInFile, FillInReturn
from tracker.organizations.scope import conducts

LIST_SIZE = 20


def list_returns(session: Session, *, actor: Actor) -> list[FillInReturn]:
    """Return the newest workbooks that came back."""
    query = (
        select(FillInReturn)
        .where(_own(actor))
        .options(joinedload(FillInReturn.unit), joinedload(FillInReturn.file))
        .order_by(FillInReturn.id.desc())
        .limit(LIST_SIZE)
    )
    return list(session.scalars(query))


def get_return(session: Session, return_id: int, *, actor: Actor) -> FillInReturn:
    """Return a workbook that came back. NotVisibleError when it is not for the actor."""
    query = (
        select(FillInReturn)
        .where(FillInReturn.id == return_id, _own(actor))
        .options(
            joinedload(FillInReturn.unit),
            joinedload(FillInReturn.file),
            joinedload(FillInReturn.copy),
            selectinload(FillInReturn.files).joinedload(FillInFile.file),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotVisibleError
    return found


def _own(actor: Actor) -> ColumnElement[bool]:
    """A unit sees its own; an office what it brought, for a unit's own may hold others' tasks."""
    if actor.unit_id is not None:
        return FillInReturn.unit_id == actor.unit_id
    return conducts(actor, region=FillInReturn.region_id)
