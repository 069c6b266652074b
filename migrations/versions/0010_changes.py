"""Bookings are changed in place; how they stood before and after is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "booking_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_id", sa.BigInteger()),
        sa.Column("is_by_applicant", sa.Boolean(), nullable=False),
        sa.Column("lines", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("more_yen", sa.Integer(), nullable=False),
        sa.Column("back_yen", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_booking_change_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_booking_change_tenant_id_booking_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_booking_change")),
    )
    op.create_index("ix_booking_change_booking", "booking_change", ["tenant_id", "booking_id"])
    op.execute("alter table booking_change enable row level security")
    op.execute("alter table booking_change force row level security")
    op.execute(
        "create policy tenant_isolation on booking_change"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert on booking_change to kaikan_web")
    op.execute(
        "create trigger append_only before update or delete or truncate on booking_change"
        " for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("booking_change")
