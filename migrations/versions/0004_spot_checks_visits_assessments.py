"""Spot checks, supervision visits, assessments; their history is append-only.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

GUARDED = (
    ("spot_checks", "UPDATE"),
    ("spot_checks", "DELETE"),
    ("spot_check_items", "DELETE"),
    ("assessment_corrections", "UPDATE"),
    ("assessment_corrections", "DELETE"),
)


def upgrade() -> None:
    """Make the tables, then put guards on those that nobody may rewrite."""
    op.create_table(
        "assessment_grades",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("at_least", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_assessment_grades_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_grades")),
        sa.UniqueConstraint("region_id", "seq", name=op.f("uq_assessment_grades_region_id_seq")),
    )
    op.create_table(
        "assessment_templates",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("survey_weight", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_assessment_templates_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_templates")),
        sa.UniqueConstraint(
            "region_id", "name", name=op.f("uq_assessment_templates_region_id_name")
        ),
    )
    op.create_table(
        "assessment_items",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("template_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["assessment_templates.id"],
            name=op.f("fk_assessment_items_template_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_items")),
    )
    op.create_index(
        op.f("ix_assessment_items_template_id"), "assessment_items", ["template_id"], unique=False
    )
    op.create_table(
        "supervision_visits",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("leader_id", db.Id, nullable=False),
        sa.Column("members", sa.String(length=400), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["persons.id"], name=op.f("fk_supervision_visits_leader_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_supervision_visits_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_visits")),
    )
    op.create_index(
        op.f("ix_supervision_visits_leader_id"), "supervision_visits", ["leader_id"], unique=False
    )
    op.create_index(
        "ix_supervision_visits_region_day",
        "supervision_visits",
        ["region_id", "visited_on"],
        unique=False,
    )
    op.create_table(
        "survey_options",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("template_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["template_id"], ["assessment_templates.id"], name=op.f("fk_survey_options_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_options")),
    )
    op.create_index(
        op.f("ix_survey_options_template_id"), "survey_options", ["template_id"], unique=False
    )
    op.create_table(
        "visit_units",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("visit_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_visit_units_unit_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["supervision_visits.id"], name=op.f("fk_visit_units_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_units")),
        sa.UniqueConstraint("visit_id", "unit_id", name=op.f("uq_visit_units_visit_id_unit_id")),
    )
    op.create_index(op.f("ix_visit_units_unit_id"), "visit_units", ["unit_id"], unique=False)
    op.create_table(
        "spot_checks",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("round_id", db.Id, nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("closed_from", sa.Date(), nullable=False),
        sa.Column("closed_to", sa.Date(), nullable=False),
        sa.Column("with_historic", sa.Boolean(), nullable=False),
        sa.Column(
            "size_kind",
            sa.Enum(
                "number",
                "share",
                name="size_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("size_value", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("frame", sa.Text(), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("frame_size", sa.Integer(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("drawn_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.String(length=120), nullable=False),
        sa.Column("drawn_by_user_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["drawn_by_user_id"], ["users.id"], name=op.f("fk_spot_checks_drawn_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_spot_checks_region_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_spot_checks_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
        sa.UniqueConstraint(
            "region_id", "year", "seq", name=op.f("uq_spot_checks_region_id_year_seq")
        ),
    )
    op.create_index(op.f("ix_spot_checks_round_id"), "spot_checks", ["round_id"], unique=False)
    op.create_table(
        "assessments",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("feedback_id", db.Id, nullable=False),
        sa.Column("template_name", sa.String(length=80), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("survey_weight", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("total", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("grade", sa.String(length=60), nullable=True),
        sa.Column("is_low", sa.Boolean(), nullable=False),
        sa.Column("scored_by", sa.String(length=120), nullable=False),
        sa.Column("scorer_person_id", db.Id, nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=120), nullable=True),
        sa.Column("interviewed_on", sa.Date(), nullable=True),
        sa.Column("interview_note", sa.String(length=400), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedbacks.id"], name=op.f("fk_assessments_feedback_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_assessments_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["scorer_person_id"], ["persons.id"], name=op.f("fk_assessments_scorer_person_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_assessments_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint(
            "feedback_id",
            "unit_id",
            "assessed_on",
            name=op.f("uq_assessments_feedback_id_unit_id_assessed_on"),
        ),
    )
    op.create_index(
        "ix_assessments_region_day", "assessments", ["region_id", "assessed_on"], unique=False
    )
    op.create_index(op.f("ix_assessments_unit_id"), "assessments", ["unit_id"], unique=False)
    op.create_table(
        "assessment_corrections",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("assessment_id", db.Id, nullable=False),
        sa.Column("old_total", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("old_grade", sa.String(length=60), nullable=False),
        sa.Column("was_low", sa.Boolean(), nullable=False),
        sa.Column("new_total", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("new_grade", sa.String(length=60), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrected_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("actor_user_id", db.Id, nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_assessment_corrections_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessments.id"],
            name=op.f("fk_assessment_corrections_assessment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_corrections")),
    )
    op.create_index(
        op.f("ix_assessment_corrections_assessment_id"),
        "assessment_corrections",
        ["assessment_id"],
        unique=False,
    )
    op.create_table(
        "assessment_scores",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("assessment_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.CheckConstraint(
            "score >= 0 AND score <= 100", name=op.f("ck_assessment_scores_score_of_100")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_scores_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_scores")),
        sa.UniqueConstraint(
            "assessment_id", "seq", name=op.f("uq_assessment_scores_assessment_id_seq")
        ),
    )
    op.create_table(
        "assessment_votes",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("assessment_id", db.Id, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_assessment_votes_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessments.id"], name=op.f("fk_assessment_votes_assessment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_votes")),
        sa.UniqueConstraint(
            "assessment_id", "seq", name=op.f("uq_assessment_votes_assessment_id_seq")
        ),
    )
    op.create_table(
        "spot_check_items",
        sa.Column("spot_check_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=True),
        sa.Column("closer_person_id", db.Id, nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed",
                "failed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_with", sa.String(length=200), nullable=True),
        sa.Column("checker", sa.String(length=120), nullable=True),
        sa.Column("checker_person_id", db.Id, nullable=True),
        sa.Column("proposes_reopening", sa.Boolean(), nullable=False),
        sa.Column("reopened_on", sa.Date(), nullable=True),
        sa.Column("reopened_by", sa.String(length=120), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checker_person_id"],
            ["persons.id"],
            name=op.f("fk_spot_check_items_checker_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["closer_person_id"], ["persons.id"], name=op.f("fk_spot_check_items_closer_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["spot_check_id"], ["spot_checks.id"], name=op.f("fk_spot_check_items_spot_check_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_spot_check_items_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check_items")),
        sa.UniqueConstraint(
            "spot_check_id", "task_id", name=op.f("uq_spot_check_items_spot_check_id_task_id")
        ),
    )
    op.create_index(
        op.f("ix_spot_check_items_task_id"), "spot_check_items", ["task_id"], unique=False
    )
    op.create_table(
        "visit_findings",
        sa.Column("visit_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "noted",
                "returned",
                "reopened",
                "task_made",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("result_task_id", db.Id, nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_task_id"], ["tasks.id"], name=op.f("fk_visit_findings_result_task_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_visit_findings_task_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_visit_findings_unit_id")),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["supervision_visits.id"], name=op.f("fk_visit_findings_visit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_findings")),
    )
    op.create_index(
        op.f("ix_visit_findings_result_task_id"), "visit_findings", ["result_task_id"], unique=False
    )
    op.create_index(op.f("ix_visit_findings_task_id"), "visit_findings", ["task_id"], unique=False)
    op.create_index(op.f("ix_visit_findings_unit_id"), "visit_findings", ["unit_id"], unique=False)
    op.create_index(
        op.f("ix_visit_findings_visit_id"), "visit_findings", ["visit_id"], unique=False
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, verb in GUARDED:
        op.execute(_sqlite(table, verb) if on_sqlite else _postgresql(table, verb))


def downgrade() -> None:
    """Drop the tables; their guards go with them."""
    op.drop_index(op.f("ix_visit_findings_visit_id"), table_name="visit_findings")
    op.drop_index(op.f("ix_visit_findings_unit_id"), table_name="visit_findings")
    op.drop_index(op.f("ix_visit_findings_task_id"), table_name="visit_findings")
    op.drop_index(op.f("ix_visit_findings_result_task_id"), table_name="visit_findings")
    op.drop_table("visit_findings")
    op.drop_index(op.f("ix_spot_check_items_task_id"), table_name="spot_check_items")
    op.drop_table("spot_check_items")
    op.drop_table("assessment_votes")
    op.drop_table("assessment_scores")
    op.drop_index(
        op.f("ix_assessment_corrections_assessment_id"), table_name="assessment_corrections"
    )
    op.drop_table("assessment_corrections")
    op.drop_index(op.f("ix_assessments_unit_id"), table_name="assessments")
    op.drop_index("ix_assessments_region_day", table_name="assessments")
    op.drop_table("assessments")
    op.drop_index(op.f("ix_spot_checks_round_id"), table_name="spot_checks")
    op.drop_table("spot_checks")
    op.drop_index(op.f("ix_visit_units_unit_id"), table_name="visit_units")
    op.drop_table("visit_units")
    op.drop_index(op.f("ix_survey_options_template_id"), table_name="survey_options")
    op.drop_table("survey_options")
    op.drop_index("ix_supervision_visits_region_day", table_name="supervision_visits")
    op.drop_index(op.f("ix_supervision_visits_leader_id"), table_name="supervision_visits")
    op.drop_table("supervision_visits")
    op.drop_index(op.f("ix_assessment_items_template_id"), table_name="assessment_items")
    op.drop_table("assessment_items")
    op.drop_table("assessment_templates")
    op.drop_table("assessment_grades")


def _sqlite(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    )


def _postgresql(table: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_history_change()"
    )
