"""Screens and calendars by secret addresses, and words that staff put on screens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "public_link",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("room_ids", postgresql.ARRAY(sa.BigInteger())),
        sa.Column("account_id", sa.BigInteger()),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_public_link_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_public_link_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_public_link_account_id")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_public_link_made_by")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_public_link")),
        sa.CheckConstraint("kind in ('screen','calendar')", name=op.f("ck_public_link_kind")),
        sa.CheckConstraint(
            "(facility_id is null) <> (account_id is null)",
            name=op.f("ck_public_link_of_a_hall_or_a_person"),
        ),
        sa.CheckConstraint(
            "kind = 'calendar' or facility_id is not null",
            name=op.f("ck_public_link_screens_are_of_halls"),
        ),
    )
    op.create_index("ix_public_link_facility", "public_link", ["tenant_id", "facility_id"])
    op.create_index("ix_public_link_account", "public_link", ["tenant_id", "account_id"])
    op.create_table(
        "screen_notice",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("put_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_screen_notice_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_screen_notice_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["put_by"], ["account.id"], name=op.f("fk_screen_notice_put_by")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_screen_notice")),
    )
    op.create_index(
        "ix_screen_notice_facility", "screen_notice", ["tenant_id", "facility_id", "until"]
    )
    for table in ("public_link", "screen_notice"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant select, insert, update on {table} to kaikan_web")


def downgrade() -> None:
    op.drop_table("screen_notice")
    op.drop_table("public_link")
