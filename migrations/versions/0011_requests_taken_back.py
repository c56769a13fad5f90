"""Requests can be taken back or lapse, and say who entered, signed and granted with whose powers.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from tracker.kernel import db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHECK = "ck_long_term_requests_state"
SIGNER = "fk_extensions_signer_user_id"
WHO = {
    "extensions": ("on_behalf_of", "sign_lent_by", "decision_lent_by"),
    "long_term_requests": ("on_behalf_of", "ask_lent_by", "decision_lent_by"),
    "due_changes": ("lent_by",),
    "evidences": ("on_behalf_of",),
}


def upgrade() -> None:
    """Allow one more state and add the columns; what was before stays without."""
    _allow("asked", "granted", "refused", "withdrawn")
    for table, names in WHO.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(120), nullable=True))
    with op.batch_alter_table("extensions") as batch:
        batch.add_column(sa.Column("signer_user_id", db.Id, nullable=True))
        batch.create_foreign_key(op.f(SIGNER), "users", ["signer_user_id"], ["id"])


def downgrade() -> None:
    """What was taken back reads as refused; its reason says the rest."""
    with op.batch_alter_table("extensions") as batch:
        batch.drop_constraint(op.f(SIGNER), type_="foreignkey")
        batch.drop_column("signer_user_id")
    for table, names in WHO.items():
        for name in names:
            op.drop_column(table, name)
    op.execute("UPDATE long_term_requests SET state = 'refused' WHERE state = 'withdrawn'")
    _allow("asked", "granted", "refused")


def _allow(*states: str) -> None:
    with op.batch_alter_table("long_term_requests") as batch:
        batch.drop_constraint(op.f(CHECK), type_="check")
        batch.create_check_constraint(op.f(CHECK), f"state IN {states!r}")
