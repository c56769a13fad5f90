"""报送登记."""

from datetime import date

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Row, foreign_key


class Dispatch(Row, Base):
    """One sending: what, to whom, under which number, when, and which day its figures are of."""

    __tablename__ = "dispatches"
    __table_args__ = (Index("ix_dispatches_region_day", "region_id", "sent_on"),)  # as of a day

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    subject: Mapped[str] = mapped_column(String(120))
    addressee: Mapped[str] = mapped_column(String(120))
    doc_no: Mapped[str | None] = mapped_column(String(80))
    sent_on: Mapped[date]
    as_of: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True, index=False)
    voided_on: Mapped[date | None]
    void_reason: Mapped[str | None] = mapped_column(String(400))

    file: Mapped[StoredFile | None] = relationship()
