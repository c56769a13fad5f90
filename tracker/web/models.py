"""What the web keeps of its own: which rendered forms have been saved already."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Id, foreign_key


class FormSubmission(Base):
    """One form that was saved: written in the same transaction as what it saved.

    `token` names the rendered form, `digest` what was sent in it: somebody who goes back, changes
    the text and sends again means something new. `location` is the reply, noted after the commit;
    empty where the reply was no redirect.
    """

    __tablename__ = "form_submissions"
    __table_args__ = (UniqueConstraint("user_id", "token", "digest"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = foreign_key("users.id", index=False)
    token: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime]
    location: Mapped[str | None] = mapped_column(String(2000))
