"""Kept reports: what was made, for which day, with which bytes."""

from datetime import date, datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Row, enum_type, foreign_key
from tracker.organizations.models import Region
from tracker.reports.rules import ReportKind, ReportState
from tracker.rounds.models import Round


class ReportRun(Row, Base):
    """One edition: numbered per region and round, T = `as_of`."""

    __tablename__ = "report_runs"
    __table_args__ = (
        UniqueConstraint("kind", "region_id", "round_id", "as_of"),
        UniqueConstraint("kind", "region_id", "round_id", "edition"),
    )

    kind: Mapped[ReportKind] = mapped_column(enum_type(ReportKind, "kind"))
    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int] = foreign_key("rounds.id")
    as_of: Mapped[date]
    edition: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[ReportState] = mapped_column(enum_type(ReportState, "state"))
    figures: Mapped[str] = mapped_column(Text)
    docx_id: Mapped[int] = foreign_key("stored_files.id", index=False)
    xlsx_id: Mapped[int] = foreign_key("stored_files.id", index=False)
    issued_at: Mapped[datetime | None]
    issued_by: Mapped[str | None] = mapped_column(String(120))

    region: Mapped[Region] = relationship()
    round: Mapped[Round] = relationship()
    docx: Mapped[StoredFile] = relationship(foreign_keys=docx_id)
    xlsx: Mapped[StoredFile] = relationship(foreign_keys=xlsx_id)
