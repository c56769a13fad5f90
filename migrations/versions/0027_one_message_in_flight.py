"""One message in flight for one robot key; what is queued has indexes of its own.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

QUEUED = sa.text("state = 'queued'")
WAITING = sa.text("state IN ('queued', 'sending', 'retry_at')")


def upgrade() -> None:
    """Add the column; exchange the index of what waits for two of what is queued."""
    with op.batch_alter_table("robot_budgets") as table:
        table.add_column(sa.Column("in_flight_until", UtcDateTime(timezone=True), nullable=True))
    for name, columns in (
        ("ix_notifications_queued", ["not_before"]),
        ("ix_notifications_queued_unit", ["unit_id", "region_id"]),
    ):
        op.create_index(
            name, "notifications", columns, postgresql_where=QUEUED, sqlite_where=QUEUED
        )
    op.drop_index("ix_notifications_waiting", table_name="notifications")


def downgrade() -> None:
    """Bring the old index back; drop what was added."""
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["not_before"],
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.drop_index("ix_notifications_queued_unit", table_name="notifications")
    op.drop_index("ix_notifications_queued", table_name="notifications")
    with op.batch_alter_table("robot_budgets") as table:
        table.drop_column("in_flight_until")
