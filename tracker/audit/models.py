"""审计留痕: append-only rows, each chained to the one before."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.db import Base, Id


class AuditEntry(Base):
    """One fact: who did what to which object, when, from where, with what result.

    `changes` is JSON: each changed row's columns before and after, masked. `link_form` says which
    columns the chain covers: empty for entries older than the columns below it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_object", "object_type", "object_id"),  # one object
        Index("ix_audit_entries_at", "at"),  # some days
        Index("ix_audit_entries_action", "action", "seq"),  # one action, newest first
        Index("ix_audit_entries_user", "user_id", "seq"),  # one person, newest first
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(120))
    user_id: Mapped[int | None] = mapped_column(Id)
    role: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str | None] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str | None] = mapped_column(String(40))
    object_id: Mapped[int | None] = mapped_column(Id)
    result: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(Text)
    chain: Mapped[str] = mapped_column(String(64))
    region_id: Mapped[int | None] = mapped_column(Id)
    unit_id: Mapped[int | None] = mapped_column(Id)
    reason: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[str | None] = mapped_column(Text)
    link_form: Mapped[int | None]


class AuditHead(Base):
    """The end of the chain: one row, locked last by every writer."""

    __tablename__ = "audit_heads"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    seq: Mapped[int]
    chain: Mapped[str] = mapped_column(String(64))
