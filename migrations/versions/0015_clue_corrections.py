"""What an entry of clues said before it was corrected is kept for good, with the reason.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "clue_corrections"


def upgrade() -> None:
    """Make the table and its guard."""
    op.create_table(
        TABLE,
        sa.Column("id", Id, nullable=False),
        sa.Column("clue_id", Id, nullable=False),
        sa.Column("changes", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("corrected_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["clue_id"], ["clues.id"], name=op.f("fk_clue_corrections_clue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_corrections")),
    )
    op.create_index("ix_clue_corrections_clue_id", TABLE, ["clue_id"])
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if op.get_bind().dialect.name == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER keep_{TABLE}_{verb.lower()} BEFORE {verb} ON {TABLE} {does}")


def downgrade() -> None:
    """Forget the corrections; the numbers stand as they are."""
    op.drop_table(TABLE)
