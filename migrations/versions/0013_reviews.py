"""Uses that staff permit: where the permit of a booking stands, and what was said about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
STATES = "'asked', 'returned', 'granted', 'refused'"


def upgrade() -> None:
    op.add_column("booking", sa.Column("review", sa.Text()))
    op.add_column("booking", sa.Column("answer_by", sa.Date()))
    for name, condition in (
        ("review", f"review is null or review in ({STATES})"),
        ("review_has_a_day", "(review is null) = (answer_by is null)"),
        (
            "certain_is_permitted",
            "state not in ('provisional','confirmed','used')"
            " or review is null or review = 'granted'",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_booking_{name}"), "booking", condition)
    op.create_index(
        "ix_booking_review",
        "booking",
        ["tenant_id", "answer_by"],
        postgresql_where=sa.text("state = 'requested' and review is not null"),
    )
    op.create_table(
        "review_step",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("grounds", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("account_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_review_step_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_review_step_tenant_id_booking_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_review_step")),
        sa.CheckConstraint(f"state in ({STATES})", name=op.f("ck_review_step_state")),
    )
    op.create_index("ix_review_step_booking", "review_step", ["tenant_id", "booking_id"])
    op.execute("alter table review_step enable row level security")
    op.execute("alter table review_step force row level security")
    op.execute(
        "create policy tenant_isolation on review_step"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert on review_step to kaikan_web")
    op.execute(
        "create trigger append_only before update or delete or truncate on review_step"
        " for each statement execute function refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("review_step")
    op.drop_index("ix_booking_review", "booking")
    for name in ("certain_is_permitted", "review_has_a_day", "review"):
        op.drop_constraint(op.f(f"ck_booking_{name}"), "booking")
    for name in ("answer_by", "review"):
        op.drop_column("booking", name)
