"""A correction of a confirmed assessment waits for a second person again.

Corrections made before stand as they were: they needed nobody.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = "correction_confirmations"


def upgrade() -> None:
    """Add the marks, and the table of confirmations with its guard."""
    for table, column in (
        ("assessments", "is_correction_open"),
        ("assessment_corrections", "needs_confirmation"),
    ):
        op.add_column(
            table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        TABLE,
        sa.Column("id", Id, nullable=False),
        sa.Column("correction_id", Id, nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["assessment_corrections.id"],
            name=op.f("fk_correction_confirmations_correction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_confirmations")),
        sa.UniqueConstraint(
            "correction_id", name=op.f("uq_correction_confirmations_correction_id")
        ),
    )
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if op.get_bind().dialect.name == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER keep_{TABLE}_{verb.lower()} BEFORE {verb} ON {TABLE} {does}")


def downgrade() -> None:
    """Forget who confirmed a correction; the older version counts every correction at once."""
    op.drop_table(TABLE)
    op.drop_column("assessment_corrections", "needs_confirmation")
    op.drop_column("assessments", "is_correction_open")
