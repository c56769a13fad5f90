"""本月填报: what a unit reported in a month, handed in and signed as a whole."""

from datetime import date

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.models import StoredFile
from tracker.kernel.db import Base, Id, Row, enum_type, foreign_key
from tracker.organizations.models import Unit
from tracker.rectification.models.work import ProgressReport
from tracker.rectification.rules.words import MonthlyState, SignatureWay


class MonthlyReport(Row, Base):
    """One unit's report of one month to one office. `month` is its first day.

    What comes after the signature is a report of its own: `seq` 2, 3 … (补报).
    """

    __tablename__ = "monthly_reports"
    __table_args__ = (UniqueConstraint("unit_id", "region_id", "month", "seq"),)

    region_id: Mapped[int] = foreign_key("regions.id")
    unit_id: Mapped[int] = foreign_key("units.id", index=False)
    month: Mapped[date]
    seq: Mapped[int] = mapped_column(default=1)
    needs_sign_off: Mapped[bool]
    submitted_on: Mapped[date]
    submitted_by: Mapped[str] = mapped_column(String(120))
    submitter_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    on_behalf_of: Mapped[str | None] = mapped_column(String(120))
    signed_on: Mapped[date | None]
    signed_by: Mapped[str | None] = mapped_column(String(120))
    signer_user_id: Mapped[int | None] = foreign_key("users.id", nullable=True, index=False)
    lent_by: Mapped[str | None] = mapped_column(String(120))
    way: Mapped[SignatureWay | None] = mapped_column(enum_type(SignatureWay, "way"))
    pledge: Mapped[str | None] = mapped_column(String(400))
    file_id: Mapped[int | None] = foreign_key("stored_files.id", nullable=True)
    returned_on: Mapped[date | None]
    return_reason: Mapped[str | None] = mapped_column(String(2000))

    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    lines: Mapped[list["MonthlyReportLine"]] = relationship(
        back_populates="report", order_by="MonthlyReportLine.id"
    )

    @property
    def standing_lines(self) -> list["MonthlyReportLine"]:
        """Return what is signed: a line sent back goes once its task is said anew."""
        newest = {line.progress.task_id: line for line in self.lines}
        return [
            line
            for line in self.lines
            if line.returned_on is None or newest[line.progress.task_id] is line
        ]

    @property
    def state(self) -> MonthlyState:
        """Return how far the report has come."""
        if self.signed_on:
            return MonthlyState.SIGNED
        if self.returned_on:
            return MonthlyState.RETURNED
        return MonthlyState.SUBMITTED if self.needs_sign_off else MonthlyState.FILED


class MonthlyReportLine(Base):
    """One task's progress report inside a month's report. `returned_on`: the head sent it back."""

    __tablename__ = "monthly_report_lines"
    __table_args__ = (UniqueConstraint("progress_report_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    report_id: Mapped[int] = foreign_key("monthly_reports.id")
    progress_report_id: Mapped[int] = foreign_key("progress_reports.id", index=False)
    returned_on: Mapped[date | None]

    report: Mapped[MonthlyReport] = relationship(back_populates="lines")
    progress: Mapped[ProgressReport] = relationship()
