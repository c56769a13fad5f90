"""Forms that were saved, drafts of those that were not.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; both are empty after every upgrade."""
    op.create_table(
        "form_submissions",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("location", sa.String(2000)),
        sa.PrimaryKeyConstraint("id", name="pk_form_submissions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_form_submissions_user_id"),
        sa.UniqueConstraint(
            "user_id", "token", "digest", name="uq_form_submissions_user_id_token_digest"
        ),
    )
    op.create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("form_key", sa.String(400), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_drafts_user_id"),
        sa.UniqueConstraint("user_id", "form_key", name="uq_drafts_user_id_form_key"),
    )
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("drafts")
    op.drop_table("form_submissions")
