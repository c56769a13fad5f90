"""Openings, signatures and remarks are append-only.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
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
    """Put guards on what is written once."""
    for table in GUARDED:
        _guard(table)


def downgrade() -> None:
    """Take the guards off."""
    for table in GUARDED:
        _unguard(table)


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
