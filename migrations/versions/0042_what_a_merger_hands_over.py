"""What a merger handed from a unit to its successor.

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("task", "co_task", "document", "duty")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "unit_change_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("change_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, native_enum=False, create_constraint=True, length=40, name="kind"),
            nullable=False,
        ),
        sa.Column("object_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["unit_changes.id"],
            name=op.f("fk_unit_change_items_change_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change_items")),
        sa.UniqueConstraint(
            "change_id",
            "kind",
            "object_id",
            name=op.f("uq_unit_change_items_change_id_kind_object_id"),
        ),
    )
    op.create_index("ix_unit_change_items_object", "unit_change_items", ["kind", "object_id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_index("ix_unit_change_items_object", table_name="unit_change_items")
    op.drop_table("unit_change_items")
