"""A booking may wait for a fee that staff decide, and its line says how they decided it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEFORE = "'draft', 'provisional', 'confirmed', 'cancelled', 'lapsed', 'used'"
AFTER = "'draft', 'requested', 'provisional', 'confirmed', 'cancelled', 'lapsed', 'used'"


def upgrade() -> None:
    op.add_column("booking_line", sa.Column("settled", postgresql.JSONB(none_as_null=True)))
    _states(AFTER)


def downgrade() -> None:
    _states(BEFORE)
    op.drop_column("booking_line", "settled")


def _states(known: str) -> None:
    op.drop_constraint(op.f("ck_booking_state"), "booking")
    op.create_check_constraint(op.f("ck_booking_state"), "booking", f"state in ({known})")
