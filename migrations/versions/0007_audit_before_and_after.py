"""Audit entries say region, unit, reason, and each changed column before and after.

Columns are added where they stand, on SQLite too: a rebuild of the table would drop its guards.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = "audit_entries"
COLUMNS = (
    ("region_id", Id),
    ("unit_id", Id),
    ("reason", sa.Text()),
    ("changes", sa.Text()),
    ("link_form", sa.Integer()),
)
INDEXES = {
    "ix_audit_entries_at": ["at"],
    "ix_audit_entries_action": ["action", "seq"],
    "ix_audit_entries_user": ["user_id", "seq"],
}


def upgrade() -> None:
    """Add nullable columns: entries written before keep their chain values."""
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(TABLE)}
    for name, kind in COLUMNS:
        if name not in there:
            op.add_column(TABLE, sa.Column(name, kind, nullable=True))
    for name, columns in INDEXES.items():
        op.create_index(name, TABLE, columns)


def downgrade() -> None:
    """Drop the indexes only: going back to an older program must not thin out the trail, whose
    columns that program leaves alone. It cannot verify entries written since; coming up again can.
    """
    for name in INDEXES:
        op.drop_index(name, TABLE)
