"""Header words that an office has confirmed; what the columns of an import were taken for.

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and two columns; imports from before have no columns to choose from."""
    op.create_table(
        "header_words",
        sa.Column("region_id", ID, nullable=False),
        sa.Column("word", sa.String(200), nullable=False),
        sa.Column("meaning", sa.String(40), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_header_words_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_header_words")),
        sa.UniqueConstraint("region_id", "word", name=op.f("uq_header_words_region_id_word")),
    )
    with op.batch_alter_table("import_batches") as batch:
        batch.add_column(sa.Column("layouts", sa.Text(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("unit_name", sa.String(120), nullable=True))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("import_batches") as batch:
        batch.drop_column("unit_name")
        batch.drop_column("layouts")
    op.drop_table("header_words")
