"""What every step of an import does to its batch: win it among several people, leave a trace."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.ledger.models import ImportBatch
from tracker.ledger.rules import BatchState


def claim_batch(session: Session, batch: ImportBatch, target: BatchState) -> None:
    """Of two people who press at once one goes on, the other is told."""
    if batch.state is not BatchState.PREVIEW:
        raise DomainError(f"这份台账{batch.state.label}，不能再办理。如需导入，请重新上传。")
    _claim(session, batch, BatchState.PREVIEW, target)


def claim_applied(session: Session, batch: ImportBatch) -> None:
    """The same for an import that is to be taken back. It stays 已导入 until all of it has gone:
    that is how the guards of history know that its rows may leave."""
    _claim(session, batch, BatchState.APPLIED, BatchState.APPLIED)


def _claim(session: Session, batch: ImportBatch, source: BatchState, target: BatchState) -> None:
    claimed = session.execute(
        update(ImportBatch)
        .where(ImportBatch.id == batch.id, ImportBatch.state == source)
        .values(state=target)
        .execution_options(synchronize_session=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise DomainError("这份台账刚被别人办理过。请刷新页面，查看最新情况。")


def audit_batch(
    session: Session,
    action: str,
    batch: ImportBatch,
    counts: dict[str, int],
    *,
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    detail: dict[str, object] = {"round": batch.round_id, "sha256": batch.file.sha256, **counts}
    if reason:
        detail["reason"] = reason
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="import_batch",
        object_id=batch.id,
        detail=detail,
    )
