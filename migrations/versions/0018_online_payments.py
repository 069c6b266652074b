"""Payments over the network: accounts of payees, attempts, notices; refunds; tasks about money."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
GRANTS = {
    "payee_account": "select, insert, update",
    "payment_attempt": "select, insert, update",
    "payment_part": "select, insert, update",
    "refund": "select, insert, update",
    "money_task": "select, insert, update",
}
RAISE = "'charge','surcharge','cancellation_fee','refund','reversal'"
LOWER = "'waiver','release','credit','payment','refund_return'"


def upgrade() -> None:
    _widen_ledger(
        RAISE, LOWER,
        "'charge','surcharge','cancellation_fee','waiver','release','credit',"
        " 'payment','reversal','refund','refund_return'",
    )  # fmt: skip
    op.add_column("receipt", sa.Column("uses", postgresql.JSONB()))
    _make_payee_account()
    _make_payment_attempt()
    _make_payment_part()
    _make_refund()
    _make_money_task()
    _make_provider_notice()
    for table, grant in GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {grant} on {table} to kaikan_web")
    # Of no municipality yet when it comes in, and without anything personal.
    op.execute("grant select, insert, update on provider_notice to kaikan_web")


def _widen_ledger(raising: str, lowering: str, kinds: str) -> None:
    for name in ("kind", "sign"):
        op.drop_constraint(op.f(f"ck_ledger_entry_{name}"), "ledger_entry")
    op.create_check_constraint(op.f("ck_ledger_entry_kind"), "ledger_entry", f"kind in ({kinds})")
    op.create_check_constraint(
        op.f("ck_ledger_entry_sign"), "ledger_entry",
        f"(kind in ({raising}) and yen >= 0) or (kind in ({lowering}) and yen <= 0)",
    )  # fmt: skip


def _make_payee_account() -> None:
    op.create_table(
        "payee_account",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.Text()),
        sa.Column("sealed_secrets", sa.Text()),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("announced", sa.Text(), nullable=False),
        sa.Column("ways", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", MOMENT),
        sa.Column("approved_by", sa.BigInteger()),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.BigInteger()),
        sa.CheckConstraint(
            "(mode = 'connect' and sealed_key is null) or (mode = 'own_key' and"
            " sealed_key is not null and sealed_secrets is not null)",
            name=op.f("ck_payee_account_mode"),
        ),
        sa.CheckConstraint(
            "(approved_at is null) = (approved_by is null)", name=op.f("ck_payee_account_approved")
        ),
        sa.CheckConstraint(
            "approved_by is null or approved_by <> proposed_by",
            name=op.f("ck_payee_account_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_payee_account_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payee_account")),
    )
    op.create_index(
        "ux_payee_account_in_force",
        "payee_account",
        ["tenant_id", "payee"],
        unique=True,
        postgresql_where=sa.text("approved_at is not null and ended_at is null"),
    )


def _make_payment_attempt() -> None:
    op.create_table(
        "payment_attempt",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("payee_account_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("konbini_days", sa.Integer()),
        sa.Column("told", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("session_ref", sa.Text()),
        sa.Column("intent_ref", sa.Text()),
        sa.Column("charge_ref", sa.Text()),
        sa.Column("url", sa.Text()),
        sa.Column("voucher_url", sa.Text()),
        sa.Column("voucher_until", MOMENT),
        sa.Column("method", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.CheckConstraint(
            "(konbini_days is not null) = (way = 'konbini')", name=op.f("ck_payment_attempt_days")
        ),
        sa.CheckConstraint(
            "state in ('begun','open','waiting','paid','expired','failed')",
            name=op.f("ck_payment_attempt_state"),
        ),
        sa.CheckConstraint("yen > 0", name=op.f("ck_payment_attempt_yen")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payee_account_id"],
            ["payee_account.tenant_id", "payee_account.id"],
            name=op.f("fk_payment_attempt_tenant_id_payee_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_payment_attempt_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_attempt")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_payment_attempt_tenant_id_key")),
        sa.UniqueConstraint(
            "tenant_id", "session_ref", name=op.f("uq_payment_attempt_tenant_id_session_ref")
        ),
    )
    op.create_index(
        "ix_payment_attempt_going_on",
        "payment_attempt",
        ["tenant_id", "begun_at"],
        postgresql_where=sa.text("state in ('begun','open','waiting')"),
    )
    op.create_index("ix_payment_attempt_intent", "payment_attempt", ["tenant_id", "intent_ref"])


def _make_payment_part() -> None:
    op.create_table(
        "payment_part",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint(
            "outcome is null or outcome in ('paid','revived','late','double','over')",
            name=op.f("ck_payment_part_outcome"),
        ),
        sa.CheckConstraint("yen > 0", name=op.f("ck_payment_part_yen")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "attempt_id"],
            ["payment_attempt.tenant_id", "payment_attempt.id"],
            name=op.f("fk_payment_part_tenant_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_payment_part_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["ledger_entry.tenant_id", "ledger_entry.id"],
            name=op.f("fk_payment_part_tenant_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_payment_part_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment_part")),
        sa.UniqueConstraint(
            "tenant_id",
            "attempt_id",
            "booking_id",
            name=op.f("uq_payment_part_tenant_id_attempt_id_booking_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "entry_id", name=op.f("uq_payment_part_tenant_id_entry_id")
        ),
    )
    op.create_index(
        "ux_payment_part_open",
        "payment_part",
        ["tenant_id", "booking_id"],
        unique=True,
        postgresql_where=sa.text("is_open"),
    )


def _make_refund() -> None:
    op.create_table(
        "refund",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger()),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.BigInteger()),
        sa.Column("entry_id", sa.BigInteger()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (entry_id is not null)", name=op.f("ck_refund_done")
        ),
        sa.CheckConstraint(
            "method in ('card','konbini','paypay','cash','transfer')", name=op.f("ck_refund_method")
        ),
        sa.CheckConstraint(
            "state in ('due','sent','details','done','failed','dropped')",
            name=op.f("ck_refund_state"),
        ),
        sa.CheckConstraint("yen > 0", name=op.f("ck_refund_yen")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "attempt_id"],
            ["payment_attempt.tenant_id", "payment_attempt.id"],
            name=op.f("fk_refund_tenant_id_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_refund_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entry_id"],
            ["ledger_entry.tenant_id", "ledger_entry.id"],
            name=op.f("fk_refund_tenant_id_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["ledger_entry.tenant_id", "ledger_entry.id"],
            name=op.f("fk_refund_tenant_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_refund_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refund")),
        sa.UniqueConstraint("tenant_id", "entry_id", name=op.f("uq_refund_tenant_id_entry_id")),
        sa.UniqueConstraint(
            "tenant_id", "provider_ref", name=op.f("uq_refund_tenant_id_provider_ref")
        ),
    )
    op.create_index("ix_refund_booking", "refund", ["tenant_id", "booking_id"])
    op.create_index(
        "ix_refund_going_on",
        "refund",
        ["tenant_id", "asked_at"],
        postgresql_where=sa.text("state not in ('done','dropped')"),
    )


def _make_money_task() -> None:
    op.create_table(
        "money_task",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger()),
        sa.Column("yen", sa.Integer()),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.BigInteger()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_money_task_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_money_task")),
        sa.UniqueConstraint("tenant_id", "about", name=op.f("uq_money_task_tenant_id_about")),
    )
    op.create_index(
        "ix_money_task_open",
        "money_task",
        ["tenant_id", "made_at"],
        postgresql_where=sa.text("done_at is null"),
    )


def _make_provider_notice() -> None:
    op.create_table(
        "provider_notice",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=False),
        sa.Column("intent_ref", sa.Text()),
        sa.Column("owner", sa.Integer()),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("done_at", MOMENT),
        sa.CheckConstraint(
            "state in ('new','done','refused','unknown','failed')",
            name=op.f("ck_provider_notice_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_notice")),
    )


def downgrade() -> None:
    op.drop_column("receipt", "uses")
    op.drop_table("provider_notice")
    for table in reversed(GRANTS):
        op.drop_table(table)
    _widen_ledger(
        "'charge','refund','reversal'", "'waiver','release','payment'",
        "'charge','waiver','release','payment','refund','reversal'",
    )  # fmt: skip
