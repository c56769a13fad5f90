"""A stored file: what its bytes are, where they lie, and when they were last found to be right.

Who may read it is the feature's matter.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.files.rules import FileFault
from tracker.kernel.db import Base, Id, enum_type


class StoredFile(Base):
    """Bytes under a generated name; the user's own file name is kept beside it."""

    __tablename__ = "stored_files"
    __table_args__ = (UniqueConstraint("storage_name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    storage_name: Mapped[str] = mapped_column(String(80))
    original_name: Mapped[str] = mapped_column(String(255))
    extension: Mapped[str] = mapped_column(String(10))
    media_type: Mapped[str] = mapped_column(String(120))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # the same file used twice
    stored_at: Mapped[datetime]
    stored_by: Mapped[str] = mapped_column(String(120))


class FileCheck(Base):
    """The last look at a stored file's bytes: when, and since when what is wrong with them."""

    __tablename__ = "file_checks"
    __table_args__ = (Index("ix_file_checks_fault", "fault"),)  # the few at fault, among many

    file_id: Mapped[int] = mapped_column(
        Id, ForeignKey("stored_files.id"), primary_key=True, autoincrement=False
    )
    checked_at: Mapped[datetime] = mapped_column(index=True)  # the oldest are checked next
    fault: Mapped[FileFault | None] = mapped_column(enum_type(FileFault, "fault"))
    faulty_since: Mapped[datetime | None]

    file: Mapped[StoredFile] = relationship()
