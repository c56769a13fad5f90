"""Where a year's days off came from, and which dates were computed anew because of it.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "calendar_notices",
        sa.Column("id", Id, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("taken_in_at", UtcDateTime(), nullable=False),
        sa.Column("taken_in_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notices")),
    )
    op.create_index(op.f("ix_calendar_notices_year"), "calendar_notices", ["year"])
    op.create_table(
        "calendar_moves",
        sa.Column("id", Id, nullable=False),
        sa.Column("notice_id", Id, nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column("object_type", sa.String(60), nullable=False),
        sa.Column("object_id", Id, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("due_before", sa.Date(), nullable=False),
        sa.Column("due_after", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["calendar_notices.id"], name=op.f("fk_calendar_moves_notice_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_calendar_moves_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_moves")),
    )
    op.create_index(op.f("ix_calendar_moves_notice_id"), "calendar_moves", ["notice_id"])
    op.create_index(op.f("ix_calendar_moves_region_id"), "calendar_moves", ["region_id"])


def downgrade() -> None:
    """Drop both; the calendar's days stay."""
    op.drop_table("calendar_moves")
    op.drop_table("calendar_notices")
