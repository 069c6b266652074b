"""Doors: accounts at vendors of locks, doors, grants of codes; the days to plan anew."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
GRANTS = {
    "lock_account": "select, insert, update",
    "door": "select, insert, update",
    "door_room": "select, insert, delete",
    "access_grant": "select, insert, update",
    "access_grant_door": "select, insert, update",
    "access_grant_line": "select, insert, delete",
    "lock_notice": "select, insert, update, delete",
    "door_task": "select, insert, update",
}
# Whoever changes a booking, by whatever path, wakes the days of its halls. Halls without doors
# are left out. It runs as whoever writes, so that the policies hold.
LINE_WAKES = """
create function wake_doors_of_line() returns trigger language plpgsql as $$
begin
  insert into door_wake (owner, facility_id, on_date)
  select distinct one.tenant_id, one.facility_id, one.on_date
    from (select old.tenant_id, old.facility_id, old.on_date
          union select new.tenant_id, new.facility_id, new.on_date) as one
   where exists (select from door where door.tenant_id = one.tenant_id
                    and door.facility_id = one.facility_id and door.ended_at is null);
  return null;
end $$
"""
BOOKING_WAKES = """
create function wake_doors_of_booking() returns trigger language plpgsql as $$
begin
  insert into door_wake (owner, facility_id, on_date)
  select distinct line.tenant_id, line.facility_id, line.on_date
    from booking_line as line
   where line.tenant_id = new.tenant_id and line.booking_id = new.id
     and exists (select from door where door.tenant_id = line.tenant_id
                    and door.facility_id = line.facility_id and door.ended_at is null);
  return null;
end $$
"""
TRIGGERS = (
    "create trigger wake_doors after update of state, starts_at, ends_at, room_id on booking_line"
    " for each row when (old.state = 'active' or new.state = 'active')"
    " execute function wake_doors_of_line()",
    "create trigger wake_doors after update of state on booking"
    " for each row when (old.state is distinct from new.state and new.state <> 'draft')"
    " execute function wake_doors_of_booking()",
)


def upgrade() -> None:
    _make_lock_account()
    _make_door()
    _make_door_room()
    _make_access_grant()
    _make_access_grant_door()
    _make_access_grant_line()
    _make_lock_notice()
    _make_door_task()
    _make_door_wake()
    for table, grant in GRANTS.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(
            f"create policy tenant_isolation on {table}"
            f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
        )
        op.execute(f"grant {grant} on {table} to kaikan_web")
    # Read by the worker for all municipalities at once; it holds ids and days only.
    op.execute("grant select, insert, update, delete on door_wake to kaikan_web")
    for function in (LINE_WAKES, BOOKING_WAKES):
        op.execute(function)
    for trigger in TRIGGERS:
        op.execute(trigger)


def _make_lock_account() -> None:
    op.create_table(
        "lock_account",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("client_ref", sa.Text(), nullable=False),
        sa.Column("sealed_secret", sa.Text()),
        sa.Column("sealed_tokens", sa.Text()),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("hook_mark", sa.Text()),
        sa.Column("sealed_hook", sa.Text()),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.BigInteger()),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.BigInteger()),
        sa.Column("heard_at", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("error", sa.Text()),
        sa.Column("rest_until", MOMENT),
        sa.Column("last_event", sa.Text()),
        sa.CheckConstraint(
            "provider in ('remotelock','manual')", name=op.f("ck_lock_account_provider")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_lock_account_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_lock_account")),
        sa.UniqueConstraint(
            "tenant_id", "hook_mark", name=op.f("uq_lock_account_tenant_id_hook_mark")
        ),
    )


def _make_door() -> None:
    op.create_table(
        "door",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("device_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("is_alone", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("before_minutes", sa.Integer(), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed_code", sa.Text()),
        sa.Column("code_set_at", MOMENT),
        sa.Column("is_online", sa.Boolean()),
        sa.Column("seen_at", MOMENT),
        sa.Column("battery", sa.Integer()),
        sa.Column("lead_seconds", sa.Integer()),
        sa.Column("checked_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("after_minutes between 0 and 120", name=op.f("ck_door_after")),
        sa.CheckConstraint(
            "battery is null or battery between 0 and 100", name=op.f("ck_door_battery")
        ),
        sa.CheckConstraint("before_minutes between 0 and 120", name=op.f("ck_door_before")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["lock_account.tenant_id", "lock_account.id"],
            name=op.f("fk_door_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_door_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_door_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_door")),
    )
    op.create_index("ix_door_facility", "door", ["tenant_id", "facility_id"])
    op.create_index(
        "ux_door_device",
        "door",
        ["tenant_id", "account_id", "device_ref"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )


def _make_door_room() -> None:
    op.create_table(
        "door_room",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "door_id"],
            ["door.tenant_id", "door.id"],
            name=op.f("fk_door_room_tenant_id_door_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "room_id"],
            ["room.tenant_id", "room.id"],
            name=op.f("fk_door_room_tenant_id_room_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "door_id", "room_id", name=op.f("pk_door_room")),
    )


def _make_access_grant() -> None:
    op.create_table(
        "access_grant",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refs", postgresql.JSONB(), nullable=False),
        sa.Column("holder_ref", sa.Text()),
        sa.Column("sealed_pin", sa.Text()),
        sa.Column("pin_mark", sa.Text()),
        sa.Column("sealed_url", sa.Text()),
        sa.Column("effective_from", MOMENT),
        sa.Column("effective_to", MOMENT),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("lease", sa.Text()),
        sa.Column("lease_until", MOMENT),
        sa.Column("next_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("ready_at", MOMENT),
        sa.Column("shown_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.Column("replaces_id", sa.BigInteger()),
        sa.CheckConstraint(
            "state in ('planned','issuing','pending','ready','failed','revoking','revoked',"
            "'ended')",
            name=op.f("ck_access_grant_state"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_access_grant_order")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["lock_account.tenant_id", "lock_account.id"],
            name=op.f("fk_access_grant_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_access_grant_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_access_grant_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_access_grant_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_access_grant")),
        sa.UniqueConstraint("tenant_id", "key", name=op.f("uq_access_grant_tenant_id_key")),
    )
    op.create_index("ix_access_grant_booking", "access_grant", ["tenant_id", "booking_id"])
    op.create_index("ix_access_grant_day", "access_grant", ["tenant_id", "facility_id", "on_date"])
    op.create_index(
        "ix_access_grant_due",
        "access_grant",
        ["tenant_id", "next_at"],
        postgresql_where=sa.text("next_at is not null"),
    )
    op.create_index(
        "ix_access_grant_holder", "access_grant", ["tenant_id", "account_id", "holder_ref"]
    )
    op.create_index(
        "ix_access_grant_live",
        "access_grant",
        ["tenant_id", "ends_at"],
        postgresql_where=sa.text("state not in ('revoked','ended')"),
    )


def _make_access_grant_door() -> None:
    op.create_table(
        "access_grant_door",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("door_id", sa.BigInteger(), nullable=False),
        sa.Column("device_ref", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('pending','ready','failed')", name=op.f("ck_access_grant_door_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "door_id"],
            ["door.tenant_id", "door.id"],
            name=op.f("fk_access_grant_door_tenant_id_door_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grant_id"],
            ["access_grant.tenant_id", "access_grant.id"],
            name=op.f("fk_access_grant_door_tenant_id_grant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_access_grant_door_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_access_grant_door")),
        sa.UniqueConstraint(
            "tenant_id",
            "grant_id",
            "door_id",
            name=op.f("uq_access_grant_door_tenant_id_grant_id_door_id"),
        ),
    )
    op.create_index("ix_access_grant_door_door", "access_grant_door", ["tenant_id", "door_id"])


def _make_access_grant_line() -> None:
    op.create_table(
        "access_grant_line",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grant_id"],
            ["access_grant.tenant_id", "access_grant.id"],
            name=op.f("fk_access_grant_line_tenant_id_grant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["booking_line.tenant_id", "booking_line.id"],
            name=op.f("fk_access_grant_line_tenant_id_line_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "grant_id", "line_id", name=op.f("pk_access_grant_line")
        ),
    )
    op.create_index("ix_access_grant_line_line", "access_grant_line", ["tenant_id", "line_id"])


def _make_lock_notice() -> None:
    op.create_table(
        "lock_notice",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("event_ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("at", MOMENT),
        sa.Column("door_id", sa.BigInteger()),
        sa.Column("grant_id", sa.BigInteger()),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.CheckConstraint("state in ('new','done','unknown')", name=op.f("ck_lock_notice_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["lock_account.tenant_id", "lock_account.id"],
            name=op.f("fk_lock_notice_tenant_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_lock_notice_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_lock_notice")),
        sa.UniqueConstraint(
            "tenant_id",
            "account_id",
            "event_ref",
            name=op.f("uq_lock_notice_tenant_id_account_id_event_ref"),
        ),
    )
    op.create_index("ix_lock_notice_door", "lock_notice", ["tenant_id", "door_id", "at"])
    op.create_index("ix_lock_notice_received", "lock_notice", ["tenant_id", "received_at"])


def _make_door_task() -> None:
    op.create_table(
        "door_task",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("door_id", sa.BigInteger()),
        sa.Column("grant_id", sa.BigInteger()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("booking_id", sa.BigInteger()),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.BigInteger()),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_door_task_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_door_task")),
        sa.UniqueConstraint("tenant_id", "about", name=op.f("uq_door_task_tenant_id_about")),
    )
    op.create_index(
        "ix_door_task_open",
        "door_task",
        ["tenant_id", "made_at"],
        postgresql_where=sa.text("done_at is null"),
    )


def _make_door_wake() -> None:
    op.create_table(
        "door_wake",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_wake")),
    )


def downgrade() -> None:
    op.execute("drop trigger wake_doors on booking")
    op.execute("drop trigger wake_doors on booking_line")
    op.execute("drop function wake_doors_of_booking()")
    op.execute("drop function wake_doors_of_line()")
    op.drop_table("door_wake")
    for table in reversed(GRANTS):
        op.drop_table(table)
