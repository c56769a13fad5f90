"""更正 of an entry of clues: what it said before stays, with a reason."""

from collections.abc import Mapping
from datetime import date, datetime

from tracker.handover.models import Clue, ClueCorrection
from tracker.handover.rules import ClueKind, Disposal
from tracker.kernel.clock import local_date
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor

NEEDS_REASON = "件数、类别、日期或回复有改动，请写明更正理由。"


def counted(amount: int, kind: ClueKind, moved_on: date) -> dict[str, str]:
    """Return what of an entry the figures count, as people read it."""
    return {"件数": str(amount), "类别": kind.label, "移交（接收）日期": moved_on.isoformat()}


def answered(replied_on: date | None, disposal: Disposal | None) -> dict[str, str]:
    """Return what the receiving organ answered; empty while it has not."""
    if replied_on is None:
        return {}
    return {"回复日期": replied_on.isoformat(), "处置方式": disposal.label if disposal else "—"}


def keep_correction(
    clue: Clue,
    before: Mapping[str, str],
    after: Mapping[str, str],
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what an entry said where it changed. DomainError when it changed without a reason."""
    changes = [f"{name} {old}→{after[name]}" for name, old in before.items() if old != after[name]]
    if not changes:
        return
    if not reason.strip():
        raise DomainError(NEEDS_REASON)
    clue.corrections.append(
        ClueCorrection(
            changes="；".join(changes),
            reason=reason.strip(),
            corrected_on=local_date(now),
            recorded_at=now,
            actor=actor.label,
        )
    )
