"""Talks that a low assessment led to are found again, where the day leaves no doubt.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

INTERVIEWS = sa.table(
    "interviews",
    *map(sa.column, ("id", "region_id", "unit_id", "held_on", "assessment_no", "voided_on")),
)
ASSESSMENTS = sa.table(
    "assessments", *map(sa.column, ("id", "region_id", "unit_id", "interviewed_on"))
)


def upgrade() -> None:
    """Forget numbers of no assessment; link a day entered by hand to the one talk of that day."""
    connection, here = op.get_bind(), INTERVIEWS.c
    known = sa.select(ASSESSMENTS.c.id)
    connection.execute(
        sa.update(INTERVIEWS).where(here.assessment_no.not_in(known)).values(assessment_no=None)
    )
    for talk_id, assessment_id in _certain(connection):
        connection.execute(
            sa.update(INTERVIEWS).where(here.id == talk_id).values(assessment_no=assessment_id)
        )


def _certain(connection: sa.Connection) -> list[tuple[int, int]]:
    """Return (interview, assessment) of the same unit and day where neither has another match."""
    here, there = INTERVIEWS.c, ASSESSMENTS.c
    linked = sa.select(here.assessment_no).where(
        here.assessment_no.is_not(None), here.voided_on.is_(None)
    )
    query = sa.select(here.id, there.id).where(
        here.region_id == there.region_id,
        here.unit_id == there.unit_id,
        here.held_on == there.interviewed_on,
        here.assessment_no.is_(None),
        here.voided_on.is_(None),
        there.id.not_in(linked),
    )
    pairs = [(talk, assessment) for talk, assessment in connection.execute(query)]
    talks, assessments = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return [
        (talk, assessment)
        for talk, assessment in pairs
        if talks.count(talk) == assessments.count(assessment) == 1
    ]


def downgrade() -> None:
    """A link that is right stays right."""
