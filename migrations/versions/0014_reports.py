"""Questions to reports are kept and mailed; files that take long are made by the worker."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
DOCUMENT = postgresql.JSONB(none_as_null=True)
GRANTS = {
    "saved_report": "select, insert, update",
    "report_mailing": "select, insert",
    "made_file": "select, insert, update, delete",
    "made_file_piece": "select, insert, delete",
}


def upgrade() -> None:
    _table(
        "saved_report",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("question", DOCUMENT, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("is_mailed", sa.Boolean(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_saved_report_account_id")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "account_id",
            "name",
            name=op.f("uq_saved_report_tenant_id_account_id_name"),
        ),
    )
    _table(
        "report_mailing",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["saved_report.tenant_id", "saved_report.id"],
            name=op.f("fk_report_mailing_tenant_id_report_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "report_id", "month",
            name=op.f("uq_report_mailing_tenant_id_report_id_month"),
        ),
    )  # fmt: skip
    _table(
        "made_file",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question", DOCUMENT, nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_made_file_account_id")
        ),
        sa.CheckConstraint(
            "state in ('waiting','working','done','failed')", name=op.f("ck_made_file_state")
        ),
    )
    op.create_index("ix_made_file_asked", "made_file", ["tenant_id", "asked_at"])
    _table(
        "made_file_piece",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_id"],
            ["made_file.tenant_id", "made_file.id"],
            name=op.f("fk_made_file_piece_tenant_id_file_id"),
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "tenant_id", "file_id", "place",
            name=op.f("uq_made_file_piece_tenant_id_file_id_place"),
        ),
    )  # fmt: skip
    for table, grant in GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {grant} on {table} to kaikan_web")


def _table(name: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{name}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{name}")),
    )


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)
