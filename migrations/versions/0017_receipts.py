"""Who is paid, numbered receipts, payments taken back, and the closing of a counter's day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
KINDS = "'charge','waiver','release','payment','refund'"
GRANTS = {
    "receipt_count": "select, insert, update",
    "receipt": "select, insert, update",
    "cash_day": "select, insert",
}


def upgrade() -> None:
    op.add_column(
        "booking_line", sa.Column("payee", sa.Text(), nullable=False, server_default="city")
    )
    _widen_ledger()
    _make_receipts()
    _make_cash_days()
    for table in ("booking_line", "ledger_entry"):  # only what was there before had none
        op.alter_column(table, "payee", server_default=None)
    for table, grant in GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {grant} on {table} to kaikan_web")


def _widen_ledger() -> None:
    op.add_column(
        "ledger_entry", sa.Column("payee", sa.Text(), nullable=False, server_default="city")
    )
    op.add_column("ledger_entry", sa.Column("reverses_id", sa.BigInteger()))
    op.add_column("ledger_entry", sa.Column("counter_id", sa.BigInteger()))
    op.add_column("ledger_entry", sa.Column("business_on", sa.Date()))
    op.create_foreign_key(
        op.f("fk_ledger_entry_tenant_id_reverses_id"), "ledger_entry", "ledger_entry",
        ["tenant_id", "reverses_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        op.f("fk_ledger_entry_tenant_id_counter_id"), "ledger_entry", "facility",
        ["tenant_id", "counter_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_unique_constraint(
        op.f("uq_ledger_entry_tenant_id_reverses_id"), "ledger_entry", ["tenant_id", "reverses_id"]
    )
    op.create_index(
        "ix_ledger_entry_counter", "ledger_entry", ["tenant_id", "business_on", "counter_id"],
        postgresql_where=sa.text("business_on is not null"),
    )  # fmt: skip
    for name in ("kind", "sign"):
        op.drop_constraint(op.f(f"ck_ledger_entry_{name}"), "ledger_entry")
    op.create_check_constraint(
        op.f("ck_ledger_entry_kind"), "ledger_entry", f"kind in ({KINDS},'reversal')"
    )
    op.create_check_constraint(
        op.f("ck_ledger_entry_sign"), "ledger_entry",
        "(kind in ('charge','refund','reversal') and yen >= 0)"
        " or (kind in ('waiver','release','payment') and yen <= 0)",
    )  # fmt: skip
    op.create_check_constraint(
        op.f("ck_ledger_entry_reverses_something"), "ledger_entry",
        "(kind = 'reversal') = (reverses_id is not null)",
    )  # fmt: skip


def _make_receipts() -> None:
    op.create_table(
        "receipt_count",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_receipt_count_tenant_id")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "payee", "fiscal_year", name=op.f("pk_receipt_count")
        ),
    )  # fmt: skip
    op.create_table(
        "receipt",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("tax_percent", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("invoice_number", sa.Text()),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("issued_by", sa.BigInteger()),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("voided_at", MOMENT),
        sa.Column("voided_by", sa.BigInteger()),
        sa.Column("void_reason", sa.Text()),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_receipt_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_receipt_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["ledger_entry.tenant_id", "ledger_entry.id"],
            name=op.f("fk_receipt_tenant_id_entry_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "tenant_id", "payee", "fiscal_year", "number",
            name=op.f("uq_receipt_tenant_id_payee_fiscal_year_number"),
        ),
        sa.UniqueConstraint("tenant_id", "entry_id", name=op.f("uq_receipt_tenant_id_entry_id")),
        sa.CheckConstraint(
            "yen > 0 and number > 0 and copies >= 0", name=op.f("ck_receipt_counts")
        ),
        sa.CheckConstraint(
            "(voided_at is null) = (void_reason is null)",
            name=op.f("ck_receipt_voided_for_a_reason"),
        ),
    )  # fmt: skip
    op.create_index("ix_receipt_booking", "receipt", ["tenant_id", "booking_id"])


def _make_cash_days() -> None:
    op.create_table(
        "cash_day",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("counter_id", sa.BigInteger()),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("expected_yen", sa.Integer(), nullable=False),
        sa.Column("counted_yen", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_cash_day_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "counter_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_cash_day_tenant_id_counter_id"),
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["account.id"], name=op.f("fk_cash_day_closed_by")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cash_day")),
        sa.UniqueConstraint(
            "tenant_id", "counter_id", "on_date",
            name=op.f("uq_cash_day_tenant_id_counter_id_on_date"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(
            "counted_yen = expected_yen or remark <> ''",
            name=op.f("ck_cash_day_difference_explained"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)
    op.drop_column("booking_line", "payee")
    for column in ("payee", "reverses_id", "counter_id", "business_on"):
        op.drop_column("ledger_entry", column)
