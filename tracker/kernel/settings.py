"""Settings of the office, kept in the database, read through one function each."""

from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from tracker.kernel.db import Base, Id

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
