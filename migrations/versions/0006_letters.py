"""Letters with numbers that have neither gaps nor doubles, interviews, accountability.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBERED = "OLD.number IS NOT NULL"
RENUMBERED = (
    "(NEW.number IS NULL OR NEW.number <> OLD.number OR NEW.year <> OLD.year "
    "OR NEW.organ_code <> OLD.organ_code OR NEW.region_id <> OLD.region_id)"
)
GUARDS = (
    ("keep_letter_events_update", "UPDATE", "letter_events", None),
    ("keep_letter_events_delete", "DELETE", "letter_events", None),
    ("keep_letters_number", "UPDATE", "letters", f"{NUMBERED} AND {RENUMBERED}"),
    ("keep_letters_delete", "DELETE", "letters", NUMBERED),
)


def upgrade() -> None:
    """Make the tables; what is numbered can be neither renumbered nor deleted. A later rebuild of
    `letters` or `letter_events` on SQLite has to put the guards back."""
    op.create_table(
        "letter_series",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_letter_series_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_series")),
        sa.UniqueConstraint(
            "region_id",
            "organ_code",
            "year",
            name=op.f("uq_letter_series_region_id_organ_code_year"),
        ),
    )
    op.create_table(
        "letter_kinds",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("entry_id", db.Id, nullable=False),
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("organ_name", sa.String(length=120), nullable=False),
        sa.Column("needs_reply", sa.Boolean(), nullable=False),
        sa.Column("reply_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["dictionary_entries.id"], name=op.f("fk_letter_kinds_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_kinds")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_letter_kinds_entry_id")),
    )
    op.create_table(
        "accountabilities",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column(
            "held",
            sa.Enum(
                "organ", "person", name="held", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("organ_name", sa.String(length=120), nullable=True),
        sa.Column("person_id", db.Id, nullable=True),
        sa.Column("post_title", sa.String(length=60), nullable=True),
        sa.Column("form_code", sa.String(length=40), nullable=False),
        sa.Column("form_label", sa.String(length=80), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("document_no", sa.String(length=120), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_accountabilities_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_accountabilities_region_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("fk_accountabilities_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountabilities")),
    )
    with op.batch_alter_table("accountabilities", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountabilities_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            "ix_accountabilities_region_day", ["region_id", "decided_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_accountabilities_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "interviews",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("person_id", db.Id, nullable=False),
        sa.Column("post_title", sa.String(length=60), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("interviewer", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("assessment_no", db.Id, nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_interviews_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_interviews_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_interviews_region_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_interviews_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interviews_assessment_no"), ["assessment_no"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_interviews_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_interviews_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_interviews_region_day", ["region_id", "held_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_interviews_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "letters",
        sa.Column("region_id", db.Id, nullable=False),
        sa.Column("unit_id", db.Id, nullable=False),
        sa.Column("kind_code", sa.String(length=40), nullable=False),
        sa.Column("kind_label", sa.String(length=80), nullable=False),
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("organ_name", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "discarded",
                "signed",
                "sent",
                "received",
                "replied",
                "returned",
                "accepted",
                "void",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("needs_reply", sa.Boolean(), nullable=False),
        sa.Column("reply_due", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(length=120), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("voided_on", sa.Date(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["stored_files.id"], name=op.f("fk_letters_file_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_letters_region_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_letters_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint(
            "region_id",
            "organ_code",
            "year",
            "number",
            name=op.f("uq_letters_region_id_organ_code_year_number"),
        ),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            "ix_letters_region_state", ["region_id", "state", "reply_due"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_letters_signed_on"), ["signed_on"], unique=False)
        batch_op.create_index("ix_letters_unit_state", ["unit_id", "state"], unique=False)

    op.create_table(
        "letter_events",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("letter_id", db.Id, nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "edit",
                "discard",
                "sign",
                "send",
                "receive",
                "reply",
                "accept_reply",
                "return_reply",
                "void",
                name="verb",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "from_state",
            sa.Enum(
                "draft",
                "discarded",
                "signed",
                "sent",
                "received",
                "replied",
                "returned",
                "accepted",
                "void",
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
                "discarded",
                "signed",
                "sent",
                "received",
                "replied",
                "returned",
                "accepted",
                "void",
                name="to_state",
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
        sa.Column("lent_by", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_user_id"], ["users.id"], name=op.f("fk_letter_events_actor_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_events_letter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_events")),
    )
    with op.batch_alter_table("letter_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_events_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "letter_replies",
        sa.Column("letter_id", db.Id, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", db.Id, nullable=True),
        sa.Column("replied_on", sa.Date(), nullable=False),
        sa.Column("replier", sa.String(length=120), nullable=False),
        sa.Column("replier_user_id", db.Id, nullable=True),
        sa.Column("on_behalf_of", sa.String(length=120), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "returned",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("id", db.Id, nullable=False),
        sa.Column("created_at", db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_letter_replies_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_replies_letter_id")
        ),
        sa.ForeignKeyConstraint(
            ["replier_user_id"], ["users.id"], name=op.f("fk_letter_replies_replier_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_replies")),
    )
    with op.batch_alter_table("letter_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_replies_file_id"), ["file_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_letter_replies_letter_id"), ["letter_id"], unique=False
        )

    op.create_table(
        "interview_issues",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("interview_id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_interview_issues_interview_id")
        ),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_interview_issues_issue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_issues")),
        sa.UniqueConstraint(
            "interview_id", "issue_id", name=op.f("uq_interview_issues_interview_id_issue_id")
        ),
    )
    with op.batch_alter_table("interview_issues", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interview_issues_issue_id"), ["issue_id"], unique=False
        )

    op.create_table(
        "letter_issues",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("letter_id", db.Id, nullable=False),
        sa.Column("issue_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issues.id"], name=op.f("fk_letter_issues_issue_id")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_issues_letter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_issues")),
        sa.UniqueConstraint(
            "letter_id", "issue_id", name=op.f("uq_letter_issues_letter_id_issue_id")
        ),
    )
    with op.batch_alter_table("letter_issues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_issues_issue_id"), ["issue_id"], unique=False)

    op.create_table(
        "accountability_tasks",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("accountability_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["accountability_id"],
            ["accountabilities.id"],
            name=op.f("fk_accountability_tasks_accountability_id"),
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_accountability_tasks_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountability_tasks")),
        sa.UniqueConstraint(
            "accountability_id",
            "task_id",
            name=op.f("uq_accountability_tasks_accountability_id_task_id"),
        ),
    )
    with op.batch_alter_table("accountability_tasks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_accountability_tasks_task_id"), ["task_id"], unique=False
        )

    op.create_table(
        "interview_tasks",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("interview_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_interview_tasks_interview_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_interview_tasks_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview_tasks")),
        sa.UniqueConstraint(
            "interview_id", "task_id", name=op.f("uq_interview_tasks_interview_id_task_id")
        ),
    )
    with op.batch_alter_table("interview_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_tasks_task_id"), ["task_id"], unique=False)

    op.create_table(
        "letter_tasks",
        sa.Column("id", db.Id, nullable=False),
        sa.Column("letter_id", db.Id, nullable=False),
        sa.Column("task_id", db.Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_letter_tasks_letter_id")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_letter_tasks_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_tasks")),
        sa.UniqueConstraint("letter_id", "task_id", name=op.f("uq_letter_tasks_letter_id_task_id")),
    )
    with op.batch_alter_table("letter_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_tasks_task_id"), ["task_id"], unique=False)

    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, verb, table, when in GUARDS:
        act = (
            "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
            if on_sqlite
            else "EXECUTE FUNCTION refuse_history_change()"
        )
        condition = f" WHEN ({when})" if when else ""
        op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW{condition} {act}")


def downgrade() -> None:
    """Drop the tables, and with them their guards."""
    with op.batch_alter_table("letter_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_tasks_task_id"))

    op.drop_table("letter_tasks")
    with op.batch_alter_table("interview_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interview_tasks_task_id"))

    op.drop_table("interview_tasks")
    with op.batch_alter_table("accountability_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountability_tasks_task_id"))

    op.drop_table("accountability_tasks")
    with op.batch_alter_table("letter_issues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_issues_issue_id"))

    op.drop_table("letter_issues")
    with op.batch_alter_table("interview_issues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interview_issues_issue_id"))

    op.drop_table("interview_issues")
    with op.batch_alter_table("letter_replies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_replies_letter_id"))
        batch_op.drop_index(batch_op.f("ix_letter_replies_file_id"))

    op.drop_table("letter_replies")
    with op.batch_alter_table("letter_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_events_letter_id"))

    op.drop_table("letter_events")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index("ix_letters_unit_state")
        batch_op.drop_index(batch_op.f("ix_letters_signed_on"))
        batch_op.drop_index("ix_letters_region_state")
        batch_op.drop_index(batch_op.f("ix_letters_file_id"))

    op.drop_table("letters")
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interviews_unit_id"))
        batch_op.drop_index("ix_interviews_region_day")
        batch_op.drop_index(batch_op.f("ix_interviews_person_id"))
        batch_op.drop_index(batch_op.f("ix_interviews_file_id"))
        batch_op.drop_index(batch_op.f("ix_interviews_assessment_no"))

    op.drop_table("interviews")
    with op.batch_alter_table("accountabilities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accountabilities_unit_id"))
        batch_op.drop_index("ix_accountabilities_region_day")
        batch_op.drop_index(batch_op.f("ix_accountabilities_person_id"))

    op.drop_table("accountabilities")
    op.drop_table("letter_kinds")
    op.drop_table("letter_series")
