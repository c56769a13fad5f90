"""Work that people asked for, done in the background: claim, progress, result.

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
KINDS = ("ledger_read", "ledger_apply", "ledger_export", "lists_export", "dossier")
STATES = ("queued", "running", "done", "failed", "cancelled")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "background_works",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", _words("kind", KINDS), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("back_to", sa.String(300), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("region_id", ID, nullable=False),
        sa.Column("standing", sa.String(120), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("state", _words("state", STATES), nullable=False),
        sa.Column("step", sa.String(120), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(80), nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("heartbeat_at", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancel_asked_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("leads_to", sa.String(300), nullable=True),
        sa.Column("result_file", sa.String(80), nullable=True),
        sa.Column("result_name", sa.String(255), nullable=True),
        sa.Column("result_type", sa.String(120), nullable=True),
        sa.Column("result_bytes", sa.BigInteger(), nullable=True),
        sa.Column("result_sha256", sa.String(64), nullable=True),
        sa.Column("keep_until", MOMENT, nullable=True),
        sa.Column("cleared_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_background_works_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_background_works_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_background_works")),
    )
    op.create_index("ix_background_works_keep_until", "background_works", ["keep_until"])
    op.create_index("ix_background_works_state_id", "background_works", ["state", "id"])
    op.create_index("ix_background_works_user_id_id", "background_works", ["user_id", "id"])


def _words(name: str, words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def downgrade() -> None:
    """Drop it; files that were made stay in the data directory."""
    op.drop_table("background_works")
