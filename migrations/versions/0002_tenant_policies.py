"""Who sees and writes what: forced policies by municipality, rights of the web role."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READ, APPEND, KEEP = "select", "select, insert", "select, insert, update, delete"

# Every table with a tenant_id stands under a forced policy; the web role gets no more than
# pages, the API and the worker need.
TENANT_TABLES = {
    "api_token": KEEP,
    "audit_entry": APPEND,
    "booking": KEEP,
    "booking_line": KEEP,
    "closure": KEEP,
    "delivery": "select, insert, update",
    "facility": READ,
    "facility_change": "select, insert, delete",
    "idempotent_answer": KEEP,
    "ledger_entry": APPEND,
    "occupancy": KEEP,
    "policy_version": READ,
    "resident": "select, insert, update",
    "room": READ,
    "room_space": READ,
    "rule_version": READ,
    "space": READ,
    "staff": READ,
}
GLOBAL_TABLES = {
    "account": APPEND,
    "alembic_version": READ,
    "sign_in_attempt": KEEP,
    "signed_in": KEEP,
    "tenant": READ,
}
APPEND_ONLY = ("audit_entry", "ledger_entry")
TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"


def upgrade() -> None:
    for table, rights in TENANT_TABLES.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {rights} on {table} to kaikan_web")
    for table, rights in GLOBAL_TABLES.items():
        op.execute(f"grant {rights} on {table} to kaikan_web")
    op.execute("grant usage on sequence booking_count to kaikan_web")
    op.execute(
        "create function refuse_change() returns trigger language plpgsql as $$"
        " begin raise exception '% is append-only', tg_table_name; end $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    for table in APPEND_ONLY:
        op.execute(f"drop trigger append_only on {table}")
    op.execute("drop function refuse_change()")
    op.execute("revoke usage on sequence booking_count from kaikan_web")
    for table in {**TENANT_TABLES, **GLOBAL_TABLES}:
        op.execute(f"revoke all on {table} from kaikan_web")
    for table in TENANT_TABLES:
        op.execute(f"drop policy tenant_isolation on {table}")
        op.execute(f"alter table {table} no force row level security")
        op.execute(f"alter table {table} disable row level security")
