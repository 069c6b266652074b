"""A use says which equipment it takes, and how many tables, lanes or courts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_line", sa.Column("extras", postgresql.JSONB(none_as_null=True)))
    op.add_column("booking_line", sa.Column("items", sa.Integer()))


def downgrade() -> None:
    op.drop_column("booking_line", "items")
    op.drop_column("booking_line", "extras")
