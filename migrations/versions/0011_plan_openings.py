"""Who first opened a plan that was handed over; openings, signatures and remarks are append-only.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

GUARDED = (
    "document_openings",
    "document_signatures",
    "plan_remarks",
    "sign_offs",
    "task_openings",
)


def upgrade() -> None:
    """Make the table of openings of documents, and put guards on what is written once."""
    op.create_table(
        "document_openings",
        sa.Column("id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["document_events.id"], name=op.f("fk_document_openings_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_document_openings_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_openings")),
        sa.UniqueConstraint("event_id", name=op.f("uq_document_openings_event_id")),
    )
    op.create_index(op.f("ix_document_openings_user_id"), "document_openings", ["user_id"])
    for table in GUARDED:
        _guard(table)


def downgrade() -> None:
    """Take the guards off and forget who opened which plan."""
    for table in GUARDED:
        _unguard(table)
    op.drop_table("document_openings")


def _guard(table: str) -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if on_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} {does}")


def _unguard(table: str) -> None:
    suffix = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER keep_{table}_{verb}{suffix}")
