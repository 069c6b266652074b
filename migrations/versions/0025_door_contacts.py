"""Whom to call about a door when nobody answers at the hall."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"


def upgrade() -> None:
    op.create_table(
        "door_contact",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_door_contact_tenant_id_facility_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "facility_id", name=op.f("pk_door_contact")),
    )
    op.execute("alter table door_contact enable row level security")
    op.execute("alter table door_contact force row level security")
    op.execute(
        "create policy tenant_isolation on door_contact"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert, update, delete on door_contact to kaikan_web")


def downgrade() -> None:
    op.drop_table("door_contact")
