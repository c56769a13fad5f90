"""Settings of the office, kept in the database, read through one function each."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker.kernel.db import Base, Id, foreign_key

GLOBAL = "global"
DEMO_LOADED_AT = "demo_loaded_at"


class Setting(Base):
    """One setting. `scope` is "global" or "region:<id>"; values are short texts."""

    __tablename__ = "settings"
    __table_args__ = (UniqueConstraint("scope", "key"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    scope: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(2000))
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(120))


class DictionaryEntry(Base):
    """One word an office may choose from a list it keeps itself: kinds of letters, grades, tags.

    `region_id` empty: for every office. What is no longer used is switched off, never deleted,
    because old rows still say it.
    """

    __tablename__ = "dictionary_entries"
    __table_args__ = (UniqueConstraint("region_id", "dictionary", "code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_id: Mapped[int | None] = foreign_key("regions.id", nullable=True, index=False)
    dictionary: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(80))
    sort_no: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


def region_scope(region_id: int) -> str:
    """Return the scope of a region's own settings."""
    return f"region:{region_id}"


def get_setting(session: Session, key: str, default: str, *, scope: str = GLOBAL) -> str:
    """Return a setting's text, or the default where nobody has set it."""
    found = session.scalar(select(Setting.value).where(Setting.scope == scope, Setting.key == key))
    return default if found is None else found


def put_setting(
    session: Session, key: str, value: str, *, by: str, now: datetime, scope: str = GLOBAL
) -> None:
    """Set a setting; the caller audits and commits."""
    row = session.scalar(select(Setting).where(Setting.scope == scope, Setting.key == key))
    if row is None:
        row = Setting(scope=scope, key=key)
        session.add(row)
    row.value, row.changed_at, row.changed_by = value, now, by
