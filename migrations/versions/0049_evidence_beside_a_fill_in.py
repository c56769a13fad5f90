"""Evidence that travels beside a workbook that a unit filled in.

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINKS = {"return_id": "fill_in_returns", "file_id": "stored_files", "task_id": "tasks"}


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "fill_in_files",
        sa.Column("id", ID, nullable=False),
        *(sa.Column(name, ID, nullable=name != "return_id") for name in LINKS),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("fault", sa.String(400), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_fill_in_files_{name}"))
            for name, table in LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fill_in_files")),
    )
    op.create_index(op.f("ix_fill_in_files_return_id"), "fill_in_files", ["return_id"])
    op.create_index(op.f("ix_fill_in_files_task_id"), "fill_in_files", ["task_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("fill_in_files")
