"""An office with a ledger that went out: edits it in the workbook, brings it back."""

import io
from collections.abc import Generator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cast import Cast
from tests.factories.work import Work, make_work
from tests.fakes.clock import ManualClock
from tests.ledger.importing import FED_BACK, bring_in, mixed_ledger, preview
from tracker.kernel.db import Database
from tracker.ledger.exporting import export_for_update, keep_outgoing
from tracker.ledger.landing import apply_import
from tracker.ledger.models import ImportBatch, ImportChange
from tracker.ledger.row_keys import KEY_TITLE
from tracker.rectification.models import Task
from tracker.rounds.models import Round

FIRST_ROW = 3  # below title and header


class Desk:
    """An office with a ledger that went out: edits it, brings it back."""

    def __init__(self, session: Session, work: Work, people: Cast, now: Any, folder: Path) -> None:
        self.session, self.work, self.folder = session, work, folder
        self.who: dict[str, Any] = {"actor": people.actor("clerk"), "now": now}
        self.people = people

    def send_out(self) -> Worksheet:
        tour = self.session.get_one(Round, self.work.round_id)
        outgoing = export_for_update(self.session, tour, **self.who)
        keep_outgoing(self.session, tour, outgoing, **self.who)
        self.session.flush()  # the copy is found by its token
        self.book = load_workbook(io.BytesIO(outgoing.content))
        return self.book.worksheets[0]

    def bring_back(self) -> ImportBatch:
        target = io.BytesIO()
        self.book.save(target)
        content, round_id = target.getvalue(), self.work.round_id
        return preview(self.session, content, round_id, self.folder, **self.who)

    def changes(self, batch: ImportBatch) -> dict[str, ImportChange]:
        self.session.flush()  # what was decided
        query = select(ImportChange).where(ImportChange.batch_id == batch.id)
        return {row.field: row for row in self.session.scalars(query)}

    def apply(self, batch: ImportBatch) -> None:
        apply_import(self.session, batch, **self.who)
        self.session.flush()
        self.session.expire_all()

    def task(self, number: str) -> Task:
        query = select(Task).where(Task.issue.has(issue_no=number)).order_by(Task.id)
        return self.session.scalars(query).first()  # type: ignore[return-value]


def column(sheet: Worksheet, title: str) -> int:
    titles = [str(cell.value).split("(")[0] for cell in sheet[FIRST_ROW - 1]]
    return titles.index(title.split("(")[0]) + 1


def row_of(sheet: Worksheet, number: str) -> int:
    place = column(sheet, "问题编号")
    return next(
        r for r in range(FIRST_ROW, sheet.max_row + 1) if sheet.cell(r, place).value == number
    )


def write(sheet: Worksheet, number: str, title: str, value: Any) -> None:
    sheet.cell(row_of(sheet, number), column(sheet, title)).value = value


def key_cell(sheet: Worksheet, row: int) -> Any:
    return sheet.cell(row, column(sheet, KEY_TITLE))


def open_desk(
    database: Database, people: Cast, clock: ManualClock, tmp_path: Path
) -> Generator[Desk]:
    with database.writing() as session:
        work = make_work(session, people, now=clock.now(), units=("a",), fed_back_on=FED_BACK)
        clerk = people.actor("clerk")
        bring_in(session, mixed_ledger(), work.round_id, tmp_path, actor=clerk, now=clock.now())
        yield Desk(session, work, people, clock.now(), tmp_path)
        session.rollback()
