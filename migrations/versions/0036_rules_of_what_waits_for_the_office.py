"""The office is reminded of plans and extensions that wait for it; 简易模式 of county submissions.

An office that has rules of its own gets the new ones in dry run, as any new rule starts.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

OLD_ANCHORS = (
    "task_due",
    "plan_due",
    "milestone_due",
    "review_due",
    "office_review",
    "letter_reply",
    "county_submission",
)
NEW = ("plan_review", "extension_review")
THEN = "，此后每 5 个工作日"
# mode, code, label, anchor, offset, of what, every so many working days, audience
RULES = (
    ("standard", "plan_review+3", f"方案待审核满 3 个工作日{THEN}", NEW[0], 3, "workdays", 5, "office"),
    ("standard", "extension_review+3", f"延期待审批满 3 个工作日{THEN}", NEW[1], 3, "workdays", 5, "lead"),
    ("simple", "county_submission-3-office", "到期前 3 天", OLD_ANCHORS[6], -3, "days", 0, "office"),
    ("simple", "county_submission+1-office", f"逾期第 1 天{THEN}", OLD_ANCHORS[6], 1, "days", 5, "office"),
)  # fmt: skip
MADE_BY = "migration of waiting"


def upgrade() -> None:
    """Allow the anchors; add the rules to those of each office of the mode that has not got them."""
    _allow((*OLD_ANCHORS, *NEW))
    bind = op.get_bind()
    for mode, code, label, anchor, days, kind, every, audience in RULES:
        bind.execute(
            sa.text(
                "INSERT INTO reminder_rules (region_id, round_id, code, label, anchor, offset_days,"
                " offset_kind, audience, every_workdays, min_span_days, is_in_product_only,"
                " wording, status, created_at, created_by, version)"
                " SELECT DISTINCT r.region_id, CAST(NULL AS INTEGER), :code, :label, :anchor,"
                " :days, :kind, :audience, :every, 0, false, '', 'dry_run', regions.created_at,"
                " :made_by, 1"
                " FROM reminder_rules AS r JOIN regions ON regions.id = r.region_id"
                " WHERE r.round_id IS NULL AND regions.mode = :mode AND NOT EXISTS"
                " (SELECT 1 FROM reminder_rules AS o"
                " WHERE o.region_id = r.region_id AND o.code = :code)"
            ).bindparams(
                mode=mode,
                code=code,
                label=label,
                anchor=anchor,
                days=days,
                kind=kind,
                every=every,
                audience=audience,
                made_by=MADE_BY,
            )
        )


def downgrade() -> None:
    """Drop what the old version cannot say, and what was added here."""
    op.execute(
        "DELETE FROM notifications WHERE object_type = 'extension' OR rule IN"
        f" (SELECT code FROM reminder_rules WHERE anchor IN {NEW!r})"
    )
    op.execute(f"DELETE FROM reminder_rules WHERE anchor IN {NEW!r} OR created_by = '{MADE_BY}'")
    _allow(OLD_ANCHORS)


def _allow(anchors: tuple[str, ...]) -> None:
    name = op.f("ck_reminder_rules_anchor")
    with op.batch_alter_table("reminder_rules") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"anchor IN {anchors!r}")
