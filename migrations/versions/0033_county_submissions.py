"""What a city asks its counties for, their answers, and every step of them.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

HISTORY = "submission_events"
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables; history is append-only."""
    op.create_table(
        "submission_calls",
        sa.Column("region_id", ID, nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_submission_calls_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_calls")),
    )
    op.create_index(
        op.f("ix_submission_calls_region_id"), "submission_calls", ["region_id"], unique=False
    )
    op.create_table(
        "called_metrics",
        sa.Column("id", ID, nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["submission_calls.id"], name=op.f("fk_called_metrics_call_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_called_metrics")),
        sa.UniqueConstraint("call_id", "metric", name=op.f("uq_called_metrics_call_id_metric")),
    )
    op.create_table(
        "county_submissions",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("region_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "submitted",
                "returned",
                "accepted",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source_document", sa.String(length=200), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.String(length=120), nullable=True),
        sa.Column("return_reason", sa.String(length=400), nullable=True),
        sa.Column("return_count", sa.Integer(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["submission_calls.id"], name=op.f("fk_county_submissions_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_county_submissions_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_submissions")),
        sa.UniqueConstraint(
            "call_id", "region_id", name=op.f("uq_county_submissions_call_id_region_id")
        ),
    )
    op.create_index(
        op.f("ix_county_submissions_region_id"), "county_submissions", ["region_id"], unique=False
    )
    op.create_index(
        "ix_county_submissions_state", "county_submissions", ["state", "call_id"], unique=False
    )
    op.create_table(
        "submitted_figures",
        sa.Column("id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("blank_reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["county_submissions.id"],
            name=op.f("fk_submitted_figures_submission_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitted_figures")),
        sa.UniqueConstraint(
            "submission_id", "metric", name=op.f("uq_submitted_figures_submission_id_metric")
        ),
    )
    op.create_table(
        HISTORY,
        sa.Column("id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "submit",
                "withdraw",
                "return",
                "accept",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("recorded_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("actor_user_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_submission_events_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["county_submissions.id"],
            name=op.f("fk_submission_events_submission_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_events")),
    )
    op.create_index(
        op.f("ix_submission_events_submission_id"),
        "submission_events",
        ["submission_id"],
        unique=False,
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    does = (
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        if on_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER keep_{HISTORY}_{verb.lower()} BEFORE {verb} ON {HISTORY} {does}"
        )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_submission_events_submission_id"), table_name="submission_events")
    op.drop_table(HISTORY)
    op.drop_table("submitted_figures")
    op.drop_index("ix_county_submissions_state", table_name="county_submissions")
    op.drop_index(op.f("ix_county_submissions_region_id"), table_name="county_submissions")
    op.drop_table("county_submissions")
    op.drop_table("called_metrics")
    op.drop_index(op.f("ix_submission_calls_region_id"), table_name="submission_calls")
    op.drop_table("submission_calls")
