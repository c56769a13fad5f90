"""导入批次: what came in from which file, row by row; and the header words that offices have confirmed."""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.ledger.rules import BatchState, ChangeChoice, CopyKind, RowFate
from tracker.ledger.three_way import CellChange
from tracker.rectification.models import Task
from tracker.rounds.models import Round


class ImportBatch(Row, Base):
    """One file brought into one round; all or nothing at confirmation.

    `summary` is JSON: what the import makes (`ImportPlan.counts`) and which sheets were not read.
    `layouts` is JSON: the columns of each table and what each was taken for. `unit_name` stands in where
    a row names no unit.
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

    batch: Mapped[ImportBatch] = relationship(back_populates="rows")


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

    `token` is part of the key of every row; `unit_id` is set when it holds one unit's tasks alone.
    `cells` is JSON, compressed with zlib: "task-measure" → field code → text (`copies.py`).
    """

    __tablename__ = "ledger_copies"
    __table_args__ = (UniqueConstraint("token"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int] = foreign_key("rounds.id")
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    kind: Mapped[CopyKind] = mapped_column(enum_type(CopyKind, "kind"))
    token: Mapped[str] = mapped_column(String(16))
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(120))
    cells: Mapped[bytes] = mapped_column(LargeBinary)


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
