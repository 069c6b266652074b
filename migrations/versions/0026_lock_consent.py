"""Owners of locks let us in at a page of the vendor's; vendors are told where notices go."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    # All may be empty: the code before this goes on adding accounts without them.
    op.add_column("lock_account", sa.Column("entry", sa.Text()))
    op.add_column("lock_account", sa.Column("consent_mark", sa.Text()))
    op.add_column("lock_account", sa.Column("consent_until", MOMENT))
    op.add_column("lock_account", sa.Column("hook_told_at", MOMENT))
    op.create_check_constraint(
        op.f("ck_lock_account_entry"), "lock_account", "entry is null or entry = 'consent'"
    )


def downgrade() -> None:
    for name in ("hook_told_at", "consent_until", "consent_mark", "entry"):
        op.drop_column("lock_account", name)
