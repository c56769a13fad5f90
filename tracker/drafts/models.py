"""A draft: one form's typed fields, of one person."""

from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Id, foreign_key


class Draft(Base):
    """The fields of one form as JSON: [[name, value], …] in the form's order, the version of the
    row it was filled in from among them. `form_key` is the address the form is sent to."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "form_key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = foreign_key("users.id", index=False)
    form_key: Mapped[str] = mapped_column(String(400))
    fields: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(index=True)  # what is forgotten
