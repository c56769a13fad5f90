"""The path in full: an office's mode, a round's choices, lent powers, requests for 长期整改.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROUND_SWITCHES = {
    "needs_cosign": sa.false(),
    "allows_online_sign": sa.true(),
    "allows_scan_sign": sa.true(),
    "allows_deputy_sign": sa.true(),
    "allows_ending": sa.false(),
    "allows_late_extension": sa.false(),
}
# History may only be added to: plain columns, so that SQLite keeps the tables and their guards.
LENT_BY = ("task_transitions", "document_events", "document_signatures", "sign_offs")


def _chosen(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add columns and one table; old rows keep the whole path and every way to sign."""
    with op.batch_alter_table("regions") as batch:
        batch.add_column(
            sa.Column(
                "mode",
                _chosen("mode", "standard", "simple"),
                nullable=False,
                server_default="standard",
            )
        )
    with op.batch_alter_table("rounds") as batch:
        for name, default in ROUND_SWITCHES.items():
            batch.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
        batch.add_column(
            sa.Column("max_extensions", sa.Integer(), nullable=False, server_default="2")
        )
    for table in LENT_BY:
        op.add_column(table, sa.Column("lent_by", sa.String(120), nullable=True))
    with op.batch_alter_table("document_signatures") as batch:
        batch.add_column(sa.Column("signer_user_id", db.Id, nullable=True))
        batch.create_foreign_key(
            op.f("fk_document_signatures_signer_user_id"), "users", ["signer_user_id"], ["id"]
        )
    with op.batch_alter_table("extensions") as batch:
        batch.add_column(
            sa.Column(
                "sign_way",
                _chosen("sign_way", "online", "scan", "authorised"),
                nullable=True,
            )
        )
        batch.add_column(sa.Column("asker_user_id", db.Id, nullable=True))
        batch.create_foreign_key(
            op.f("fk_extensions_asker_user_id"), "users", ["asker_user_id"], ["id"]
        )
        batch.add_column(sa.Column("sign_file_id", db.Id, nullable=True))
        batch.create_foreign_key(
            op.f("fk_extensions_sign_file_id"), "stored_files", ["sign_file_id"], ["id"]
        )
    op.create_index(op.f("ix_extensions_sign_file_id"), "extensions", ["sign_file_id"])
    _create_requests()


def _create_requests() -> None:
    op.create_table(
        "long_term_requests",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("is_resume", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            _chosen("state", "asked", "granted", "refused"),
            nullable=False,
        ),
        sa.Column("stage_goal", sa.Text(), nullable=True),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("asker_user_id", db.Id, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(120), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asker_user_id"], ["users.id"], name=op.f("fk_long_term_requests_asker_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_long_term_requests_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_term_requests")),
    )
    op.create_index(op.f("ix_long_term_requests_task_id"), "long_term_requests", ["task_id"])


def downgrade() -> None:
    """Drop what this version added."""
    op.drop_table("long_term_requests")
    op.drop_index(op.f("ix_extensions_sign_file_id"), "extensions")
    with op.batch_alter_table("extensions") as batch:
        batch.drop_constraint(op.f("fk_extensions_sign_file_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_extensions_sign_way"), type_="check")
        batch.drop_constraint(op.f("fk_extensions_asker_user_id"), type_="foreignkey")
        batch.drop_column("asker_user_id")
        batch.drop_column("sign_file_id")
        batch.drop_column("sign_way")
    with op.batch_alter_table("document_signatures") as batch:
        batch.drop_constraint(op.f("fk_document_signatures_signer_user_id"), type_="foreignkey")
        batch.drop_column("signer_user_id")
    for table in LENT_BY:
        op.drop_column(table, "lent_by")
    with op.batch_alter_table("rounds") as batch:
        for name in ("max_extensions", *ROUND_SWITCHES):
            batch.drop_column(name)
    with op.batch_alter_table("regions") as batch:
        batch.drop_constraint(op.f("ck_regions_mode"), type_="check")
        batch.drop_column("mode")
