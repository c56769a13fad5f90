"""Copies of ledgers that went out, to be compared with what comes back.

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINKS = {"region_id": "regions", "round_id": "rounds", "unit_id": "units"}


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "ledger_copies",
        sa.Column("id", ID, nullable=False),
        *(sa.Column(name, ID, nullable=name == "unit_id") for name in LINKS),
        sa.Column(
            "kind",
            sa.Enum(
                "ledger",
                "fill_in",
                native_enum=False,
                create_constraint=True,
                length=40,
                name="kind",
            ),
            nullable=False,
        ),
        sa.Column("token", sa.String(16), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(120), nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_ledger_copies_{name}"))
            for name, table in LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_copies")),
        sa.UniqueConstraint("token", name=op.f("uq_ledger_copies_token")),
    )
    for name in LINKS:
        op.create_index(op.f(f"ix_ledger_copies_{name}"), "ledger_copies", [name])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("ledger_copies")
