"""The counter of a hall: actual use of each line, and hand-over notes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "actual_use",
        *_key("actual_use"),
        sa.Column("booking_line_id", sa.BigInteger(), nullable=False),
        *(sa.Column(f"{one}_at", MOMENT) for one in ("came", "left", "no_show")),
        *(sa.Column(f"key_{one}_at", MOMENT) for one in ("out", "back")),
        sa.Column("people", sa.Integer()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"],
            ["booking_line.tenant_id", "booking_line.id"],
            name=op.f("fk_actual_use_tenant_id_booking_line_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "booking_line_id", name=op.f("uq_actual_use_tenant_id_booking_line_id")
        ),
        _check(
            "left_at is null or (came_at is not null and came_at <= left_at)",
            "actual_use",
            "came_before_left",
        ),
        _check("no_show_at is null or came_at is null", "actual_use", "came_or_not"),
        _check("key_back_at is null or key_out_at is not null", "actual_use", "key_was_out"),
        _check("people is null or people > 0", "actual_use", "people"),
    )
    op.create_table(
        "hand_over_note",
        *_key("hand_over_note"),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("written_by", sa.BigInteger(), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_hand_over_note_tenant_id_facility_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "form_key", name=op.f("uq_hand_over_note_tenant_id_form_key")
        ),
        _check("(done_at is null) = (done_by is null)", "hand_over_note", "done_by_somebody"),
    )
    op.create_index(
        "ix_hand_over_note_open",
        "hand_over_note",
        ["tenant_id", "facility_id"],
        postgresql_where=sa.text("done_at is null"),
    )
    op.create_index(
        "ix_hand_over_note_done", "hand_over_note", ["tenant_id", "facility_id", "done_at"]
    )
    for table in ("actual_use", "hand_over_note"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant select, insert, update on {table} to kaikan_web")


def _key(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]


def _check(says: str, table: str, name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(says, name=op.f(f"ck_{table}_{name}"))


def downgrade() -> None:
    op.drop_table("hand_over_note")
    op.drop_table("actual_use")
