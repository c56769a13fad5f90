"""Ways that reach one person: three kinds of channel, an e-mail address, an inbox.

Rules for single persons that an office has stay as they are; it may let them send on their page.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

GROUPS = ("shared", "unit", "office")
KINDS = (*GROUPS, "app", "mail", "inbox")
QUEUED = sa.text("state = 'queued'")


def upgrade() -> None:
    """Add the columns, empty, and the table."""
    op.add_column("persons", sa.Column("email", sa.String(254), nullable=True))
    with op.batch_alter_table("channels") as batch:
        _allow(batch, KINDS)
    with op.batch_alter_table("digests") as batch:
        batch.add_column(sa.Column("person_id", Id, nullable=True))
        batch.add_column(sa.Column("refused_at", UtcDateTime(), nullable=True))
        batch.create_foreign_key(op.f("fk_digests_person_id"), "persons", ["person_id"], ["id"])
    op.create_index(op.f("ix_digests_person_id"), "digests", ["person_id"])
    with op.batch_alter_table("notifications") as batch:
        batch.add_column(sa.Column("person_id", Id, nullable=True))
        batch.create_foreign_key(
            op.f("fk_notifications_person_id"), "persons", ["person_id"], ["id"]
        )
    op.create_index(
        "ix_notifications_queued_person",
        "notifications",
        ["channel_id", "person_id"],
        postgresql_where=QUEUED,
        sqlite_where=QUEUED,
    )
    op.create_table(
        "inbox_messages",
        sa.Column("id", Id, primary_key=True),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("part_no", sa.Integer(), nullable=False),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_inbox_messages_person_id")
        ),
        sa.UniqueConstraint("number", "part_no", name=op.f("uq_inbox_messages_number_part_no")),
    )
    op.create_index(op.f("ix_inbox_messages_person_id_id"), "inbox_messages", ["person_id", "id"])


def downgrade() -> None:
    """Drop what the old version cannot say: channels to persons, and what went through them."""
    op.drop_table("inbox_messages")
    _forget_personal()
    op.drop_index("ix_notifications_queued_person", table_name="notifications")
    with op.batch_alter_table("notifications") as batch:
        batch.drop_constraint(op.f("fk_notifications_person_id"), type_="foreignkey")
        batch.drop_column("person_id")
    op.drop_index(op.f("ix_digests_person_id"), table_name="digests")
    with op.batch_alter_table("digests") as batch:
        batch.drop_constraint(op.f("fk_digests_person_id"), type_="foreignkey")
        batch.drop_column("refused_at")
        batch.drop_column("person_id")
    with op.batch_alter_table("channels") as batch:
        _allow(batch, GROUPS)
    with op.batch_alter_table("persons") as batch:
        batch.drop_column("email")


def _forget_personal() -> None:
    """The old version would say in a group what is for one person."""
    personal = f"SELECT id FROM channels WHERE kind NOT IN {GROUPS!r}"
    digests = f"SELECT id FROM digests WHERE channel_id IN ({personal})"
    op.execute(
        "DELETE FROM notifications WHERE audience IN ('owner', 'lead_leader', 'head')"
        f" OR digest_id IN ({digests}) OR channel_id IN ({personal})"
    )
    op.execute(f"DELETE FROM deliveries WHERE digest_id IN ({digests})")
    op.execute(f"DELETE FROM digests WHERE channel_id IN ({personal})")
    op.execute(f"DELETE FROM channels WHERE kind NOT IN {GROUPS!r}")
    op.execute(
        "UPDATE reminder_rules SET is_in_product_only = true"
        " WHERE audience IN ('owner', 'lead_leader', 'head')"
    )


def _allow(batch: object, values: tuple[str, ...]) -> None:
    """Let a channel be of these kinds."""
    name = op.f("ck_channels_kind")
    batch.drop_constraint(name, type_="check")  # type: ignore[attr-defined]
    batch.create_check_constraint(name, f"kind IN {values!r}")  # type: ignore[attr-defined]
