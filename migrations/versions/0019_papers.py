"""Numbered papers of bookings: permits, bills and notices, as they were issued."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
GRANTS = {
    "paper_count": "select, insert, update",
    # What was issued is never edited: a copy is counted, and another may take its place.
    "paper": "select, insert, update (copies, replaced_at)",
}


def upgrade() -> None:
    op.create_table(
        "paper_count",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_paper_count_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "kind", "payee", "fiscal_year", name=op.f("pk_paper_count")
        ),
    )  # fmt: skip
    op.create_table(
        "paper",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.BigInteger()),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("replaced_at", MOMENT),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_paper_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_paper_tenant_id_booking_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_paper")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "payee", "fiscal_year", "number",
            name=op.f("uq_paper_tenant_id_kind_payee_fiscal_year_number"),
        ),
        sa.CheckConstraint(
            "kind in ('permit','bill','notice')", name=op.f("ck_paper_kind")
        ),
        sa.CheckConstraint("number > 0 and copies >= 0", name=op.f("ck_paper_counts")),
    )  # fmt: skip
    op.create_index(
        "ix_paper_standing", "paper", ["tenant_id", "booking_id", "kind", "payee"], unique=True,
        postgresql_where=sa.text("replaced_at is null"),
    )  # fmt: skip
    op.create_index("ix_paper_booking", "paper", ["tenant_id", "booking_id"])
    for table, grant in GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {grant} on {table} to kaikan_web")


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)
