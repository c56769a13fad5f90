"""All tables of the first release.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_entries",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("user_id", db.Id, nullable=True),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=True),
        sa.Column("object_id", db.Id, nullable=True),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_entries_seq")),
    )
    op.create_index(
        "ix_audit_entries_object", "audit_entries", ["object_type", "object_id"], unique=False
    )
    op.create_table(
        "audit_heads",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "calendar_days",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "workday",
                "day_off",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "notice",
                "estimate",
                "manual",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_days")),
        sa.UniqueConstraint("on", name=op.f("uq_calendar_days_on")),
    )
    op.create_table(
        "job_leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("expires_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_leases")),
    )
    op.create_table(
        "job_runs",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=60), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "running",
                "done",
                "failed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=True),
        sa.Column("started_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_job_runs_job_slot")),
    )
    op.create_table(
        "regions",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "city", "county", name="level", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("parent_id", db.Id, nullable=True),
        sa.Column("sort_no", sa.Integer(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["regions.id"], name=op.f("fk_regions_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint("code", name=op.f("uq_regions_code")),
    )
    op.create_index(op.f("ix_regions_parent_id"), "regions", ["parent_id"], unique=False)
    op.create_table(
        "robot_attempts",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("key_mark", sa.String(length=64), nullable=False),
        sa.Column("at", db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_robot_attempts")),
    )
    op.create_index("ix_robot_attempts_key_at", "robot_attempts", ["key_mark", "at"], unique=False)
    op.create_table(
        "robot_budgets",
        sa.Column("key_mark", sa.String(length=64), nullable=False),
        sa.Column("paused_until", db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key_mark", name=op.f("pk_robot_budgets")),
    )
    op.create_table(
        "settings",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=2000), nullable=False),
        sa.Column("changed_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
        sa.UniqueConstraint("scope", "key", name=op.f("uq_settings_scope_key")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("at", db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(
        "ix_sign_in_failures_address_at", "sign_in_failures", ["address", "at"], unique=False
    )
    op.create_index(
        "ix_sign_in_failures_username_at", "sign_in_failures", ["username", "at"], unique=False
    )
    op.create_table(
        "stored_files",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("storage_name", sa.String(length=80), nullable=False),
        sa.Column("original_name", sa.String(length=255), nullable=False),
        sa.Column("extension", sa.String(length=10), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stored_by", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("storage_name", name=op.f("uq_stored_files_storage_name")),
    )
    op.create_index(op.f("ix_stored_files_sha256"), "stored_files", ["sha256"], unique=False)
    op.create_table(
        "deadline_profiles",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("plan_months", sa.Integer(), nullable=False),
        sa.Column("concentrated_months", sa.Integer(), nullable=False),
        sa.Column("report_months", sa.Integer(), nullable=False),
        sa.Column("move_to_workday", sa.Boolean(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_deadline_profiles_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_profiles")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_deadline_profiles_region_id_name")),
    )
    op.create_index(
        op.f("ix_deadline_profiles_region_id"), "deadline_profiles", ["region_id"], unique=False
    )
    op.create_table(
        "dictionary_entries",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=True),
        sa.Column("dictionary", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("sort_no", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_dictionary_entries_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dictionary_entries")),
        sa.UniqueConstraint(
            "region_id",
            "dictionary",
            "code",
            name=op.f("uq_dictionary_entries_region_id_dictionary_code"),
        ),
    )
    op.create_table(
        "period_figures",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("source_document", sa.String(length=200), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_period_figures_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_figures")),
        sa.UniqueConstraint(
            "region_id",
            "metric",
            "period_start",
            "period_end",
            "entered_on",
            name=op.f("uq_period_figures_region_id_metric_period_start_period_end_entered_on"),
        ),
    )
    op.create_index(
        "ix_period_figures_metric", "period_figures", ["metric", "period_end"], unique=False
    )
    op.create_index(
        op.f("ix_period_figures_region_id"), "period_figures", ["region_id"], unique=False
    )
    op.create_table(
        "persons",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("wecom_userid", sa.String(length=64), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_persons_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    op.create_index("ix_persons_region_name", "persons", ["region_id", "name"], unique=False)
    op.create_table(
        "reminder_rules",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column(
            "anchor",
            sa.Enum(
                "task_due",
                "plan_due",
                "milestone_due",
                "review_due",
                "office_review",
                name="anchor",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("every_workdays", sa.Integer(), nullable=False),
        sa.Column("min_span_days", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "unit",
                "office",
                "liaisons",
                "lead",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_in_product_only", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "dry_run",
                "active",
                "off",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_reminder_rules_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rules")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_reminder_rules_region_id_code")),
    )
    op.create_index(
        op.f("ix_reminder_rules_region_id"), "reminder_rules", ["region_id"], unique=False
    )
    op.create_table(
        "snapshots",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("basis", sa.String(length=120), nullable=False),
        sa.Column("numerator", sa.Numeric(precision=16, scale=4), nullable=False),
        sa.Column("denominator", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("row_ids", sa.Text(), nullable=False),
        sa.Column("taken_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_snapshots_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint(
            "region_id",
            "as_of",
            "metric",
            "basis",
            name=op.f("uq_snapshots_region_id_as_of_metric_basis"),
        ),
    )
    op.create_table(
        "supervisor_orgs",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_supervisor_orgs_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_orgs")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_supervisor_orgs_region_id_name")),
    )
    op.create_index(
        op.f("ix_supervisor_orgs_region_id"), "supervisor_orgs", ["region_id"], unique=False
    )
    op.create_table(
        "terms",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_terms_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("region_id", "number", name=op.f("uq_terms_region_id_number")),
    )
    op.create_index(op.f("ix_terms_region_id"), "terms", ["region_id"], unique=False)
    op.create_table(
        "rounds",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("term_id", db.Id, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular",
                "special",
                "mobile",
                "focused",
                "revisit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("theme", sa.String(length=200), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "planned",
                "onsite",
                "rectifying",
                "archived",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("profile_id", db.Id, nullable=False),
        sa.Column("needs_acknowledgement", sa.Boolean(), nullable=False),
        sa.Column("needs_plan_review", sa.Boolean(), nullable=False),
        sa.Column("needs_sign_off", sa.Boolean(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["deadline_profiles.id"], name=op.f("fk_rounds_profile_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_rounds_region_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_rounds_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_rounds_region_id_code")),
        sa.UniqueConstraint("term_id", "seq", name=op.f("uq_rounds_term_id_seq")),
    )
    op.create_index(op.f("ix_rounds_profile_id"), "rounds", ["profile_id"], unique=False)
    op.create_index(op.f("ix_rounds_region_id"), "rounds", ["region_id"], unique=False)
    op.create_index(op.f("ix_rounds_term_id"), "rounds", ["term_id"], unique=False)
    op.create_table(
        "units",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "department",
                "town",
                "village",
                "community",
                "school",
                "enterprise",
                "other",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sort_no", sa.Integer(), nullable=False),
        sa.Column("party_org_type", sa.String(length=40), nullable=True),
        sa.Column("parent_id", db.Id, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("merged_into_id", db.Id, nullable=True),
        sa.Column("supervisor_org_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["units.id"], name=op.f("fk_units_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name=op.f("fk_units_parent_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_units_region_id")),
        sa.ForeignKeyConstraint(
            ["supervisor_org_id"], ["supervisor_orgs.id"], name=op.f("fk_units_supervisor_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_units")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_units_region_id_code")),
    )
    op.create_index(op.f("ix_units_merged_into_id"), "units", ["merged_into_id"], unique=False)
    op.create_index(op.f("ix_units_parent_id"), "units", ["parent_id"], unique=False)
    op.create_index(op.f("ix_units_region_id"), "units", ["region_id"], unique=False)
    op.create_index(
        op.f("ix_units_supervisor_org_id"), "units", ["supervisor_org_id"], unique=False
    )
    op.create_table(
        "batches",
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_batches_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
        sa.UniqueConstraint("round_id", "seq", name=op.f("uq_batches_round_id_seq")),
    )
    op.create_table(
        "channels",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "shared",
                "unit",
                "office",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", db.Id, nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sealed_url", sa.Text(), nullable=False),
        sa.Column("key_mark", sa.String(length=64), nullable=False),
        sa.Column("key_tail", sa.String(length=8), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "broken",
                "disabled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=400), nullable=True),
        sa.Column("last_sent_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.String(length=160), nullable=True),
        sa.Column("claimed_until", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_channels_region_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_channels_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_channels_region_id_name")),
    )
    op.create_index(op.f("ix_channels_key_mark"), "channels", ["key_mark"], unique=False)
    op.create_index(op.f("ix_channels_region_id"), "channels", ["region_id"], unique=False)
    op.create_index(op.f("ix_channels_unit_id"), "channels", ["unit_id"], unique=False)
    op.create_table(
        "coverage_targets",
        sa.Column("term_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("counted_in_region_id", db.Id, nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("uncounted_reason", sa.String(length=400), nullable=True),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("planned_round_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["counted_in_region_id"],
            ["regions.id"],
            name=op.f("fk_coverage_targets_counted_in_region_id"),
        ),
        sa.ForeignKeyConstraint(
            ["planned_round_id"], ["rounds.id"], name=op.f("fk_coverage_targets_planned_round_id")
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["terms.id"], name=op.f("fk_coverage_targets_term_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_coverage_targets_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_targets")),
        sa.UniqueConstraint("term_id", "unit_id", name=op.f("uq_coverage_targets_term_id_unit_id")),
    )
    op.create_index(
        op.f("ix_coverage_targets_counted_in_region_id"),
        "coverage_targets",
        ["counted_in_region_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_coverage_targets_planned_round_id"),
        "coverage_targets",
        ["planned_round_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_coverage_targets_unit_id"), "coverage_targets", ["unit_id"], unique=False
    )
    op.create_table(
        "import_batches",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column("file_id", db.Id, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "preview",
                "applied",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("fed_back_on", sa.Date(), nullable=False),
        sa.Column("applied_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("issues_made", sa.Integer(), nullable=False),
        sa.Column("tasks_made", sa.Integer(), nullable=False),
        sa.Column("measures_made", sa.Integer(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_import_batches_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_import_batches_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.id"], name=op.f("fk_import_batches_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
    )
    op.create_index(
        op.f("ix_import_batches_region_id"), "import_batches", ["region_id"], unique=False
    )
    op.create_index(
        op.f("ix_import_batches_round_id"), "import_batches", ["round_id"], unique=False
    )
    op.create_table(
        "posts",
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_posts_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("unit_id", "title", name=op.f("uq_posts_unit_id_title")),
    )
    op.create_index(op.f("ix_posts_unit_id"), "posts", ["unit_id"], unique=False)
    op.create_table(
        "report_runs",
        sa.Column(
            "kind",
            sa.Enum("weekly", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "internal",
                "issued",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("docx_id", db.Id, nullable=False),
        sa.Column("xlsx_id", db.Id, nullable=False),
        sa.Column("issued_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.String(length=120), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["docx_id"], ["stored_files.id"], name=op.f("fk_report_runs_docx_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_report_runs_region_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_report_runs_round_id")),
        sa.ForeignKeyConstraint(
            ["xlsx_id"], ["stored_files.id"], name=op.f("fk_report_runs_xlsx_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_runs")),
        sa.UniqueConstraint(
            "kind",
            "region_id",
            "round_id",
            "as_of",
            name=op.f("uq_report_runs_kind_region_id_round_id_as_of"),
        ),
        sa.UniqueConstraint(
            "kind",
            "region_id",
            "round_id",
            "edition",
            name=op.f("uq_report_runs_kind_region_id_round_id_edition"),
        ),
    )
    op.create_index(op.f("ix_report_runs_region_id"), "report_runs", ["region_id"], unique=False)
    op.create_index(op.f("ix_report_runs_round_id"), "report_runs", ["round_id"], unique=False)
    op.create_table(
        "round_modes",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "upgraded",
                "cross",
                "joint",
                "extended",
                name="mode",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_modes_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_modes")),
        sa.UniqueConstraint("round_id", "mode", name=op.f("uq_round_modes_round_id_mode")),
    )
    op.create_table(
        "teams",
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("leader_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["persons.id"], name=op.f("fk_teams_leader_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_teams_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("round_id", "name", name=op.f("uq_teams_round_id_name")),
    )
    op.create_index(op.f("ix_teams_leader_id"), "teams", ["leader_id"], unique=False)
    op.create_table(
        "unit_pauses",
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_pauses_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_pauses")),
    )
    op.create_index(op.f("ix_unit_pauses_unit_id"), "unit_pauses", ["unit_id"], unique=False)
    op.create_table(
        "users",
        sa.Column("person_id", db.Id, nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "office_clerk",
                "office_lead",
                "unit_liaison",
                "unit_head",
                "supervisor",
                "leader",
                "sys_admin",
                "security_admin",
                "audit_admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=True),
        sa.Column("supervisor_org_id", db.Id, nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("password_changed_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("locked_until", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_users_person_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_users_region_id")),
        sa.ForeignKeyConstraint(
            ["supervisor_org_id"], ["supervisor_orgs.id"], name=op.f("fk_users_supervisor_org_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_users_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_index(op.f("ix_users_person_id"), "users", ["person_id"], unique=False)
    op.create_index(op.f("ix_users_region_id"), "users", ["region_id"], unique=False)
    op.create_index(
        op.f("ix_users_supervisor_org_id"), "users", ["supervisor_org_id"], unique=False
    )
    op.create_index(op.f("ix_users_unit_id"), "users", ["unit_id"], unique=False)
    op.create_table(
        "delegations",
        sa.Column("from_user_id", db.Id, nullable=False),
        sa.Column("to_user_id", db.Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("revoked_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_user_id"], ["users.id"], name=op.f("fk_delegations_from_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["to_user_id"], ["users.id"], name=op.f("fk_delegations_to_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(
        op.f("ix_delegations_from_user_id"), "delegations", ["from_user_id"], unique=False
    )
    op.create_index(op.f("ix_delegations_to_user_id"), "delegations", ["to_user_id"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("channel_id", db.Id, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("composed_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("composed_by", sa.String(length=160), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "retry_at",
                "failed",
                "uncertain",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("retry_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_digests_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("number", name=op.f("uq_digests_number")),
    )
    op.create_index(op.f("ix_digests_channel_id"), "digests", ["channel_id"], unique=False)
    op.create_index(
        "ix_digests_open",
        "digests",
        ["channel_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
        sqlite_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
    )
    op.create_table(
        "inspections",
        sa.Column("round_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("batch_id", db.Id, nullable=True),
        sa.Column("team_id", db.Id, nullable=True),
        sa.Column("conducting_region_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular",
                "special",
                "mobile",
                "focused",
                "revisit",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("counts_for_coverage", sa.Boolean(), nullable=False),
        sa.Column("onsite_start", sa.Date(), nullable=True),
        sa.Column("onsite_end", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=op.f("fk_inspections_batch_id")),
        sa.ForeignKeyConstraint(
            ["conducting_region_id"],
            ["regions.id"],
            name=op.f("fk_inspections_conducting_region_id"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_inspections_round_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_inspections_team_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_inspections_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("round_id", "unit_id", name=op.f("uq_inspections_round_id_unit_id")),
    )
    op.create_index(op.f("ix_inspections_batch_id"), "inspections", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_inspections_conducting_region_id"),
        "inspections",
        ["conducting_region_id"],
        unique=False,
    )
    op.create_index(op.f("ix_inspections_onsite_end"), "inspections", ["onsite_end"], unique=False)
    op.create_index(op.f("ix_inspections_team_id"), "inspections", ["team_id"], unique=False)
    op.create_index(op.f("ix_inspections_unit_id"), "inspections", ["unit_id"], unique=False)
    op.create_table(
        "post_holdings",
        sa.Column("person_id", db.Id, nullable=False),
        sa.Column("post_id", db.Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_post_holdings_person_id")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name=op.f("fk_post_holdings_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holdings")),
    )
    op.create_index(
        op.f("ix_post_holdings_person_id"), "post_holdings", ["person_id"], unique=False
    )
    op.create_index(op.f("ix_post_holdings_post_id"), "post_holdings", ["post_id"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("user_id", db.Id, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=40), nullable=True),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_user_sessions_token_sha256")),
    )
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"], unique=False)
    op.create_table(
        "advices",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("inspection_id", db.Id, nullable=True),
        sa.Column("unit_id", db.Id, nullable=True),
        sa.Column("addressee", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("adopted_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_advices_inspection_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_advices_region_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_advices_round_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_advices_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advices")),
    )
    op.create_index(op.f("ix_advices_inspection_id"), "advices", ["inspection_id"], unique=False)
    op.create_index(op.f("ix_advices_issued_on"), "advices", ["issued_on"], unique=False)
    op.create_index(op.f("ix_advices_region_id"), "advices", ["region_id"], unique=False)
    op.create_index(op.f("ix_advices_round_id"), "advices", ["round_id"], unique=False)
    op.create_index(op.f("ix_advices_unit_id"), "advices", ["unit_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("digest_id", db.Id, nullable=False),
        sa.Column("part_no", sa.Integer(), nullable=False),
        sa.Column("part_count", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "retry_at",
                "failed",
                "uncertain",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("retry_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=True),
        sa.Column("attempted_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_deliveries_digest_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("digest_id", "part_no", name=op.f("uq_deliveries_digest_id_part_no")),
    )
    op.create_table(
        "feedbacks",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "central_inspection",
                "province_inspection",
                "city_inspection",
                "county_inspection",
                "political_ecology",
                "responsibility_check",
                "environment",
                "audit",
                "congress",
                "supervision_group",
                "other",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("inspection_id", db.Id, nullable=True),
        sa.Column("fed_back_on", sa.Date(), nullable=True),
        sa.Column("profile_id", db.Id, nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_feedbacks_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["deadline_profiles.id"], name=op.f("fk_feedbacks_profile_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_feedbacks_region_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_feedbacks_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedbacks")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_feedbacks_region_id_code")),
    )
    op.create_index(
        op.f("ix_feedbacks_inspection_id"), "feedbacks", ["inspection_id"], unique=False
    )
    op.create_index(op.f("ix_feedbacks_profile_id"), "feedbacks", ["profile_id"], unique=False)
    op.create_index(op.f("ix_feedbacks_region_id"), "feedbacks", ["region_id"], unique=False)
    op.create_index(op.f("ix_feedbacks_round_id"), "feedbacks", ["round_id"], unique=False)
    op.create_table(
        "milestones",
        sa.Column("inspection_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "feedback_leadership",
                "feedback_head",
                "plan",
                "democratic_meeting",
                "monthly_report",
                "progress_report",
                "head_report",
                "party_notice",
                "public_notice",
                "assessment",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("exempt_reason", sa.String(length=400), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_milestones_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_milestones_inspection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint(
            "inspection_id", "kind", "seq", name=op.f("uq_milestones_inspection_id_kind_seq")
        ),
    )
    op.create_index(op.f("ix_milestones_due_on"), "milestones", ["due_on"], unique=False)
    op.create_index(op.f("ix_milestones_file_id"), "milestones", ["file_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", db.Id, nullable=False),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "unit",
                "office",
                "liaisons",
                "lead",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=True),
        sa.Column("channel_id", db.Id, nullable=True),
        sa.Column("digest_id", db.Id, nullable=True),
        sa.Column("part_no", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "retry_at",
                "failed",
                "uncertain",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=400), nullable=True),
        sa.Column("not_before", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("queued_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_notifications_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_notifications_digest_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_notifications_region_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_notifications_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint(
            "rule",
            "object_type",
            "object_id",
            "reopen_count",
            "anchor_on",
            "occurrence",
            "audience",
            name="uq_notifications_key",
        ),
    )
    op.create_index(
        op.f("ix_notifications_digest_id"), "notifications", ["digest_id"], unique=False
    )
    op.create_index(
        "ix_notifications_object", "notifications", ["object_type", "object_id"], unique=False
    )
    op.create_index(
        op.f("ix_notifications_region_id"), "notifications", ["region_id"], unique=False
    )
    op.create_index(op.f("ix_notifications_unit_id"), "notifications", ["unit_id"], unique=False)
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["not_before"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
        sqlite_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
    )
    op.create_table(
        "clue_counts",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("term_id", db.Id, nullable=True),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("inspection_id", db.Id, nullable=True),
        sa.Column("feedback_id", db.Id, nullable=True),
        sa.Column(
            "measure",
            sa.Enum(
                "found",
                "transferred",
                "received",
                "settled",
                "cases",
                "persons_filed",
                "persons_punished",
                name="measure",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "clue",
                "petition",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("source_document", sa.String(length=200), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_clue_counts_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_clue_counts_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_clue_counts_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_clue_counts_region_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_clue_counts_round_id")),
        sa.ForeignKeyConstraint(["term_id"], ["terms.id"], name=op.f("fk_clue_counts_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clue_counts")),
    )
    op.create_index(
        op.f("ix_clue_counts_feedback_id"), "clue_counts", ["feedback_id"], unique=False
    )
    op.create_index(
        op.f("ix_clue_counts_inspection_id"), "clue_counts", ["inspection_id"], unique=False
    )
    op.create_index(
        "ix_clue_counts_region_day", "clue_counts", ["region_id", "occurred_on"], unique=False
    )
    op.create_index(op.f("ix_clue_counts_round_id"), "clue_counts", ["round_id"], unique=False)
    op.create_index(op.f("ix_clue_counts_term_id"), "clue_counts", ["term_id"], unique=False)
    op.create_table(
        "feedback_recipients",
        sa.Column("feedback_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "leadership",
                "head",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_feedback_recipients_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_feedback_recipients_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_recipients")),
        sa.UniqueConstraint(
            "feedback_id",
            "unit_id",
            "kind",
            name=op.f("uq_feedback_recipients_feedback_id_unit_id_kind"),
        ),
    )
    op.create_index(
        op.f("ix_feedback_recipients_unit_id"), "feedback_recipients", ["unit_id"], unique=False
    )
    op.create_table(
        "issues",
        sa.Column("feedback_id", db.Id, nullable=False),
        sa.Column("inspection_id", db.Id, nullable=True),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("issue_no", sa.String(length=40), nullable=False),
        sa.Column("cat_l1", sa.String(length=120), nullable=True),
        sa.Column("cat_l2", sa.String(length=120), nullable=True),
        sa.Column(
            "nature",
            sa.Enum(
                "common",
                "individual",
                name="nature",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "importance",
            sa.Enum(
                "normal",
                "important",
                name="importance",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "sensitivity",
            sa.Enum(
                "normal",
                "internal",
                "sensitive",
                name="sensitivity",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("is_immediate", sa.Boolean(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_issues_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_issues_inspection_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_issues_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issues")),
        sa.UniqueConstraint("feedback_id", "issue_no", name=op.f("uq_issues_feedback_id_issue_no")),
    )
    op.create_index(op.f("ix_issues_inspection_id"), "issues", ["inspection_id"], unique=False)
    op.create_index(op.f("ix_issues_region_id"), "issues", ["region_id"], unique=False)
    op.create_table(
        "unit_documents",
        sa.Column("feedback_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "plan",
                "progress_report",
                "head_report",
                "public_notice",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("passed_on", sa.Date(), nullable=True),
        sa.Column("return_count", sa.Integer(), nullable=False),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_unit_documents_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_unit_documents_file_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_unit_documents_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_documents")),
        sa.UniqueConstraint(
            "feedback_id",
            "unit_id",
            "kind",
            name=op.f("uq_unit_documents_feedback_id_unit_id_kind"),
        ),
    )
    op.create_index(op.f("ix_unit_documents_file_id"), "unit_documents", ["file_id"], unique=False)
    op.create_index(op.f("ix_unit_documents_unit_id"), "unit_documents", ["unit_id"], unique=False)
    op.create_table(
        "document_events",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("document_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "submitted",
                "withdrawn",
                "signed",
                "returned_by_head",
                "returned",
                "passed",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("actor_user_id", db.Id, nullable=True),
        sa.Column("on_behalf_of", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_document_events_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["unit_documents.id"], name=op.f("fk_document_events_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_events")),
    )
    op.create_index(
        op.f("ix_document_events_document_id"), "document_events", ["document_id"], unique=False
    )
    op.create_table(
        "document_signatures",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("document_id", db.Id, nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "online",
                "scan",
                "authorised",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("signed_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("pledge", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["unit_documents.id"], name=op.f("fk_document_signatures_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_document_signatures_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_signatures")),
    )
    op.create_index(
        op.f("ix_document_signatures_document_id"),
        "document_signatures",
        ["document_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_document_signatures_file_id"), "document_signatures", ["file_id"], unique=False
    )
    op.create_table(
        "issue_tags",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_tags_issue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_tags")),
        sa.UniqueConstraint("issue_id", "tag", name=op.f("uq_issue_tags_issue_id_tag")),
    )
    op.create_index(op.f("ix_issue_tags_tag"), "issue_tags", ["tag"], unique=False)
    op.create_table(
        "issue_units",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_issue_units_issue_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_issue_units_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue_units")),
        sa.UniqueConstraint("issue_id", "unit_id", name=op.f("uq_issue_units_issue_id_unit_id")),
    )
    op.create_index(op.f("ix_issue_units_unit_id"), "issue_units", ["unit_id"], unique=False)
    op.create_table(
        "tasks",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("feedback_id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.Column("lead_unit_id", db.Id, nullable=False),
        sa.Column("task_no", sa.String(length=60), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "immediate",
                "dated",
                "long_term",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "issued",
                "planning",
                "plan_review",
                "in_progress",
                "unit_check",
                "office_review",
                "closed",
                "long_term",
                "void",
                "ended",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_text_raw", sa.String(length=400), nullable=True),
        sa.Column("original_due", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_due_doubtful", sa.Boolean(), nullable=False),
        sa.Column("is_long_term", sa.Boolean(), nullable=False),
        sa.Column(
            "completion",
            sa.Enum(
                "done",
                "mostly",
                "partly",
                "not_done",
                name="completion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "confirmed_completion",
            sa.Enum(
                "done",
                "mostly",
                "partly",
                "not_done",
                name="confirmed_completion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("is_sustained", sa.Boolean(), nullable=False),
        sa.Column("is_historic", sa.Boolean(), nullable=False),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("next_review_on", sa.Date(), nullable=True),
        sa.Column("stage_goal", sa.Text(), nullable=True),
        sa.Column("lead_dept", sa.String(length=200), nullable=True),
        sa.Column("support_depts", sa.String(length=400), nullable=True),
        sa.Column("watch_level", sa.String(length=40), nullable=True),
        sa.Column("watch_leader_id", db.Id, nullable=True),
        sa.Column("watched_from", sa.Date(), nullable=True),
        sa.Column("last_progress_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_tasks_feedback_id")
        ),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], name=op.f("fk_tasks_issue_id")),
        sa.ForeignKeyConstraint(["lead_unit_id"], ["units.id"], name=op.f("fk_tasks_lead_unit_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_tasks_region_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_tasks_round_id")),
        sa.ForeignKeyConstraint(
            ["watch_leader_id"], ["persons.id"], name=op.f("fk_tasks_watch_leader_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("region_id", "task_no", name=op.f("uq_tasks_region_id_task_no")),
    )
    op.create_index(op.f("ix_tasks_feedback_id"), "tasks", ["feedback_id"], unique=False)
    op.create_index(op.f("ix_tasks_issue_id"), "tasks", ["issue_id"], unique=False)
    op.create_index(
        "ix_tasks_open_due",
        "tasks",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('closed', 'void', 'ended')"),
        sqlite_where=sa.text("state NOT IN ('closed', 'void', 'ended')"),
    )
    op.create_index(
        "ix_tasks_region_state", "tasks", ["region_id", "state", "due_on"], unique=False
    )
    op.create_index(op.f("ix_tasks_round_id"), "tasks", ["round_id"], unique=False)
    op.create_index(
        "ix_tasks_unit_state", "tasks", ["lead_unit_id", "state", "due_on"], unique=False
    )
    op.create_index(op.f("ix_tasks_watch_leader_id"), "tasks", ["watch_leader_id"], unique=False)
    op.create_table(
        "evidences",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("file_id", db.Id, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("is_confirmed_not_secret", sa.Boolean(), nullable=False),
        sa.Column("replaces_id", db.Id, nullable=True),
        sa.Column("withdrawn_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=400), nullable=True),
        sa.Column("uploader_user_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_evidences_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["evidences.id"], name=op.f("fk_evidences_replaces_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_evidences_task_id")),
        sa.ForeignKeyConstraint(
            ["uploader_user_id"], ["users.id"], name=op.f("fk_evidences_uploader_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidences")),
    )
    op.create_index(op.f("ix_evidences_file_id"), "evidences", ["file_id"], unique=False)
    op.create_index(op.f("ix_evidences_replaces_id"), "evidences", ["replaces_id"], unique=False)
    op.create_index(op.f("ix_evidences_task_id"), "evidences", ["task_id"], unique=False)
    op.create_table(
        "extensions",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "signed",
                "granted",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old_due", sa.Date(), nullable=False),
        sa.Column("new_due", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_extensions_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extensions")),
    )
    op.create_index(op.f("ix_extensions_task_id"), "extensions", ["task_id"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("batch_id", db.Id, nullable=False),
        sa.Column("sheet", sa.String(length=80), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(
                "refused",
                "doubtful",
                "new",
                "known",
                "ignored",
                name="fate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("task_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batches.id"], name=op.f("fk_import_rows_batch_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_import_rows_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
        sa.UniqueConstraint(
            "batch_id", "sheet", "row_no", name=op.f("uq_import_rows_batch_id_sheet_row_no")
        ),
    )
    op.create_index("ix_import_rows_fate", "import_rows", ["batch_id", "fate", "id"], unique=False)
    op.create_index(op.f("ix_import_rows_task_id"), "import_rows", ["task_id"], unique=False)
    op.create_table(
        "measures",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_measures_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("task_id", "seq", name=op.f("uq_measures_task_id_seq")),
    )
    op.create_table(
        "plan_remarks",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("event_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["document_events.id"], name=op.f("fk_plan_remarks_event_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_plan_remarks_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_remarks")),
    )
    op.create_index(op.f("ix_plan_remarks_event_id"), "plan_remarks", ["event_id"], unique=False)
    op.create_index(op.f("ix_plan_remarks_task_id"), "plan_remarks", ["task_id"], unique=False)
    op.create_table(
        "progress_reports",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "completion",
            sa.Enum(
                "done",
                "mostly",
                "partly",
                "not_done",
                name="completion",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_no_change", sa.Boolean(), nullable=False),
        sa.Column("unfinished_reason", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("no_evidence_reason", sa.String(length=400), nullable=True),
        sa.Column("rules_made", sa.Integer(), nullable=False),
        sa.Column("orgs_held", sa.Integer(), nullable=False),
        sa.Column("persons_held", sa.Integer(), nullable=False),
        sa.Column("recovered_wan", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=120), nullable=True),
        sa.Column("reporter_user_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reporter_user_id"], ["users.id"], name=op.f("fk_progress_reports_reporter_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_progress_reports_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_reports")),
    )
    op.create_index(
        op.f("ix_progress_reports_task_id"), "progress_reports", ["task_id"], unique=False
    )
    op.create_table(
        "reviews",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "returned",
                "closed",
                "cosigned",
                "objected",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("required_supplement", sa.Text(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reviewer", sa.String(length=120), nullable=False),
        sa.Column("reviewer_user_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["reviewer_user_id"], ["users.id"], name=op.f("fk_reviews_reviewer_user_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_reviews_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_task_id"), "reviews", ["task_id"], unique=False)
    op.create_table(
        "sign_offs",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "online",
                "scan",
                "authorised",
                name="way",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("pledge", sa.String(length=400), nullable=False),
        sa.Column("signed_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=False),
        sa.Column("signer_user_id", db.Id, nullable=True),
        sa.Column("file_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_sign_offs_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["signer_user_id"], ["users.id"], name=op.f("fk_sign_offs_signer_user_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_sign_offs_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_offs")),
    )
    op.create_index(op.f("ix_sign_offs_file_id"), "sign_offs", ["file_id"], unique=False)
    op.create_index(op.f("ix_sign_offs_task_id"), "sign_offs", ["task_id"], unique=False)
    op.create_table(
        "task_duties",
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "lead_leader",
                "owner",
                "liaison",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", db.Id, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_task_duties_person_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_duties_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_duties")),
    )
    op.create_index(op.f("ix_task_duties_person_id"), "task_duties", ["person_id"], unique=False)
    op.create_index(op.f("ix_task_duties_task_id"), "task_duties", ["task_id"], unique=False)
    op.create_table(
        "task_transitions",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "from_state",
            sa.Enum(
                "draft",
                "issued",
                "planning",
                "plan_review",
                "in_progress",
                "unit_check",
                "office_review",
                "closed",
                "long_term",
                "void",
                "ended",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "draft",
                "issued",
                "planning",
                "plan_review",
                "in_progress",
                "unit_check",
                "office_review",
                "closed",
                "long_term",
                "void",
                "ended",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("actor_user_id", db.Id, nullable=True),
        sa.Column("on_behalf_of", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_task_transitions_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_task_transitions_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_transitions")),
    )
    op.create_index(
        "ix_task_transitions_occurred",
        "task_transitions",
        ["occurred_on", "to_state"],
        unique=False,
    )
    op.create_index(
        "ix_task_transitions_recorded", "task_transitions", ["recorded_at"], unique=False
    )
    op.create_index("ix_task_transitions_task", "task_transitions", ["task_id", "id"], unique=False)
    op.create_table(
        "task_units",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_units_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_task_units_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_units")),
        sa.UniqueConstraint("task_id", "unit_id", name=op.f("uq_task_units_task_id_unit_id")),
    )
    op.create_index(op.f("ix_task_units_unit_id"), "task_units", ["unit_id"], unique=False)
    op.create_table(
        "due_changes",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "fixed",
                "correction",
                "extension",
                "reopen",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old_due", sa.Date(), nullable=True),
        sa.Column("new_due", sa.Date(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("extension_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["extension_id"], ["extensions.id"], name=op.f("fk_due_changes_extension_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_due_changes_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_changes")),
    )
    op.create_index(
        op.f("ix_due_changes_extension_id"), "due_changes", ["extension_id"], unique=False
    )
    op.create_index(op.f("ix_due_changes_task_id"), "due_changes", ["task_id"], unique=False)
    op.create_table(
        "task_openings",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("transition_id", db.Id, nullable=False),
        sa.Column("user_id", db.Id, nullable=False),
        sa.Column("opened_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["transition_id"], ["task_transitions.id"], name=op.f("fk_task_openings_transition_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_task_openings_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_openings")),
        sa.UniqueConstraint("transition_id", name=op.f("uq_task_openings_transition_id")),
    )
    op.create_index(op.f("ix_task_openings_user_id"), "task_openings", ["user_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_task_openings_user_id"), table_name="task_openings")
    op.drop_table("task_openings")
    op.drop_index(op.f("ix_due_changes_task_id"), table_name="due_changes")
    op.drop_index(op.f("ix_due_changes_extension_id"), table_name="due_changes")
    op.drop_table("due_changes")
    op.drop_index(op.f("ix_task_units_unit_id"), table_name="task_units")
    op.drop_table("task_units")
    op.drop_index("ix_task_transitions_task", table_name="task_transitions")
    op.drop_index("ix_task_transitions_recorded", table_name="task_transitions")
    op.drop_index("ix_task_transitions_occurred", table_name="task_transitions")
    op.drop_table("task_transitions")
    op.drop_index(op.f("ix_task_duties_task_id"), table_name="task_duties")
    op.drop_index(op.f("ix_task_duties_person_id"), table_name="task_duties")
    op.drop_table("task_duties")
    op.drop_index(op.f("ix_sign_offs_task_id"), table_name="sign_offs")
    op.drop_index(op.f("ix_sign_offs_file_id"), table_name="sign_offs")
    op.drop_table("sign_offs")
    op.drop_index(op.f("ix_reviews_task_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index(op.f("ix_progress_reports_task_id"), table_name="progress_reports")
    op.drop_table("progress_reports")
    op.drop_index(op.f("ix_plan_remarks_task_id"), table_name="plan_remarks")
    op.drop_index(op.f("ix_plan_remarks_event_id"), table_name="plan_remarks")
    op.drop_table("plan_remarks")
    op.drop_table("measures")
    op.drop_index(op.f("ix_import_rows_task_id"), table_name="import_rows")
    op.drop_index("ix_import_rows_fate", table_name="import_rows")
    op.drop_table("import_rows")
    op.drop_index(op.f("ix_extensions_task_id"), table_name="extensions")
    op.drop_table("extensions")
    op.drop_index(op.f("ix_evidences_task_id"), table_name="evidences")
    op.drop_index(op.f("ix_evidences_replaces_id"), table_name="evidences")
    op.drop_index(op.f("ix_evidences_file_id"), table_name="evidences")
    op.drop_table("evidences")
    op.drop_index(op.f("ix_tasks_watch_leader_id"), table_name="tasks")
    op.drop_index("ix_tasks_unit_state", table_name="tasks")
    op.drop_index(op.f("ix_tasks_round_id"), table_name="tasks")
    op.drop_index("ix_tasks_region_state", table_name="tasks")
    op.drop_index(
        "ix_tasks_open_due",
        table_name="tasks",
        postgresql_where=sa.text("state NOT IN ('closed', 'void', 'ended')"),
        sqlite_where=sa.text("state NOT IN ('closed', 'void', 'ended')"),
    )
    op.drop_index(op.f("ix_tasks_issue_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_feedback_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_issue_units_unit_id"), table_name="issue_units")
    op.drop_table("issue_units")
    op.drop_index(op.f("ix_issue_tags_tag"), table_name="issue_tags")
    op.drop_table("issue_tags")
    op.drop_index(op.f("ix_document_signatures_file_id"), table_name="document_signatures")
    op.drop_index(op.f("ix_document_signatures_document_id"), table_name="document_signatures")
    op.drop_table("document_signatures")
    op.drop_index(op.f("ix_document_events_document_id"), table_name="document_events")
    op.drop_table("document_events")
    op.drop_index(op.f("ix_unit_documents_unit_id"), table_name="unit_documents")
    op.drop_index(op.f("ix_unit_documents_file_id"), table_name="unit_documents")
    op.drop_table("unit_documents")
    op.drop_index(op.f("ix_issues_region_id"), table_name="issues")
    op.drop_index(op.f("ix_issues_inspection_id"), table_name="issues")
    op.drop_table("issues")
    op.drop_index(op.f("ix_feedback_recipients_unit_id"), table_name="feedback_recipients")
    op.drop_table("feedback_recipients")
    op.drop_index(op.f("ix_clue_counts_term_id"), table_name="clue_counts")
    op.drop_index(op.f("ix_clue_counts_round_id"), table_name="clue_counts")
    op.drop_index("ix_clue_counts_region_day", table_name="clue_counts")
    op.drop_index(op.f("ix_clue_counts_inspection_id"), table_name="clue_counts")
    op.drop_index(op.f("ix_clue_counts_feedback_id"), table_name="clue_counts")
    op.drop_table("clue_counts")
    op.drop_index(
        "ix_notifications_waiting",
        table_name="notifications",
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
        sqlite_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
    )
    op.drop_index(op.f("ix_notifications_unit_id"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_region_id"), table_name="notifications")
    op.drop_index("ix_notifications_object", table_name="notifications")
    op.drop_index(op.f("ix_notifications_digest_id"), table_name="notifications")
    op.drop_table("notifications")
    op.drop_index(op.f("ix_milestones_file_id"), table_name="milestones")
    op.drop_index(op.f("ix_milestones_due_on"), table_name="milestones")
    op.drop_table("milestones")
    op.drop_index(op.f("ix_feedbacks_round_id"), table_name="feedbacks")
    op.drop_index(op.f("ix_feedbacks_region_id"), table_name="feedbacks")
    op.drop_index(op.f("ix_feedbacks_profile_id"), table_name="feedbacks")
    op.drop_index(op.f("ix_feedbacks_inspection_id"), table_name="feedbacks")
    op.drop_table("feedbacks")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_advices_unit_id"), table_name="advices")
    op.drop_index(op.f("ix_advices_round_id"), table_name="advices")
    op.drop_index(op.f("ix_advices_region_id"), table_name="advices")
    op.drop_index(op.f("ix_advices_issued_on"), table_name="advices")
    op.drop_index(op.f("ix_advices_inspection_id"), table_name="advices")
    op.drop_table("advices")
    op.drop_index(op.f("ix_user_sessions_user_id"), table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_index(op.f("ix_post_holdings_post_id"), table_name="post_holdings")
    op.drop_index(op.f("ix_post_holdings_person_id"), table_name="post_holdings")
    op.drop_table("post_holdings")
    op.drop_index(op.f("ix_inspections_unit_id"), table_name="inspections")
    op.drop_index(op.f("ix_inspections_team_id"), table_name="inspections")
    op.drop_index(op.f("ix_inspections_onsite_end"), table_name="inspections")
    op.drop_index(op.f("ix_inspections_conducting_region_id"), table_name="inspections")
    op.drop_index(op.f("ix_inspections_batch_id"), table_name="inspections")
    op.drop_table("inspections")
    op.drop_index(
        "ix_digests_open",
        table_name="digests",
        postgresql_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
        sqlite_where=sa.text("state IN ('queued', 'sending', 'retry_at')"),
    )
    op.drop_index(op.f("ix_digests_channel_id"), table_name="digests")
    op.drop_table("digests")
    op.drop_index(op.f("ix_delegations_to_user_id"), table_name="delegations")
    op.drop_index(op.f("ix_delegations_from_user_id"), table_name="delegations")
    op.drop_table("delegations")
    op.drop_index(op.f("ix_users_unit_id"), table_name="users")
    op.drop_index(op.f("ix_users_supervisor_org_id"), table_name="users")
    op.drop_index(op.f("ix_users_region_id"), table_name="users")
    op.drop_index(op.f("ix_users_person_id"), table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_unit_pauses_unit_id"), table_name="unit_pauses")
    op.drop_table("unit_pauses")
    op.drop_index(op.f("ix_teams_leader_id"), table_name="teams")
    op.drop_table("teams")
    op.drop_table("round_modes")
    op.drop_index(op.f("ix_report_runs_round_id"), table_name="report_runs")
    op.drop_index(op.f("ix_report_runs_region_id"), table_name="report_runs")
    op.drop_table("report_runs")
    op.drop_index(op.f("ix_posts_unit_id"), table_name="posts")
    op.drop_table("posts")
    op.drop_index(op.f("ix_import_batches_round_id"), table_name="import_batches")
    op.drop_index(op.f("ix_import_batches_region_id"), table_name="import_batches")
    op.drop_table("import_batches")
    op.drop_index(op.f("ix_coverage_targets_unit_id"), table_name="coverage_targets")
    op.drop_index(op.f("ix_coverage_targets_planned_round_id"), table_name="coverage_targets")
    op.drop_index(op.f("ix_coverage_targets_counted_in_region_id"), table_name="coverage_targets")
    op.drop_table("coverage_targets")
    op.drop_index(op.f("ix_channels_unit_id"), table_name="channels")
    op.drop_index(op.f("ix_channels_region_id"), table_name="channels")
    op.drop_index(op.f("ix_channels_key_mark"), table_name="channels")
    op.drop_table("channels")
    op.drop_table("batches")
    op.drop_index(op.f("ix_units_supervisor_org_id"), table_name="units")
    op.drop_index(op.f("ix_units_region_id"), table_name="units")
    op.drop_index(op.f("ix_units_parent_id"), table_name="units")
    op.drop_index(op.f("ix_units_merged_into_id"), table_name="units")
    op.drop_table("units")
    op.drop_index(op.f("ix_rounds_term_id"), table_name="rounds")
    op.drop_index(op.f("ix_rounds_region_id"), table_name="rounds")
    op.drop_index(op.f("ix_rounds_profile_id"), table_name="rounds")
    op.drop_table("rounds")
    op.drop_index(op.f("ix_terms_region_id"), table_name="terms")
    op.drop_table("terms")
    op.drop_index(op.f("ix_supervisor_orgs_region_id"), table_name="supervisor_orgs")
    op.drop_table("supervisor_orgs")
    op.drop_table("snapshots")
    op.drop_index(op.f("ix_reminder_rules_region_id"), table_name="reminder_rules")
    op.drop_table("reminder_rules")
    op.drop_index("ix_persons_region_name", table_name="persons")
    op.drop_table("persons")
    op.drop_index(op.f("ix_period_figures_region_id"), table_name="period_figures")
    op.drop_index("ix_period_figures_metric", table_name="period_figures")
    op.drop_table("period_figures")
    op.drop_table("dictionary_entries")
    op.drop_index(op.f("ix_deadline_profiles_region_id"), table_name="deadline_profiles")
    op.drop_table("deadline_profiles")
    op.drop_index(op.f("ix_stored_files_sha256"), table_name="stored_files")
    op.drop_table("stored_files")
    op.drop_index("ix_sign_in_failures_username_at", table_name="sign_in_failures")
    op.drop_index("ix_sign_in_failures_address_at", table_name="sign_in_failures")
    op.drop_table("sign_in_failures")
    op.drop_table("settings")
    op.drop_table("robot_budgets")
    op.drop_index("ix_robot_attempts_key_at", table_name="robot_attempts")
    op.drop_table("robot_attempts")
    op.drop_index(op.f("ix_regions_parent_id"), table_name="regions")
    op.drop_table("regions")
    op.drop_table("job_runs")
    op.drop_table("job_leases")
    op.drop_table("calendar_days")
    op.drop_table("audit_heads")
    op.drop_index("ix_audit_entries_object", table_name="audit_entries")
    op.drop_table("audit_entries")
