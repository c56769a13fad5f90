"""Rules may count from the due date of a county's submission.

An office that has rules of its own gets the new ones in dry run, as any new rule starts.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

OLD_ANCHORS = (
    "task_due",
    "plan_due",
    "milestone_due",
    "review_due",
    "office_review",
    "letter_reply",
)
NEW = "county_submission"
OFFSETS = (
    (-3, "到期前 3 天", 0),
    (0, "到期当天", 0),
    (1, "逾期第 1 天", 0),
    (7, "逾期第 7 天，此后每 5 个工作日", 5),
)


def upgrade() -> None:
    """Allow the anchor; add its rules to those of each office of 标准模式."""
    _allow((*OLD_ANCHORS, NEW))
    bind = op.get_bind()
    for offset, label, every in OFFSETS:
        bind.execute(
            sa.text(
                "INSERT INTO reminder_rules (region_id, round_id, code, label, anchor, offset_days,"
                " offset_kind, audience, every_workdays, min_span_days, is_in_product_only,"
                " wording, status, created_at, created_by, version)"
                " SELECT DISTINCT r.region_id, CAST(NULL AS INTEGER), :code, :label, :anchor,"
                " :days, 'days', 'office', :every, 0, false, '', 'dry_run', regions.created_at,"
                " 'migration', 1"
                " FROM reminder_rules AS r JOIN regions ON regions.id = r.region_id"
                " WHERE r.round_id IS NULL AND regions.mode = 'standard'"
            ).bindparams(
                code=f"{NEW}{offset:+d}-office",
                label=label,
                anchor=NEW,
                days=offset,
                every=every,
            )
        )


def downgrade() -> None:
    """Drop what the old version cannot say."""
    op.execute(f"DELETE FROM notifications WHERE object_type = '{NEW}'")
    op.execute(f"DELETE FROM reminder_rules WHERE anchor = '{NEW}'")
    _allow(OLD_ANCHORS)


def _allow(anchors: tuple[str, ...]) -> None:
    name = op.f("ck_reminder_rules_anchor")
    with op.batch_alter_table("reminder_rules") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"anchor IN {anchors!r}")
