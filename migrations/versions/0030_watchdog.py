"""Robots remember their last failure; incidents; indexes of a group's weeks and of waiting.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KINDS = ("slot_missed", "job_failed", "robot_broken", "robot_failing", "queue_ages")


def upgrade() -> None:
    """Add columns and table; the index of weeks takes the place of the plain one."""
    op.add_column("channels", sa.Column("last_failed_at", UtcDateTime(), nullable=True))
    op.add_column("channels", sa.Column("last_errcode", sa.Integer(), nullable=True))
    op.add_column("channels", sa.Column("last_answer", sa.String(400), nullable=True))
    op.create_index("ix_digests_channel_composed", "digests", ["channel_id", "composed_at"])
    op.drop_index(op.f("ix_digests_channel_id"), table_name="digests")
    op.create_table(
        "incidents",
        sa.Column("id", Id, nullable=False),
        sa.Column("region_id", Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("sentence", sa.String(400), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_incidents_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint(
            "region_id", "kind", "subject", name=op.f("uq_incidents_region_id_kind_subject")
        ),
    )
    to_office = sa.text("to_state = 'office_review'")
    op.create_index(
        "ix_task_transitions_to_office",
        "task_transitions",
        ["task_id", "occurred_on"],
        postgresql_where=to_office,
        sqlite_where=to_office,
    )
    unfinished = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_incidents_unfinished",
        "incidents",
        ["region_id"],
        postgresql_where=unfinished,
        sqlite_where=unfinished,
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_task_transitions_to_office", table_name="task_transitions")
    op.drop_table("incidents")
    op.create_index(op.f("ix_digests_channel_id"), "digests", ["channel_id"])
    op.drop_index("ix_digests_channel_composed", table_name="digests")
    for column in ("last_answer", "last_errcode", "last_failed_at"):
        op.drop_column("channels", column)
