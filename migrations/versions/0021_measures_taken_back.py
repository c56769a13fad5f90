"""进展: which measures a report takes back as not done after all.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no report before took a measure back in so many words."""
    op.add_column("progress_reports", sa.Column("undone_measures", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("progress_reports") as batch:
        batch.drop_column("undone_measures")
