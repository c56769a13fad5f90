"""已电话催办: calls the office made, for the list of whom to call.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "call_notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("object_type", sa.String(40), nullable=False),
        sa.Column("object_id", Id, nullable=False),
        sa.Column("called_at", UtcDateTime(), nullable=False),
        sa.Column("called_by", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_call_notes_region_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_call_notes_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_notes")),
    )
    op.create_index("ix_call_notes_object", "call_notes", ["object_type", "object_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("call_notes")
