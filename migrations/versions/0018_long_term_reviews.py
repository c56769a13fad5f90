"""复查 of long-term work: what was found and when it is looked at again; the date of a resumption.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

OLD_KINDS = ("fixed", "correction", "extension", "reopen")
DATED = sa.text("next_review_on IS NOT NULL")


def upgrade() -> None:
    """Add the table and its guard, the date asked for, and the kind of change it makes."""
    op.create_table(
        "long_term_reviews",
        sa.Column("id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("actor_user_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_long_term_reviews_task_id"),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name="fk_long_term_reviews_actor_user_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_long_term_reviews"),
    )
    op.create_index("ix_long_term_reviews_task", "long_term_reviews", ["task_id", "id"])
    _guard("long_term_reviews")
    op.add_column("long_term_requests", sa.Column("new_due", sa.Date(), nullable=True))
    _allow(*OLD_KINDS, "resume")
    op.create_index(
        "ix_tasks_next_review",
        "tasks",
        ["next_review_on"],
        postgresql_where=DATED,
        sqlite_where=DATED,
    )


def downgrade() -> None:
    """Drop them; a resumption's date stays, as the correction that the old version can say."""
    op.drop_index("ix_tasks_next_review", table_name="tasks")
    _unguard("due_changes")
    op.execute("UPDATE due_changes SET kind = 'correction' WHERE kind = 'resume'")
    _guard("due_changes")
    _allow(*OLD_KINDS)
    with op.batch_alter_table("long_term_requests") as batch:
        batch.drop_column("new_due")
    _unguard("long_term_reviews")
    op.drop_table("long_term_reviews")


def _allow(*kinds: str) -> None:
    """Let `due_changes` say these kinds. SQLite rebuilds the table, and its guard with it."""
    rebuilds = op.get_bind().dialect.name == "sqlite"
    if rebuilds:
        _unguard("due_changes")
    with op.batch_alter_table("due_changes") as batch:
        batch.drop_constraint(op.f("ck_due_changes_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_due_changes_kind"), f"kind IN {kinds!r}")
    if rebuilds:
        _guard("due_changes")


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
