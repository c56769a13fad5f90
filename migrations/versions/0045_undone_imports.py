"""An import remembers what it made, and can be taken back; what leaves is kept, history included.

Imports from before remember nothing: they cannot be taken back.

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("preview", "applied", "cancelled")
KEPT = ("import_traces", "undone_rows")
# History that an import writes. Its rows may leave only together with their import.
HISTORY = ("task_transitions", "due_changes")
IS_LEAVING = (
    "SELECT 1 FROM undone_rows JOIN import_batches ON import_batches.id = undone_rows.batch_id"
    " WHERE undone_rows.table_name = {table} AND undone_rows.row_id = OLD.id"
    " AND import_batches.state = 'applied'"
)
FUNCTION = f"""
CREATE FUNCTION refuse_history_loss() RETURNS trigger AS $$
BEGIN
  IF NOT EXISTS ({IS_LEAVING.format(table="TG_TABLE_NAME")}) THEN
    RAISE EXCEPTION 'history is append-only';
  END IF;
  RETURN OLD;
END; $$ LANGUAGE plpgsql
"""


def upgrade() -> None:
    """Add tables and columns, then let history leave with its import and in no other way.

    On SQLite a later rebuild of `import_batches` or `undone_rows` has to take the guards of HISTORY
    off first and put them back.
    """
    _create("import_traces", sa.Column("seen_version", sa.Integer(), nullable=True),
            sa.Column("before", sa.Text(), nullable=True))  # fmt: skip
    _create("undone_rows", sa.Column("content", sa.Text(), nullable=False))
    op.create_index("ix_undone_rows_row", "undone_rows", ["table_name", "row_id"])
    with op.batch_alter_table("import_batches") as batch:
        batch.add_column(
            sa.Column("is_traced", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("undone_by", sa.String(120), nullable=True))
        batch.add_column(sa.Column("undo_reason", sa.String(400), nullable=True))
        _allow(batch, *STATES, "undone")
    if not _on_sqlite():
        op.execute(FUNCTION)
    for table in HISTORY:
        _drop_guard(table, "DELETE")
        _guard_loss(table)
    for table in KEPT:
        for verb in ("UPDATE", "DELETE"):
            _guard(table, verb)


def downgrade() -> None:
    """Guard history wholly again; an import that was taken back reads as abandoned."""
    for table in HISTORY:
        _drop_guard(table, "DELETE")
        _guard(table, "DELETE")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_history_loss()")
    op.drop_index("ix_undone_rows_row", table_name="undone_rows")
    for table in reversed(KEPT):
        op.drop_table(table)
    op.execute("UPDATE import_batches SET state = 'cancelled' WHERE state = 'undone'")
    with op.batch_alter_table("import_batches") as batch:
        _allow(batch, *STATES)
        for column in ("undo_reason", "undone_by", "undone_at", "is_traced"):
            batch.drop_column(column)


def _on_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _create(table: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("table_name", sa.String(60), nullable=False),
        sa.Column("row_id", ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batches.id"], name=op.f(f"fk_{table}_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(
            "batch_id",
            "table_name",
            "row_id",
            name=op.f(f"uq_{table}_batch_id_table_name_row_id"),
        ),
    )


def _allow(batch: object, *states: str) -> None:
    batch.drop_constraint(op.f("ck_import_batches_state"), type_="check")  # type: ignore[attr-defined]
    batch.create_check_constraint(  # type: ignore[attr-defined]
        op.f("ck_import_batches_state"), f"state IN {states!r}"
    )


def _drop_guard(table: str, verb: str) -> None:
    suffix = "" if _on_sqlite() else f" ON {table}"
    op.execute(f"DROP TRIGGER keep_{table}_{verb.lower()}{suffix}")


def _guard(table: str, verb: str) -> None:
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if _on_sqlite()
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    op.execute(f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} {does}")


def _guard_loss(table: str) -> None:
    leaving = IS_LEAVING.format(table=repr(table))
    does = (
        f"WHEN NOT EXISTS ({leaving}) BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if _on_sqlite()
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_loss()"
    )
    op.execute(f"CREATE TRIGGER keep_{table}_delete BEFORE DELETE ON {table} {does}")
