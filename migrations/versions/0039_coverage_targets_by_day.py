"""A coverage target may be decided otherwise from a later day on, as a row of its own.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

OLD = "uq_coverage_targets_term_id_unit_id"
NEW = "uq_coverage_targets_term_id_unit_id_added_on"


def upgrade() -> None:
    """One row per term, unit and day."""
    with op.batch_alter_table("coverage_targets") as batch:
        batch.drop_constraint(op.f(OLD), type_="unique")
        batch.create_unique_constraint(op.f(NEW), ["term_id", "unit_id", "added_on"])


def downgrade() -> None:
    """One row per term and unit: the newest is kept."""
    op.execute(
        "DELETE FROM coverage_targets WHERE EXISTS (SELECT 1 FROM coverage_targets AS later"
        " WHERE later.term_id = coverage_targets.term_id"
        " AND later.unit_id = coverage_targets.unit_id"
        " AND later.added_on > coverage_targets.added_on)"
    )
    with op.batch_alter_table("coverage_targets") as batch:
        batch.drop_constraint(op.f(NEW), type_="unique")
        batch.create_unique_constraint(op.f(OLD), ["term_id", "unit_id"])
