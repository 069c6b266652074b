"""Letters to staff about applications that nobody answered in time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"


def upgrade() -> None:
    op.create_table(
        "review_reminder",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_review_reminder_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_review_reminder_account_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_review_reminder")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "on_date",
            name=op.f("uq_review_reminder_tenant_id_account_id_on_date"),
        ),
    )  # fmt: skip
    op.execute("alter table review_reminder enable row level security")
    op.execute("alter table review_reminder force row level security")
    op.execute(
        "create policy tenant_isolation on review_reminder"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert on review_reminder to kaikan_web")


def downgrade() -> None:
    op.drop_table("review_reminder")
