"""Workbooks that units filled in and sent back; a copy may hold the tasks of several rounds.

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINKS = {
    "unit_id": "units",
    "region_id": "regions",
    "copy_id": "ledger_copies",
    "file_id": "stored_files",
}
INDEXED = ("unit_id", "region_id", "copy_id")


def upgrade() -> None:
    """Add the table of what came back, and let a copy be of no round."""
    with op.batch_alter_table("ledger_copies") as table:
        table.alter_column("round_id", existing_type=ID, nullable=True)
    op.create_table(
        "fill_in_returns",
        *_row_columns(),
        *(sa.Column(name, ID, nullable=name == "region_id") for name in LINKS),
        sa.Column(
            "state",
            sa.Enum(
                "preview",
                "applied",
                "cancelled",
                native_enum=False,
                create_constraint=True,
                length=40,
                name="state",
            ),
            nullable=False,
        ),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("tasks_written", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [name], [f"{table}.id"], name=op.f(f"fk_fill_in_returns_{name}")
            )
            for name, table in LINKS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fill_in_returns")),
    )
    for name in INDEXED:
        op.create_index(op.f(f"ix_fill_in_returns_{name}"), "fill_in_returns", [name])


def downgrade() -> None:
    """Drop it; the version before cannot read a copy of no round."""
    op.drop_table("fill_in_returns")
    op.execute("DELETE FROM ledger_copies WHERE round_id IS NULL")
    with op.batch_alter_table("ledger_copies") as table:
        table.alter_column("round_id", existing_type=ID, nullable=False)


def _row_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(120), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_by", sa.String(120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]
