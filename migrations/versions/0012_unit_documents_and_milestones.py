"""Units' documents with their versions and openings; what is registered about milestones.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GUARDED = ("document_versions", "milestone_events")
EVENT_COLUMNS = {"supplement": sa.Text(), "version_seq": sa.Integer()}


def upgrade() -> None:
    """Add columns and three tables; plans stay as they are."""
    op.add_column(
        "unit_documents",
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for name, kind in EVENT_COLUMNS.items():  # plain: SQLite keeps the table and its guards
        op.add_column("document_events", sa.Column(name, kind, nullable=True))
    _versions()
    _openings()
    _milestone_events()
    for table in GUARDED:
        _guard(table)


def downgrade() -> None:
    """Drop what this version added; plans stay as they are."""
    for table in GUARDED:
        _unguard(table)
    for table in ("milestone_events", "document_openings", "document_versions"):
        op.drop_table(table)
    for name in EVENT_COLUMNS:
        op.drop_column("document_events", name)
    op.drop_column("unit_documents", "needs_sign_off")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _versions() -> None:
    table = "document_versions"
    op.create_table(
        table,
        sa.Column("id", Id, nullable=False),
        sa.Column("document_id", Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("is_confirmed_not_secret", sa.Boolean(), nullable=False),
        sa.Column("is_for_party", sa.Boolean(), nullable=False),
        sa.Column("is_for_public", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.Column("uploaded_by", sa.String(120), nullable=False),
        sa.Column("uploader_user_id", Id, nullable=True),
        sa.Column("on_behalf_of", sa.String(120), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_versions")),
        _key(table, "document_id", "unit_documents"),
        _key(table, "file_id", "stored_files"),
        _key(table, "uploader_user_id", "users"),
        sa.UniqueConstraint(
            "document_id", "seq", name=op.f("uq_document_versions_document_id_seq")
        ),
    )
    op.create_index("ix_document_versions_file_id", table, ["file_id"])


def _openings() -> None:
    table = "document_openings"
    op.create_table(
        table,
        sa.Column("id", Id, nullable=False),
        sa.Column("event_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_openings")),
        _key(table, "event_id", "document_events"),
        _key(table, "user_id", "users"),
        sa.UniqueConstraint("event_id", name=op.f("uq_document_openings_event_id")),
    )


def _milestone_events() -> None:
    table = "milestone_events"
    kind = sa.Enum(
        "done",
        "exempted",
        "file_attached",
        "undone",
        name="kind",
        native_enum=False,
        create_constraint=True,
        length=40,
    )
    op.create_table(
        table,
        sa.Column("id", Id, nullable=False),
        sa.Column("milestone_id", Id, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(120), nullable=False),
        sa.Column("actor_user_id", Id, nullable=True),
        sa.Column("reason", sa.String(400), nullable=True),
        sa.Column("file_id", Id, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone_events")),
        _key(table, "milestone_id", "milestones"),
        _key(table, "actor_user_id", "users"),
        _key(table, "file_id", "stored_files"),
    )
    for column in ("milestone_id", "file_id"):
        op.create_index(f"ix_milestone_events_{column}", table, [column])


def _guard(table: str) -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("UPDATE", "DELETE"):
        head = f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
        op.execute(
            head + "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            if on_sqlite
            else head + "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
        )


def _unguard(table: str) -> None:
    suffix = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER keep_{table}_{verb}{suffix}")
