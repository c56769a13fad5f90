"""What a revisit's verdict said before it was given again is kept for good.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "earlier_verdicts"
VERDICTS = ("settled", "unsettled", "relapsed", "habitual")


def upgrade() -> None:
    """Make the table and its guard."""
    op.create_table(
        TABLE,
        sa.Column("id", Id, nullable=False),
        sa.Column("verdict_id", Id, nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("judged_by", sa.String(length=120), nullable=False),
        sa.Column("replaced_at", UtcDateTime(), nullable=False),
        sa.Column("replaced_by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(f"verdict IN {VERDICTS!r}", name=op.f("ck_earlier_verdicts_verdict")),
        sa.ForeignKeyConstraint(
            ["verdict_id"], ["revisit_verdicts.id"], name=op.f("fk_earlier_verdicts_verdict_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_verdicts")),
    )
    op.create_index("ix_earlier_verdicts_verdict_id", TABLE, ["verdict_id"])
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if op.get_bind().dialect.name == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER keep_{TABLE}_{verb.lower()} BEFORE {verb} ON {TABLE} {does}")


def downgrade() -> None:
    """Forget the earlier verdicts; the newest stand where they stood."""
    op.drop_table(TABLE)
