"""暂停提醒: whose reminders pause, and a pause that ends early.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REGION = "(SELECT region_id FROM units WHERE units.id = unit_pauses.unit_id)"


def upgrade() -> None:
    """Add the columns; a pause made before is its unit's own office's."""
    op.add_column("unit_pauses", sa.Column("region_id", Id, nullable=True))
    op.add_column("unit_pauses", sa.Column("planned_to_on", sa.Date(), nullable=True))
    op.add_column("unit_pauses", sa.Column("ended_on", sa.Date(), nullable=True))
    op.add_column("unit_pauses", sa.Column("ended_by", sa.String(120), nullable=True))
    op.add_column("unit_pauses", sa.Column("end_reason", sa.String(400), nullable=True))
    op.execute(f"UPDATE unit_pauses SET region_id = {REGION}")
    with op.batch_alter_table("unit_pauses") as batch:
        batch.alter_column("region_id", existing_type=Id, nullable=False)
        batch.create_foreign_key(op.f("fk_unit_pauses_region_id"), "regions", ["region_id"], ["id"])
    op.create_index(op.f("ix_unit_pauses_region_id"), "unit_pauses", ["region_id"])


def downgrade() -> None:
    """Drop the columns."""
    op.drop_index(op.f("ix_unit_pauses_region_id"), table_name="unit_pauses")
    with op.batch_alter_table("unit_pauses") as batch:
        batch.drop_constraint(op.f("fk_unit_pauses_region_id"), type_="foreignkey")
        for column in ("region_id", "planned_to_on", "ended_on", "ended_by", "end_reason"):
            batch.drop_column(column)
