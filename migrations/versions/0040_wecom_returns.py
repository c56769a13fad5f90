"""Ways back from enterprise WeChat: each state and each code is good once.

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "wecom_returns",
        sa.Column("id", ID, nullable=False),
        sa.Column("state_sha256", sa.String(length=64), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wecom_returns")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_wecom_returns_code_sha256")),
        sa.UniqueConstraint("state_sha256", name=op.f("uq_wecom_returns_state_sha256")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("wecom_returns")
