"""The words an office uses for its summary paragraphs.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel.db import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PURPOSES = (
    "city_year",
    "city_coverage",
    "county_half_year",
    "district",
    "sources",
    "letters",
    "year_on_year",
)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "summary_templates",
        sa.Column("region_id", ID, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(*PURPOSES, name="purpose", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_summary_templates_region_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_templates")),
        sa.UniqueConstraint(
            "region_id",
            "purpose",
            "seq",
            name=op.f("uq_summary_templates_region_id_purpose_seq"),
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("summary_templates")
