"""History is append-only: the database itself refuses to change or delete it.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("task_transitions", "due_changes", "document_events", "audit_entries")
FUNCTION = """
CREATE FUNCTION refuse_history_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'history is append-only'; END; $$ LANGUAGE plpgsql
"""


def upgrade() -> None:
    """Put a guard on each table. A later rebuild of a table on SQLite has to put it back."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        op.execute(FUNCTION)
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(_sqlite(table, verb) if on_sqlite else _postgresql(table, verb))


def downgrade() -> None:
    """Take the guards off; rows stay as they are."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            suffix = "" if on_sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {_name(table, verb)}{suffix}")
    if not on_sqlite:
        op.execute("DROP FUNCTION refuse_history_change()")


def _name(table: str, verb: str) -> str:
    return f"keep_{table}_{verb.lower()}"


def _sqlite(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    )


def _postgresql(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
