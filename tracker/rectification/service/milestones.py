"""节点 that a unit's document completes on the day it is accepted."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Actor
from tracker.rectification.models import UnitDocument
from tracker.rectification.rules.documents import completes
from tracker.rounds.service.milestones import complete_milestone, inspection_id_of


def complete_milestones(
    session: Session, document: UnitDocument, *, actor: Actor, now: datetime
) -> None:
    """Note the document's milestones done today; what is done or exempt already stays as it is.

    A feedback that is not of a round of ours has no inspection, thus no milestone.
    """
    inspection_id = inspection_id_of(session, document.feedback.round_id, document.unit_id)
    if inspection_id is None:
        return
    newest = document.versions[-1] if document.versions else None
    kinds = completes(
        document.kind,
        is_for_party=newest is not None and newest.is_for_party,
        is_for_public=newest is not None and newest.is_for_public,
    )
    for kind in kinds:
        complete_milestone(
            session,
            inspection_id,
            kind,
            done_on=local_date(now),
            file=document.file,
            actor=actor,
            now=now,
        )
