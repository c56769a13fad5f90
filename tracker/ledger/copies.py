"""Copies that went out: what stood in each row of a workbook when it was downloaded.

With it a workbook that comes back is compared three ways (`three_way.py`).
"""

import json
import secrets
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.kernel.permissions import Actor
from tracker.ledger.models import LedgerCopy
from tracker.ledger.row_keys import RowKey
from tracker.ledger.rules import CopyKind
from tracker.rounds.models import Round

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
TOKEN_LENGTH = 8
Sent = dict[tuple[int, int], dict[str, str]]
"""By (task id, measure id or 0): the cells of the row as text, by the code of their field."""


def new_token() -> str:
    """Return a token for a copy; made first, for the rows of the workbook carry it."""
    return "".join(secrets.choice(LETTERS) for _ in range(TOKEN_LENGTH))


def keep_copy(
    session: Session,
    tour: Round,
    kind: CopyKind,
    token: str,
    rows: Mapping[RowKey, Mapping[str, str]],
    *,
    unit_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> LedgerCopy:
    """Keep what a workbook says of each row: cells as text, by the code of their field."""
    copy = LedgerCopy(
        region_id=tour.region_id,
        round_id=tour.id,
        unit_id=unit_id,
        kind=kind,
        token=token,
        taken_at=now,
        taken_by=actor.label,
        cells=packed(rows),
    )
    session.add(copy)
    return copy


def packed(rows: Mapping[RowKey, Mapping[str, str]]) -> bytes:
    """Return rows as a copy keeps them."""
    by_ids = {f"{key.task_id}-{key.measure_id}": dict(cells) for key, cells in rows.items()}
    return zlib.compress(json.dumps(by_ids, ensure_ascii=False).encode())


def find_copy(session: Session, token: str) -> LedgerCopy | None:
    """Return a copy by its token; whether this person may use it the caller asks."""
    return session.scalar(select(LedgerCopy).where(LedgerCopy.token == token))


def sent_rows(copy: LedgerCopy) -> Sent:
    """Return what stood in the copy."""
    packed: dict[str, dict[str, Any]] = json.loads(zlib.decompress(copy.cells))
    return {_pair(key): cells for key, cells in packed.items()}


def _pair(key: str) -> tuple[int, int]:
    task_id, measure_id = key.split("-")
    return int(task_id), int(measure_id)
