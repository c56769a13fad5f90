"""Sentence templates that an office made its own."""

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Row, enum_type, foreign_key
from tracker.summaries.rules import Purpose


class SummaryTemplate(Row, Base):
    """The words of one purpose as an office saved them. Each saving is a row; the last holds."""

    __tablename__ = "summary_templates"
    __table_args__ = (UniqueConstraint("region_id", "purpose", "seq"),)

    region_id: Mapped[int] = foreign_key("regions.id", index=False)
    purpose: Mapped[Purpose] = mapped_column(enum_type(Purpose, "purpose"))
    seq: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
