"""The leader's lease has a fencing number, and a run says under which it was made.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the numbers; whoever leads now leads under the first."""
    op.add_column(
        "job_leases", sa.Column("fence", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("job_runs", sa.Column("fence", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop the numbers."""
    op.drop_column("job_runs", "fence")
    op.drop_column("job_leases", "fence")
