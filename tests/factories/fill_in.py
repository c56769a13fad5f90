"""A 填报表 that came back, for tests that only need one to be there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.files.models import StoredFile
from tracker.kernel.clock import local_date
from tracker.kernel.permissions import Actor
from tracker.ledger.fill_in_copies import send_fill_in
from tracker.ledger.fill_in_fields import FillField
from tracker.ledger.fill_in_landing import keep_return
from tracker.ledger.fill_in_reading import ReturnedRow
from tracker.ledger.fill_in_sheet import version_text
from tracker.ledger.models import FillInReturn, LedgerCopy
from tracker.ledger.row_keys import FILL_IN_SHEET, RowKey
from tracker.rectification.models import Task


def fill_in(
    session: Session, task: Task, file: StoredFile, *, actor: Actor, now: datetime
) -> FillInReturn:
    """Send a unit its workbook, and keep it with one text filled in."""
    send_fill_in(session, task.lead_unit, None, actor=actor, now=now)
    query = select(LedgerCopy.token).order_by(LedgerCopy.id.desc()).limit(1)
    token = session.scalars(query).one()
    version = version_text(local_date(now).replace(day=1), task.lead_unit.code, token)
    cells = {FillField.TEXT.header: "已召开专题会。"}
    key = str(RowKey(token, task.id))
    row = ReturnedRow(FILL_IN_SHEET, 4, key, version, cells, {})
    return keep_return(session, file, [row], actor=actor, now=now)
