"""月报: which lines the head had sent back, so that what is said anew takes their place.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RETURNED = """
UPDATE monthly_report_lines SET returned_on = (
    SELECT returned_on FROM monthly_reports WHERE monthly_reports.id = monthly_report_lines.report_id
)
"""


def upgrade() -> None:
    """Add the day; the lines of a report that is with the liaison now were sent back with it."""
    op.add_column("monthly_report_lines", sa.Column("returned_on", sa.Date(), nullable=True))
    op.execute(RETURNED)


def downgrade() -> None:
    """Drop the day."""
    with op.batch_alter_table("monthly_report_lines") as batch:
        batch.drop_column("returned_on")
