"""The audit's ids become as wide as the ids that they name; beyond 2^31 nothing could be noted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = {"account_id": True, "token_id": True, "subject_id": False}  # by whether null is allowed


def upgrade() -> None:
    for name, nullable in COLUMNS.items():
        op.alter_column("audit_entry", name, type_=sa.BigInteger(), existing_nullable=nullable)


def downgrade() -> None:
    for name, nullable in COLUMNS.items():
        op.alter_column("audit_entry", name, type_=sa.Integer(), existing_nullable=nullable)
