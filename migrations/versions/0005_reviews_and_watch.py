"""Reviews that recommend, co-sign and confirm; comments, special watch, closure certificates.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

OLD_OUTCOMES = ("returned", "closed", "cosigned", "objected")
NEW_OUTCOMES = ("recommended", "confirmed", "unconfirmed")
GUARDED = ("reviews", "task_comments", "watch_changes", "closure_certificates")


def upgrade() -> None:
    """Add outcomes, tables, and guards on all four."""
    _allow(*OLD_OUTCOMES, *NEW_OUTCOMES)
    with op.batch_alter_table("reviews") as batch:
        batch.add_column(sa.Column("transition_id", db.Id, nullable=True))
        batch.add_column(sa.Column("organ_id", db.Id, nullable=True))
        batch.create_foreign_key(
            op.f("fk_reviews_transition_id"), "task_transitions", ["transition_id"], ["id"]
        )
        batch.create_foreign_key(
            op.f("fk_reviews_organ_id"), "supervisor_orgs", ["organ_id"], ["id"]
        )
    _create_comments()
    _create_watch_changes()
    _create_certificates()
    for table in GUARDED:
        _guard(table)


def downgrade() -> None:
    """Drop what this version added; the old one cannot say the new outcomes, so they go too."""
    for table in GUARDED:
        _unguard(table)
    for table in ("closure_certificates", "watch_changes", "task_comments"):
        op.drop_table(table)
    op.execute(f"DELETE FROM reviews WHERE outcome IN {NEW_OUTCOMES!r}")
    with op.batch_alter_table("reviews") as batch:
        batch.drop_constraint(op.f("fk_reviews_organ_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_reviews_transition_id"), type_="foreignkey")
        batch.drop_column("organ_id")
        batch.drop_column("transition_id")
    _allow(*OLD_OUTCOMES)


def _allow(*outcomes: str) -> None:
    with op.batch_alter_table("reviews") as batch:
        batch.drop_constraint(op.f("ck_reviews_outcome"), type_="check")
        batch.create_check_constraint(op.f("ck_reviews_outcome"), f"outcome IN {outcomes!r}")


def _chosen(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _task_row(table: str, *columns: sa.Column, keys: dict[str, str]) -> None:
    foreign = [
        sa.ForeignKeyConstraint([name], [f"{target}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, target in {"task_id": "tasks", **keys}.items()
    ]
    op.create_table(
        table,
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        *columns,
        *foreign,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _create_comments() -> None:
    _task_row(
        "task_comments",
        sa.Column("side", _chosen("side", "office", "unit", "supervisor"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_internal", sa.Boolean(), nullable=False),
        sa.Column("written_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("author_user_id", db.Id, nullable=True),
        keys={"author_user_id": "users"},
    )
    op.create_index("ix_task_comments_task", "task_comments", ["task_id", "id"])


def _create_watch_changes() -> None:
    _task_row(
        "watch_changes",
        sa.Column("kind", _chosen("kind", "set", "changed", "lifted"), nullable=False),
        sa.Column("level", sa.String(40), nullable=True),
        sa.Column("leader_id", db.Id, nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("actor_user_id", db.Id, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        keys={"leader_id": "persons", "actor_user_id": "users"},
    )
    op.create_index("ix_watch_changes_task", "watch_changes", ["task_id", "id"])


def _create_certificates() -> None:
    _task_row(
        "closure_certificates",
        sa.Column("transition_id", db.Id, nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("transition_id", name=op.f("uq_closure_certificates_transition_id")),
        sa.UniqueConstraint("code", name=op.f("uq_closure_certificates_code")),
        keys={"transition_id": "task_transitions"},
    )
    op.create_index(op.f("ix_closure_certificates_task_id"), "closure_certificates", ["task_id"])


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
