"""意见建议."""

from datetime import date

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.handover.rules import Adoption
from tracker.kernel.db import Base, Row, enum_type, foreign_key
from tracker.organizations.models import Unit
from tracker.rounds.models import Inspection, Round


class Advice(Row, Base):
    """巡察建议(意见建议) to a functional department; adopted or not.

    `adopted_on` is set only when the answer adopts it, wholly or in part: figures count by it.
    """

    __tablename__ = "advices"

    region_id: Mapped[int] = foreign_key("regions.id")
    round_id: Mapped[int | None] = foreign_key("rounds.id", nullable=True)
    inspection_id: Mapped[int | None] = foreign_key("inspections.id", nullable=True)
    unit_id: Mapped[int | None] = foreign_key("units.id", nullable=True)
    addressee: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(index=True)  # as of a day
    reply_due: Mapped[date | None]
    adoption: Mapped[Adoption | None] = mapped_column(enum_type(Adoption, "adoption"))
    answer_text: Mapped[str | None] = mapped_column(Text)
    answered_on: Mapped[date | None]
    adopted_on: Mapped[date | None]
    void_reason: Mapped[str | None] = mapped_column(String(400))

    unit: Mapped[Unit | None] = relationship()
    round: Mapped[Round | None] = relationship()
    inspection: Mapped[Inspection | None] = relationship()
