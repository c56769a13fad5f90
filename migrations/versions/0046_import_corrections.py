"""Cells of a ledger that a person corrected in the preview; rows remember that they were.

Revision ID: 0046
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and a column; no row from before was corrected."""
    op.create_table(
        "import_corrections",
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("sheet", sa.String(80), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("column", sa.String(200), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_standing", sa.Boolean(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batches.id"], name=op.f("fk_import_corrections_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_corrections")),
    )
    op.create_index(
        op.f("ix_import_corrections_batch_id"), "import_corrections", ["batch_id"], unique=False
    )
    with op.batch_alter_table("import_rows") as batch:
        batch.add_column(
            sa.Column("is_corrected", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("import_rows") as batch:
        batch.drop_column("is_corrected")
    op.drop_index(op.f("ix_import_corrections_batch_id"), table_name="import_corrections")
    op.drop_table("import_corrections")
