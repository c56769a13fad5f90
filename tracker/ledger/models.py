"""导入批次: what came in from which file, row by row, what was corrected, what it made; header words of offices."""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.ledger.rules import BatchState, ChangeChoice, CopyKind, RowFate
from tracker.ledger.three_way import CellChange
from tracker.organizations.models import Unit
from tracker.rectification.models import Task
from tracker.rounds.models import Round


class ImportBatch(Row, Base):
    """One file brought into one round; all or nothing at confirmation.

    `summary` is JSON: what the import makes (`ImportPlan.counts`) and which sheets were not read.
    `layouts` is JSON: the columns of each table and what each was taken for. `unit_name` stands in where
    a row names no unit. `is_traced`: what it made stands in `import_traces`, so it can be taken back.
    """

    __tablename__ = "import_batches"

    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int] = foreign_key("rounds.id")
    file_id: Mapped[int] = foreign_key("stored_files.id", index=False)
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState, "state"))
    fed_back_on: Mapped[date]
    applied_at: Mapped[datetime | None]
    issues_made: Mapped[int] = mapped_column(default=0)
    tasks_made: Mapped[int] = mapped_column(default=0)
    measures_made: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(Text, default="{}")
    layouts: Mapped[str] = mapped_column(Text, default="[]", server_default="[]")
    unit_name: Mapped[str | None] = mapped_column(String(120))
    is_traced: Mapped[bool] = mapped_column(default=False, server_default=false())
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(120))
    undo_reason: Mapped[str | None] = mapped_column(String(400))

    round: Mapped[Round] = relationship()
    file: Mapped[StoredFile] = relationship()
    rows: Mapped[list["ImportRow"]] = relationship(back_populates="batch", order_by="ImportRow.id")


class ImportRow(Base):
    """One row of the file, as the file counts it, and what became of it.

    `cells` is the row as read and `notes` what was remarked about it, both JSON.
    """

    __tablename__ = "import_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "sheet", "row_no"),
        Index("ix_import_rows_fate", "batch_id", "fate", "id"),  # a page of the preview
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = foreign_key("import_batches.id", index=False)
    sheet: Mapped[str] = mapped_column(String(80))
    row_no: Mapped[int]
    fate: Mapped[RowFate] = mapped_column(enum_type(RowFate, "fate"))
    cells: Mapped[str] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text, default="[]")
    task_id: Mapped[int | None] = foreign_key("tasks.id", nullable=True)
    is_corrected: Mapped[bool] = mapped_column(default=False, server_default=false())

    batch: Mapped[ImportBatch] = relationship(back_populates="rows")


class ImportTrace(Base):
    """One row of any table that an import made, or changed: then `before` is JSON of what stood there.

    `seen_version` is the row's version when the import was done; None for tables without one.
    Append-only.
    """

    __tablename__ = "import_traces"
    __table_args__ = (UniqueConstraint("batch_id", "table_name", "row_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = foreign_key("import_batches.id", index=False)
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int] = mapped_column(Id)
    seen_version: Mapped[int | None]
    before: Mapped[str | None] = mapped_column(Text)


class UndoneRow(Base):
    """A row as it stood when its import was taken back, whole, as JSON. Append-only.

    Only what is kept here may leave a table whose history cannot be deleted (migration 0045).
    """

    __tablename__ = "undone_rows"
    __table_args__ = (
        UniqueConstraint("batch_id", "table_name", "row_id"),
        Index("ix_undone_rows_row", "table_name", "row_id"),  # what the guards of history ask
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = foreign_key("import_batches.id", index=False)
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int] = mapped_column(Id)
    content: Mapped[str] = mapped_column(Text)


class ImportCorrection(Row, Base):
    """更正: what a person typed in the preview in place of a cell of the file, which itself stays as it is.

    `row_no` is where the value stands in the file, `column` the file's own header, "" where it has no such
    column; `before` is what stood there. One that is replaced or taken back is kept, no longer standing.
    """

    __tablename__ = "import_corrections"

    batch_id: Mapped[int] = foreign_key("import_batches.id")
    sheet: Mapped[str] = mapped_column(String(80))
    row_no: Mapped[int]
    field: Mapped[str] = mapped_column(String(40))
    column: Mapped[str] = mapped_column(String(200))
    before: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    is_standing: Mapped[bool] = mapped_column(default=True)


class HeaderWord(Row, Base):
    """对应词: what an office says a word in the header of a ledger means, before the shipped synonyms.

    `word` is what `header_words.key_of` makes of it, `meaning` the code of a field or of an `Unread`.
    """

    __tablename__ = "header_words"
    __table_args__ = (UniqueConstraint("region_id", "word"),)

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    word: Mapped[str] = mapped_column(String(200))
    meaning: Mapped[str] = mapped_column(String(40))


class LedgerCopy(Base):
    """外发表格: a workbook that went out, and what stood in each of its rows; never changed.

    `token` is part of the key of every row; `unit_id` is set when it holds one unit's tasks alone,
    and `round_id` when it holds one round's.
    `cells` is JSON, compressed with zlib: "task-measure" → field code → text (`copies.py`).
    """

    __tablename__ = "ledger_copies"
    __table_args__ = (UniqueConstraint("token"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    kind: Mapped[CopyKind] = mapped_column(enum_type(CopyKind, "kind"))
    token: Mapped[str] = mapped_column(String(16))
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(120))
    cells: Mapped[bytes] = mapped_column(LargeBinary)


class FillInReturn(Row, Base):
    """交回的填报表: what came back in one file, until it is confirmed; the file is kept in any case.

    `region_id` is the office that brought it; NULL when the unit did. `cells` is JSON
    (`fill_in_reading.ReturnedRow`): the rows as they were read, before anything is made of them.
    """

    __tablename__ = "fill_in_returns"

    unit_id: Mapped[int] = foreign_key("units.id")
    region_id: Mapped[int | None] = foreign_key("regions.id", nullable=True)
    copy_id: Mapped[int] = foreign_key("ledger_copies.id")
    file_id: Mapped[int] = foreign_key("stored_files.id", index=False)
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState, "state"))
    month: Mapped[date]
    cells: Mapped[str] = mapped_column(Text, default="[]")
    applied_at: Mapped[datetime | None]
    tasks_written: Mapped[int] = mapped_column(default=0)

    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile] = relationship()
    copy: Mapped[LedgerCopy] = relationship()
    files: Mapped[list["FillInFile"]] = relationship(order_by="FillInFile.id")


class FillInFile(Base):
    """A file that came beside a 填报表 in a zip: `path` is its place there.

    `task_id` is what its name means, then the task it became evidence of. `fault` says why a file is not kept.
    """

    __tablename__ = "fill_in_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    return_id: Mapped[int] = foreign_key("fill_in_returns.id")
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True, index=False)
    task_id: Mapped[int | None] = foreign_key("tasks.id", nullable=True)
    path: Mapped[str] = mapped_column(String(400))
    fault: Mapped[str | None] = mapped_column(String(400))

    file: Mapped[StoredFile | None] = relationship()


class ImportChange(Base):
    """A cell of a task that differs between the file, what went out and what stands here.

    `field` is the code of `cell_forms.py`, `measure_id` 0 for what is said of the whole task. `choice` is
    empty until somebody decides; with a `reason` the cell cannot be taken and only tells.
    """

    __tablename__ = "import_changes"
    __table_args__ = (
        UniqueConstraint("batch_id", "task_id", "measure_id", "field"),
        Index("ix_import_changes_choice", "batch_id", "choice"),  # what is still open
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = foreign_key("import_batches.id", index=False)
    task_id: Mapped[int] = foreign_key("tasks.id")
    measure_id: Mapped[int] = mapped_column(Id)
    sheet: Mapped[str] = mapped_column(String(80))
    row_no: Mapped[int]
    field: Mapped[str] = mapped_column(String(400))
    sent: Mapped[str] = mapped_column(Text)
    returned: Mapped[str] = mapped_column(Text)
    present: Mapped[str] = mapped_column(Text)
    change: Mapped[CellChange] = mapped_column(enum_type(CellChange, "change"))
    choice: Mapped[ChangeChoice | None] = mapped_column(enum_type(ChangeChoice, "choice"))
    reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task] = relationship()
