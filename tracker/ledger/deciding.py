"""更新已有任务, the decision: which cells of a corrected ledger are taken over."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import touch
from tracker.kernel.permissions import Actor
from tracker.ledger.batches import claim_batch
from tracker.ledger.models import ImportBatch, ImportChange
from tracker.ledger.rules import BatchState, ChangeChoice
from tracker.ledger.three_way import CellChange
from tracker.organizations.scope import ensure_conducts

BY_SHEET = (CellChange.THEIRS, CellChange.CONFLICT)


def decide_cells(
    session: Session,
    batch: ImportBatch,
    choices: Mapping[int, ChangeChoice],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Keep what was chosen for cells of this import; return how many had another choice."""
    _begin(session, batch, actor=actor, now=now)
    query = select(ImportChange).where(
        ImportChange.batch_id == batch.id,
        ImportChange.id.in_(choices),
        ImportChange.reason.is_(None),
    )
    changed = [row for row in session.scalars(query) if row.choice is not choices[row.id]]
    for row in changed:
        row.choice = choices[row.id]
    _note(session, batch, len(changed), actor=actor, now=now)
    return len(changed)


def decide_all(
    session: Session,
    batch: ImportBatch,
    choice: ChangeChoice,
    field: str | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Choose for all cells that the file changed, of one column or of all.

    What only we changed stays as it is: 全部采用表中 must not undo what was entered here meanwhile.
    """
    _begin(session, batch, actor=actor, now=now)
    query = select(ImportChange.id).where(
        ImportChange.batch_id == batch.id,
        ImportChange.reason.is_(None),
        ImportChange.change.in_(BY_SHEET),
    )
    if field is not None:
        query = query.where(ImportChange.field == field)
    ids = list(session.scalars(query))
    wanted = ImportChange.id.in_(query)
    session.execute(
        update(ImportChange)
        .where(wanted)
        .values(choice=choice)
        .execution_options(synchronize_session=False)
    )
    _note(session, batch, len(ids), actor=actor, now=now)


def _begin(session: Session, batch: ImportBatch, *, actor: Actor, now: datetime) -> None:
    ensure_conducts(actor, batch.region_id)
    claim_batch(session, batch, BatchState.PREVIEW)
    touch(batch, actor=actor, now=now)


def _note(session: Session, batch: ImportBatch, cells: int, *, actor: Actor, now: datetime) -> None:
    record(
        session,
        "ledger_changes_decided",
        actor=actor,
        now=now,
        object_type="import_batch",
        object_id=batch.id,
        detail={"cells": cells},
    )
