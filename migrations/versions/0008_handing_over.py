"""Handing over: clues and their sealed detail, advice and its adoption, changes of post, revisits.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _chosen(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add six tables and the columns of adoption, of kinds of posts, of repeated issues."""
    op.create_table(
        "clue_grants",
        sa.Column("user_id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("granted_by", sa.String(length=120), nullable=False),
        sa.Column("revoked_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_clue_grants_region_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_clue_grants_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_grants")),
    )
    with op.batch_alter_table("clue_grants") as batch:
        batch.create_index(batch.f("ix_clue_grants_region_id"), ["region_id"], unique=False)
        batch.create_index(batch.f("ix_clue_grants_user_id"), ["user_id"], unique=False)

    op.create_table(
        "post_changes",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("post_id", db.Id, nullable=False),
        sa.Column("holding_id", db.Id, nullable=False),
        sa.Column("leaving_id", db.Id, nullable=False),
        sa.Column("arriving_id", db.Id, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            _chosen("state", "prepared", "confirmed", "acknowledged", "cancelled"),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=400), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=120), nullable=True),
        sa.Column("acknowledged_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("way", _chosen("way", "online", "paper"), nullable=True),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("feedback_again_due", sa.Date(), nullable=True),
        sa.Column("feedback_again_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["arriving_id"], ["persons.id"], name=op.f("fk_post_changes_arriving_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_post_changes_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["holding_id"], ["post_holdings.id"], name=op.f("fk_post_changes_holding_id")
        ),
        sa.ForeignKeyConstraint(
            ["leaving_id"], ["persons.id"], name=op.f("fk_post_changes_leaving_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_changes_post_id")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_post_changes_region_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_post_changes_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_changes")),
    )
    with op.batch_alter_table("post_changes") as batch:
        batch.create_index(batch.f("ix_post_changes_arriving_id"), ["arriving_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_file_id"), ["file_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_holding_id"), ["holding_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_leaving_id"), ["leaving_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_post_id"), ["post_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_region_id"), ["region_id"], unique=False)
        batch.create_index(batch.f("ix_post_changes_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "clues",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("direction", _chosen("direction", "out", "in"), nullable=False),
        sa.Column("kind", _chosen("kind", "clue", "petition"), nullable=False),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("inspection_id", db.Id, nullable=True),
        sa.Column("feedback_id", db.Id, nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("counterpart", sa.String(length=120), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("reply_due", sa.Date(), nullable=False),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.Column(
            "disposal",
            _chosen("disposal", "talk", "verify", "hold", "drop", "file", "other"),
            nullable=True,
        ),
        sa.Column("void_reason", sa.String(length=400), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_clues_amount_positive")),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_clues_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_clues_inspection_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_clues_region_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_clues_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clues")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_clues_region_id_code")),
    )
    with op.batch_alter_table("clues") as batch:
        batch.create_index(batch.f("ix_clues_feedback_id"), ["feedback_id"], unique=False)
        batch.create_index(batch.f("ix_clues_inspection_id"), ["inspection_id"], unique=False)
        batch.create_index("ix_clues_region_due", ["region_id", "reply_due"], unique=False)
        batch.create_index(batch.f("ix_clues_round_id"), ["round_id"], unique=False)

    op.create_table(
        "clue_details",
        sa.Column("clue_id", db.Id, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["clue_id"], ["clues.id"], name=op.f("fk_clue_details_clue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_details")),
        sa.UniqueConstraint("clue_id", name=op.f("uq_clue_details_clue_id")),
    )
    op.create_table(
        "revisit_verdicts",
        sa.Column("inspection_id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.Column(
            "verdict",
            _chosen("verdict", "settled", "unsettled", "relapsed", "habitual"),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("judged_by", sa.String(length=120), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_revisit_verdicts_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_revisit_verdicts_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit_verdicts")),
        sa.UniqueConstraint(
            "inspection_id", "issue_id", name=op.f("uq_revisit_verdicts_inspection_id_issue_id")
        ),
    )
    with op.batch_alter_table("revisit_verdicts") as batch:
        batch.create_index(batch.f("ix_revisit_verdicts_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "post_change_items",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("change_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            _chosen("kind", "duty", "unit_task", "plan", "closure", "extension", "letter"),
            nullable=False,
        ),
        sa.Column("task_id", db.Id, nullable=True),
        sa.Column("old_duty_id", db.Id, nullable=True),
        sa.Column("new_duty_id", db.Id, nullable=True),
        sa.Column("document_id", db.Id, nullable=True),
        sa.Column("letter_id", db.Id, nullable=True),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["post_changes.id"], name=op.f("fk_post_change_items_change_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["unit_documents.id"], name=op.f("fk_post_change_items_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["new_duty_id"], ["task_duties.id"], name=op.f("fk_post_change_items_new_duty_id")
        ),
        sa.ForeignKeyConstraint(
            ["old_duty_id"], ["task_duties.id"], name=op.f("fk_post_change_items_old_duty_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_post_change_items_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_change_items")),
    )
    with op.batch_alter_table("post_change_items") as batch:
        batch.create_index(batch.f("ix_post_change_items_change_id"), ["change_id"], unique=False)
        batch.create_index(
            batch.f("ix_post_change_items_document_id"), ["document_id"], unique=False
        )
        batch.create_index(
            batch.f("ix_post_change_items_new_duty_id"), ["new_duty_id"], unique=False
        )
        batch.create_index(
            batch.f("ix_post_change_items_old_duty_id"), ["old_duty_id"], unique=False
        )
        batch.create_index(batch.f("ix_post_change_items_task_id"), ["task_id"], unique=False)

    with op.batch_alter_table("advices") as batch:
        batch.add_column(sa.Column("reply_due", sa.Date(), nullable=True))
        batch.add_column(
            sa.Column(
                "adoption", _chosen("adoption", "adopted", "partly", "not_adopted"), nullable=True
            )
        )
        batch.add_column(sa.Column("answer_text", sa.Text(), nullable=True))
        batch.add_column(sa.Column("answered_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("void_reason", sa.String(length=400), nullable=True))

    with op.batch_alter_table("clue_counts") as batch:
        batch.add_column(sa.Column("clue_id", db.Id, nullable=True))
        batch.create_index(batch.f("ix_clue_counts_clue_id"), ["clue_id"], unique=False)
        batch.create_foreign_key(batch.f("fk_clue_counts_clue_id"), "clues", ["clue_id"], ["id"])

    with op.batch_alter_table("issues") as batch:
        batch.add_column(sa.Column("repeats_issue_id", db.Id, nullable=True))
        batch.create_index(
            batch.f("ix_issues_repeats_issue_id"), ["repeats_issue_id"], unique=False
        )
        batch.create_foreign_key(
            batch.f("fk_issues_repeats_issue_id"), "issues", ["repeats_issue_id"], ["id"]
        )

    with op.batch_alter_table("posts") as batch:
        batch.add_column(
            sa.Column(
                "kind",
                _chosen("kind", "head", "deputy", "liaison", "office", "other"),
                nullable=False,
                server_default="other",
            )
        )
    _guard("post_change_items")
    # What had a day of adoption was adopted: figures count by that day before and after.
    op.execute(
        "UPDATE advices SET adoption = 'adopted', answered_on = adopted_on "
        "WHERE adopted_on IS NOT NULL"
    )


def _guard(table: str) -> None:
    """A list that was taken over is not rewritten; dropping the table drops its guards."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("UPDATE", "DELETE"):
        does = (
            "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            if on_sqlite
            else "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
        )
        op.execute(f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} {does}")


def downgrade() -> None:
    """Drop what this version added."""
    with op.batch_alter_table("posts") as batch:
        batch.drop_constraint(op.f("ck_posts_kind"), type_="check")
        batch.drop_column("kind")

    with op.batch_alter_table("issues") as batch:
        batch.drop_constraint(batch.f("fk_issues_repeats_issue_id"), type_="foreignkey")
        batch.drop_index(batch.f("ix_issues_repeats_issue_id"))
        batch.drop_column("repeats_issue_id")

    with op.batch_alter_table("clue_counts") as batch:
        batch.drop_constraint(batch.f("fk_clue_counts_clue_id"), type_="foreignkey")
        batch.drop_index(batch.f("ix_clue_counts_clue_id"))
        batch.drop_column("clue_id")

    with op.batch_alter_table("advices") as batch:
        batch.drop_column("void_reason")
        batch.drop_column("answered_on")
        batch.drop_column("answer_text")
        batch.drop_constraint(op.f("ck_advices_adoption"), type_="check")
        batch.drop_column("adoption")
        batch.drop_column("reply_due")

    op.drop_table("post_change_items")
    op.drop_table("revisit_verdicts")
    op.drop_table("clue_details")
    op.drop_table("clues")
    op.drop_table("post_changes")
    op.drop_table("clue_grants")
