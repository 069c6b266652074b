"""A photo of each door: whoever was never there knows it by its look."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"


def upgrade() -> None:
    op.create_table(
        "door_photo",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.BigInteger(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["tenant_id", "door_id"],
            ["door.tenant_id", "door.id"],
            name=op.f("fk_door_photo_tenant_id_door_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "door_id", name=op.f("pk_door_photo")),
    )
    op.execute("alter table door_photo enable row level security")
    op.execute("alter table door_photo force row level security")
    op.execute(
        "create policy tenant_isolation on door_photo"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )
    op.execute("grant select, insert, update, delete on door_photo to kaikan_web")


def downgrade() -> None:
    op.drop_table("door_photo")
