"""Each piece of evidence is revised once; when each stored file was last found to be right.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEX = "ix_evidences_replaces_id"


def upgrade() -> None:
    """Make the line of revisions one that cannot fork, and the table of checks."""
    op.drop_index(INDEX, table_name="evidences")
    op.create_index(INDEX, "evidences", ["replaces_id"], unique=True)
    op.create_table(
        "file_checks",
        sa.Column("file_id", Id, nullable=False, autoincrement=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("faulty_since", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "fault IN ('missing', 'changed', 'unreadable')", name=op.f("ck_file_checks_fault")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_file_checks_file_id")
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_checks")),
    )
    op.create_index("ix_file_checks_checked_at", "file_checks", ["checked_at"])
    op.create_index("ix_file_checks_fault", "file_checks", ["fault"])


def downgrade() -> None:
    """Forget the checks, which the next run makes again."""
    op.drop_table("file_checks")
    op.drop_index(INDEX, table_name="evidences")
    op.create_index(INDEX, "evidences", ["replaces_id"], unique=False)
