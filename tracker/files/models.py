"""A stored file: what its bytes are and where they lie. Who may read it is the feature's matter."""

from datetime import datetime

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Id


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
