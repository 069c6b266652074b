"""Whether a number is used in a hall is found by an index; of forgotten ones no trace stays."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_access_grant_mark",
        "access_grant",
        ["tenant_id", "facility_id", "pin_mark"],
        postgresql_where=sa.text("pin_mark is not null"),
    )
    op.execute("update access_grant set pin_mark = null where sealed_pin is null")


def downgrade() -> None:
    op.drop_index("ix_access_grant_mark", "access_grant")
