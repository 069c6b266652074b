"""Staff close rooms: events as a kind of their own, who asked for what, and who had to give way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
BEFORE = ("closure", "public_use", "maintenance")
KINDS = ("closure", "public_use", "event", "maintenance")


def upgrade() -> None:
    _kinds(KINDS)
    op.add_column("closure", sa.Column("made_by", sa.BigInteger()))
    op.add_column("closure", sa.Column("asked", postgresql.JSONB(none_as_null=True)))
    op.add_column("closure", sa.Column("form_key", sa.Text()))
    op.add_column("closure", sa.Column("ended_at", MOMENT))
    op.create_unique_constraint(
        op.f("uq_closure_tenant_id_form_key"), "closure", ["tenant_id", "form_key"]
    )
    op.create_check_constraint(
        op.f("ck_closure_asked_by_somebody"), "closure", "(made_by is null) = (asked is null)"
    )
    op.create_table(
        "displacement",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("closure_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_line_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        sa.Column("called_at", MOMENT),
        sa.Column("called_by", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_displacement_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closure_id"],
            ["closure.tenant_id", "closure.id"],
            name=op.f("fk_displacement_tenant_id_closure_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"],
            ["booking_line.tenant_id", "booking_line.id"],
            name=op.f("fk_displacement_tenant_id_booking_line_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_displacement")),
        sa.UniqueConstraint(
            "tenant_id", "booking_line_id", name=op.f("uq_displacement_tenant_id_booking_line_id")
        ),
        sa.CheckConstraint(
            "(called_at is null) = (called_by is null)",
            name=op.f("ck_displacement_called_by_somebody"),
        ),
    )
    op.create_index("ix_displacement_closure", "displacement", ["tenant_id", "closure_id"])
    op.execute("alter table displacement enable row level security")
    op.execute("alter table displacement force row level security")
    op.execute(
        "create policy tenant_isolation on displacement"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert, update on displacement to kaikan_web")


def _kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(repr(one) for one in kinds)
    for table, more in (("occupancy", "'hold', 'booking', "), ("closure", "")):
        op.drop_constraint(op.f(f"ck_{table}_kind"), table)
        op.create_check_constraint(op.f(f"ck_{table}_kind"), table, f"kind in ({more}{listed})")


def downgrade() -> None:
    op.drop_table("displacement")
    for name in ("made_by", "asked", "form_key", "ended_at"):
        op.drop_column("closure", name)
    _kinds(BEFORE)
