"""Cells that an update import finds changed, and what was decided about each.

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHANGES = ("none", "theirs", "ours", "agreed", "conflict")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, native_enum=False, create_constraint=True, length=40, name=name)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "import_changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("measure_id", ID, nullable=False),
        sa.Column("sheet", sa.String(80), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(400), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("sent", "returned", "present")),
        sa.Column("change", _words("change", *CHANGES), nullable=False),
        sa.Column("choice", _words("choice", "take", "keep"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batches.id"], name=op.f("fk_import_changes_batch_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_import_changes_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_changes")),
        sa.UniqueConstraint(
            "batch_id",
            "task_id",
            "measure_id",
            "field",
            name=op.f("uq_import_changes_batch_id_task_id_measure_id_field"),
        ),
    )
    op.create_index("ix_import_changes_choice", "import_changes", ["batch_id", "choice"])
    op.create_index(op.f("ix_import_changes_task_id"), "import_changes", ["task_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("import_changes")
