"""An interview points at the assessment and at the letter that led to it.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import Id

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ASSESSMENT, LETTER = "fk_interviews_assessment_no", "fk_interviews_letter_id"


def upgrade() -> None:
    """Hold the assessment's number to an assessment; add the letter."""
    with op.batch_alter_table("interviews") as table:
        table.add_column(sa.Column("letter_id", Id, nullable=True))
        table.create_index(op.f("ix_interviews_letter_id"), ["letter_id"])
        table.create_foreign_key(op.f(LETTER), "letters", ["letter_id"], ["id"])
        table.create_foreign_key(op.f(ASSESSMENT), "assessments", ["assessment_no"], ["id"])


def downgrade() -> None:
    """Drop the letter; the number stays, and nothing holds it."""
    with op.batch_alter_table("interviews") as table:
        table.drop_constraint(op.f(ASSESSMENT), type_="foreignkey")
        table.drop_constraint(op.f(LETTER), type_="foreignkey")
        table.drop_index(op.f("ix_interviews_letter_id"))
        table.drop_column("letter_id")
