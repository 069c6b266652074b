"""Waivers that are asked for, with papers and answers, and rights that groups are granted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
RIGHTS = {
    "entitlement": "select, insert, update",
    "waiver_request": "select, insert, update",
    "waiver_step": "select, insert",
    "waiver_paper": "select, insert",
}
APPEND_ONLY = ("waiver_step", "waiver_paper")
OPEN = "state in ('asked','returned')"
MOMENT = postgresql.TIMESTAMP(timezone=True)
KINDS_BEFORE = "'charge','release','payment','refund'"
KINDS_AFTER = "'charge','waiver','release','payment','refund'"
DOWN_BEFORE, DOWN_AFTER = "'release','payment'", "'waiver','release','payment'"


def upgrade() -> None:
    op.add_column("booking_line", sa.Column("waivers", postgresql.ARRAY(sa.Text())))
    _entitlement()
    _request()
    for table in ("waiver_step", "waiver_paper"):
        _of_request(table)
    for table, rights in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {rights} on {table} to kaikan_web")
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table}"
            " for each statement execute function refuse_change()"
        )
    _ledger(KINDS_AFTER, DOWN_AFTER)


def downgrade() -> None:
    _ledger(KINDS_BEFORE, DOWN_BEFORE)
    for table in ("waiver_paper", "waiver_step", "waiver_request", "entitlement"):
        op.drop_table(table)
    op.drop_column("booking_line", "waivers")


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _entitlement() -> None:
    op.create_table(
        "entitlement",
        *_keys("entitlement"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("waiver", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("granted_by", sa.BigInteger()),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.BigInteger()),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_entitlement_order")),
        sa.CheckConstraint("percent between 0 and 100", name=op.f("ck_entitlement_percent")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_entitlement_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_entitlement_tenant_id_facility_id"),
        ),
    )
    op.create_index("ix_entitlement_account", "entitlement", ["tenant_id", "account_id"])


def _request() -> None:
    op.create_table(
        "waiver_request",
        *_keys("waiver_request"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger()),
        sa.Column("waiver", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "state in ('asked','returned','approved','refused','withdrawn')",
            name=op.f("ck_waiver_request_state"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_waiver_request_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_waiver_request_tenant_id_booking_id"),
        ),
    )
    op.create_index("ix_waiver_request_state", "waiver_request", ["tenant_id", "state", "asked_at"])
    op.create_index(
        "uq_waiver_request_of_booking", "waiver_request", ["tenant_id", "booking_id"], unique=True,
        postgresql_where=sa.text(f"{OPEN} and booking_id is not null"),
    )  # fmt: skip
    op.create_index(
        "uq_waiver_request_of_group", "waiver_request", ["tenant_id", "account_id", "waiver"],
        unique=True, postgresql_where=sa.text(f"{OPEN} and booking_id is null"),
    )  # fmt: skip


def _of_request(table: str) -> None:
    columns = {
        "waiver_step": [
            sa.Column("state", sa.Text(), nullable=False),
            sa.Column("words", sa.Text(), nullable=False),
            sa.Column("account_id", sa.BigInteger()),
            sa.Column("at", MOMENT, nullable=False),
        ],
        "waiver_paper": [
            sa.Column("name", sa.Text(), nullable=False),
            sa.Column("media_type", sa.Text(), nullable=False),
            sa.Column("content", sa.LargeBinary(), nullable=False),
            sa.Column("sent_at", MOMENT, nullable=False),
            sa.CheckConstraint(
                "octet_length(content) <= 5242880", name=op.f("ck_waiver_paper_at_most_5_mib")
            ),
        ],
    }
    op.create_table(
        table,
        *_keys(table),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        *columns[table],
        sa.ForeignKeyConstraint(
            ["tenant_id", "request_id"],
            ["waiver_request.tenant_id", "waiver_request.id"],
            name=op.f(f"fk_{table}_tenant_id_request_id"),
        ),
    )
    op.create_index(f"ix_{table}_request", table, ["tenant_id", "request_id"])


def _ledger(kinds: str, down: str) -> None:
    for name in ("kind", "sign"):
        op.drop_constraint(op.f(f"ck_ledger_entry_{name}"), "ledger_entry")
    op.create_check_constraint(op.f("ck_ledger_entry_kind"), "ledger_entry", f"kind in ({kinds})")
    op.create_check_constraint(
        op.f("ck_ledger_entry_sign"),
        "ledger_entry",
        f"(kind in ('charge','refund') and yen >= 0) or (kind in ({down}) and yen <= 0)",
    )
