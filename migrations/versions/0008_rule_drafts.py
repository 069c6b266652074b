"""Rules are drafted, checked and published in the office; who did it stays with each version."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
RIGHTS = {"rule_draft": "select, insert, update", "rule_cases": "select, insert"}
WRITTEN_ONCE = ("rule_version", "policy_version")


def upgrade() -> None:
    op.create_table(
        "rule_draft",
        *_keys("rule_draft"),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("editors", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.BigInteger()),
        sa.CheckConstraint(
            "subject in ('calendar','terms','fees','policy')", name=op.f("ck_rule_draft_subject")
        ),
        sa.CheckConstraint(
            "(subject = 'policy') = (facility_id is null)", name=op.f("ck_rule_draft_of_a_hall")
        ),
        sa.CheckConstraint(
            "state in ('open','published','discarded')", name=op.f("ck_rule_draft_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_rule_draft_tenant_id_facility_id"),
        ),
    )
    op.create_index("ix_rule_draft_state", "rule_draft", ["tenant_id", "state", "changed_at"])
    op.create_table(
        "rule_cases",
        *_keys("rule_cases"),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
    )
    for table, rights in RIGHTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {rights} on {table} to kaikan_web")
    for table in WRITTEN_ONCE:
        op.add_column(table, sa.Column("published_by", sa.BigInteger()))
        op.add_column(table, sa.Column("draft_id", sa.BigInteger()))
        op.execute(f"grant insert on {table} to kaikan_web")
        op.execute(
            f"create trigger append_only before update or delete or truncate on {table}"
            " for each statement execute function refuse_change()"
        )
    op.execute("grant update (catalogue_revision) on tenant to kaikan_web")


def downgrade() -> None:
    op.execute("revoke update (catalogue_revision) on tenant from kaikan_web")
    for table in WRITTEN_ONCE:
        op.execute(f"drop trigger append_only on {table}")
        op.execute(f"revoke insert on {table} from kaikan_web")
        op.drop_column(table, "draft_id")
        op.drop_column(table, "published_by")
    for table in RIGHTS:
        op.drop_table(table)


def _keys(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]
