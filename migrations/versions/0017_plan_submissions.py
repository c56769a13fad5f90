"""The text of a plan as it was at each submission; a signature names the digest of what it signs.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLE = "plan_submissions"


def upgrade() -> None:
    """Make the table with its guards, and the signature's column."""
    op.create_table(
        TABLE,
        sa.Column("id", Id, nullable=False),
        sa.Column("document_id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["unit_documents.id"], name=op.f("fk_plan_submissions_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["document_events.id"], name=op.f("fk_plan_submissions_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_submissions")),
        sa.UniqueConstraint("event_id", name=op.f("uq_plan_submissions_event_id")),
        sa.UniqueConstraint(
            "document_id", "number", name=op.f("uq_plan_submissions_document_id_number")
        ),
    )
    _guard()
    op.add_column("document_signatures", sa.Column("sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Forget the kept texts and what signatures named."""
    op.drop_column("document_signatures", "sha256")
    suffix = "" if op.get_bind().dialect.name == "sqlite" else f" ON {TABLE}"
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER keep_{TABLE}_{verb}{suffix}")
    op.drop_table(TABLE)


def _guard() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if on_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER keep_{TABLE}_{verb.lower()} BEFORE {verb} ON {TABLE} {does}")
