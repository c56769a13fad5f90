"""Rules of reminders: more anchors, offsets and audiences, a text of their own, one set per round.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OLD_ANCHORS = ("task_due", "plan_due", "milestone_due", "review_due", "office_review")
ANCHORS = (*OLD_ANCHORS, "letter_reply")
OLD_AUDIENCES = ("unit", "office", "liaisons", "lead")
AUDIENCES = (*OLD_AUDIENCES, "owner", "lead_leader", "head")
OFFSETS = ("days", "workdays", "percent")


def upgrade() -> None:
    """Add the columns; every rule there is counts calendar days and goes for its whole region."""
    op.add_column("reminder_rules", sa.Column("offset_kind", sa.String(40), nullable=True))
    op.add_column("reminder_rules", sa.Column("wording", sa.String(120), nullable=True))
    op.add_column("reminder_rules", sa.Column("round_id", Id, nullable=True))
    # What waits with the office has always been counted in working days.
    op.execute(
        "UPDATE reminder_rules SET wording = '', offset_kind ="
        " CASE WHEN anchor = 'office_review' THEN 'workdays' ELSE 'days' END"
    )
    with op.batch_alter_table("reminder_rules") as batch:
        batch.alter_column("offset_kind", existing_type=sa.String(40), nullable=False)
        batch.alter_column("wording", existing_type=sa.String(120), nullable=False)
        batch.create_check_constraint(
            op.f("ck_reminder_rules_offset_kind"), f"offset_kind IN {OFFSETS!r}"
        )
        batch.create_foreign_key(op.f("fk_reminder_rules_round_id"), "rounds", ["round_id"], ["id"])
        _allow(batch, "reminder_rules", "anchor", ANCHORS)
        _allow(batch, "reminder_rules", "audience", AUDIENCES)
    op.create_index(op.f("ix_reminder_rules_round_id"), "reminder_rules", ["round_id"])
    with op.batch_alter_table("notifications") as batch:
        _allow(batch, "notifications", "audience", AUDIENCES)


def downgrade() -> None:
    """Drop what the old version cannot say: rules of a round, and of the new kinds."""
    op.execute(
        "DELETE FROM reminder_rules WHERE round_id IS NOT NULL"
        f" OR anchor NOT IN {OLD_ANCHORS!r} OR audience NOT IN {OLD_AUDIENCES!r}"
        " OR offset_kind <> CASE WHEN anchor = 'office_review' THEN 'workdays' ELSE 'days' END"
    )
    op.execute(f"DELETE FROM notifications WHERE audience NOT IN {OLD_AUDIENCES!r}")
    with op.batch_alter_table("notifications") as batch:
        _allow(batch, "notifications", "audience", OLD_AUDIENCES)
    op.drop_index(op.f("ix_reminder_rules_round_id"), table_name="reminder_rules")
    with op.batch_alter_table("reminder_rules") as batch:
        batch.drop_constraint(op.f("fk_reminder_rules_round_id"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_reminder_rules_offset_kind"), type_="check")
        _allow(batch, "reminder_rules", "anchor", OLD_ANCHORS)
        _allow(batch, "reminder_rules", "audience", OLD_AUDIENCES)
        for column in ("offset_kind", "wording", "round_id"):
            batch.drop_column(column)


def _allow(batch: object, table: str, column: str, values: tuple[str, ...]) -> None:
    """Let a column say these words."""
    name = op.f(f"ck_{table}_{column}")
    batch.drop_constraint(name, type_="check")  # type: ignore[attr-defined]
    batch.create_check_constraint(name, f"{column} IN {values!r}")  # type: ignore[attr-defined]
