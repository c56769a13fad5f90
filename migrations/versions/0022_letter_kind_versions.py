"""A kind of letter carries a row version, as whatever a form changes does.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is there has been written once."""
    with op.batch_alter_table("letter_kinds") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("letter_kinds") as table:
        table.drop_column("version")
