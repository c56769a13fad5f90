"""本月填报: months' reports; forms that were saved, drafts of those that were not.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WAY = sa.Enum(
    "online",
    "scan",
    "authorised",
    name="way",
    native_enum=False,
    create_constraint=True,
    length=40,
)


def upgrade() -> None:
    """Make the tables; both are empty after every upgrade."""
    op.create_table(
        "form_submissions",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("location", sa.String(2000)),
        sa.PrimaryKeyConstraint("id", name="pk_form_submissions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_form_submissions_user_id"),
        sa.UniqueConstraint(
            "user_id", "token", "digest", name="uq_form_submissions_user_id_token_digest"
        ),
    )
    op.create_table(
        "drafts",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("form_key", sa.String(400), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_drafts_user_id"),
        sa.UniqueConstraint("user_id", "form_key", name="uq_drafts_user_id_form_key"),
    )
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])
    _months()


def _months() -> None:
    op.create_table(
        "monthly_reports",
        sa.Column("region_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("submitted_by", sa.String(120), nullable=False),
        sa.Column("submitter_user_id", Id),
        sa.Column("on_behalf_of", sa.String(120)),
        sa.Column("signed_on", sa.Date()),
        sa.Column("signed_by", sa.String(120)),
        sa.Column("signer_user_id", Id),
        sa.Column("lent_by", sa.String(120)),
        sa.Column("way", WAY),
        sa.Column("pledge", sa.String(400)),
        sa.Column("file_id", Id),
        sa.Column("returned_on", sa.Date()),
        sa.Column("return_reason", sa.String(2000)),
        sa.Column("id", Id, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("updated_at", UtcDateTime()),
        sa.Column("updated_by", sa.String(120)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monthly_reports"),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name="fk_monthly_reports_region_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_monthly_reports_unit_id"),
        sa.ForeignKeyConstraint(
            ["submitter_user_id"], ["users.id"], name="fk_monthly_reports_submitter_user_id"
        ),
        sa.ForeignKeyConstraint(
            ["signer_user_id"], ["users.id"], name="fk_monthly_reports_signer_user_id"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name="fk_monthly_reports_file_id"
        ),
        sa.UniqueConstraint(
            "unit_id",
            "region_id",
            "month",
            "seq",
            name="uq_monthly_reports_unit_id_region_id_month_seq",
        ),
    )
    op.create_index("ix_monthly_reports_region_id", "monthly_reports", ["region_id"])
    op.create_index("ix_monthly_reports_file_id", "monthly_reports", ["file_id"])
    op.create_table(
        "monthly_report_lines",
        sa.Column("id", Id, nullable=False),
        sa.Column("report_id", Id, nullable=False),
        sa.Column("progress_report_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_monthly_report_lines"),
        sa.ForeignKeyConstraint(
            ["report_id"], ["monthly_reports.id"], name="fk_monthly_report_lines_report_id"
        ),
        sa.ForeignKeyConstraint(
            ["progress_report_id"],
            ["progress_reports.id"],
            name="fk_monthly_report_lines_progress_report_id",
        ),
        sa.UniqueConstraint(
            "progress_report_id", name="uq_monthly_report_lines_progress_report_id"
        ),
    )
    op.create_index("ix_monthly_report_lines_report_id", "monthly_report_lines", ["report_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("monthly_report_lines")
    op.drop_table("monthly_reports")
    op.drop_table("drafts")
    op.drop_table("form_submissions")
