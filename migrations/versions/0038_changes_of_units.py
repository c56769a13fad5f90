"""What became of units: renamed, placed, merged, abolished, moved, each from a day on.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("renamed", "placed", "merged", "abolished", "moved")
POINTERS = {
    "unit_id": "units",
    "old_parent_id": "units",
    "new_parent_id": "units",
    "old_region_id": "regions",
    "new_region_id": "regions",
    "successor_id": "units",
}


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "unit_changes",
        sa.Column(
            "kind",
            sa.Enum(*KINDS, native_enum=False, create_constraint=True, length=40, name="kind"),
            nullable=False,
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(length=200), nullable=False),
        sa.Column("old_name", sa.String(length=120), nullable=True),
        sa.Column("new_name", sa.String(length=120), nullable=True),
        sa.Column("old_short_name", sa.String(length=60), nullable=True),
        sa.Column("new_short_name", sa.String(length=60), nullable=True),
        *(sa.Column(name, ID, nullable=name != "unit_id") for name in POINTERS),
        sa.Column("old_valid_to", sa.Date(), nullable=True),
        sa.Column("taken_back_on", sa.Date(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_unit_changes_{name}"))
            for name, table in POINTERS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_changes")),
    )
    op.create_index(op.f("ix_unit_changes_unit_id"), "unit_changes", ["unit_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_index(op.f("ix_unit_changes_unit_id"), table_name="unit_changes")
    op.drop_table("unit_changes")
