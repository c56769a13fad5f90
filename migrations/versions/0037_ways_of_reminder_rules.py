"""A reminder rule says by which kind of channel; what is queued goes that way.

Every rule keeps the default, so everything goes as before.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

WAYS = ("default", "group", "app", "inbox", "mail")
TABLES = ("reminder_rules", "notifications")


def upgrade() -> None:
    """Add the column; a version still running, which does not know it, leaves the default."""
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.add_column(
                sa.Column("way", sa.String(40), nullable=False, server_default="default")
            )
            batch.create_check_constraint(op.f(f"ck_{table}_way"), f"way IN {WAYS!r}")


def downgrade() -> None:
    """Go back to the routes by audience; what was for one person alone is not said in a group."""
    op.execute(
        "UPDATE notifications SET state = 'cancelled'"
        " WHERE state = 'queued' AND way IN ('app', 'inbox', 'mail')"
        " AND audience NOT IN ('owner', 'lead_leader', 'head')"
    )
    op.execute(
        "UPDATE reminder_rules SET is_in_product_only = true WHERE way IN ('app', 'inbox', 'mail')"
        " AND audience NOT IN ('owner', 'lead_leader', 'head')"
    )
    for table in TABLES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_way"), type_="check")
            batch.drop_column("way")
