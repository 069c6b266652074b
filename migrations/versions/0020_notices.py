"""Notices are told apart by where they came from, and forgotten; tasks about money have a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# Where each came from was not kept. One that is told again from a payee's own address is then
# worked again, which moves nothing twice.
CONNECTED = "connected"


def upgrade() -> None:
    op.add_column("money_task", sa.Column("due_at", postgresql.TIMESTAMP(timezone=True)))
    op.add_column("provider_notice", sa.Column("source", sa.Text()))
    op.execute(f"update provider_notice set source = '{CONNECTED}'")
    op.alter_column("provider_notice", "source", nullable=False)
    op.drop_constraint(op.f("pk_provider_notice"), "provider_notice")
    op.create_primary_key(op.f("pk_provider_notice"), "provider_notice", ["source", "id"])
    op.execute("grant delete on provider_notice to kaikan_web")


def downgrade() -> None:
    op.execute("revoke delete on provider_notice from kaikan_web")
    op.execute(
        "delete from provider_notice n where exists (select from provider_notice o"
        " where o.id = n.id and o.source < n.source)"
    )
    op.drop_constraint(op.f("pk_provider_notice"), "provider_notice")
    op.create_primary_key(op.f("pk_provider_notice"), "provider_notice", ["id"])
    op.drop_column("provider_notice", "source")
    op.drop_column("money_task", "due_at")
