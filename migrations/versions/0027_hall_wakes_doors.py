"""What the hall itself takes, and gives back, wakes the doors of the uses beside it."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# Of rows of a closure alone: holds and bookings, which are written all day, pass by it. The days
# are only to be near: a day more at both ends, whatever the zone.
FUNCTION = """
create function wake_doors_of_closure() returns trigger language plpgsql as $$
begin
  insert into door_wake (owner, facility_id, on_date)
  select distinct line.tenant_id, line.facility_id, line.on_date
    from closure
    join booking_line as line on line.tenant_id = closure.tenant_id
     and line.facility_id = closure.facility_id
   where closure.tenant_id = new.tenant_id and closure.id = new.closure_id
     and line.state = 'active'
     and line.on_date between (new.starts_at at time zone 'Asia/Tokyo')::date - 1
                          and (new.ends_at at time zone 'Asia/Tokyo')::date + 1
     and line.starts_at < new.ends_at + interval '3 hours'
     and line.ends_at > new.starts_at - interval '3 hours'
     and exists (select from door where door.tenant_id = line.tenant_id
                    and door.facility_id = line.facility_id and door.ended_at is null);
  return null;
end $$
"""
TRIGGER = (
    "create trigger wake_doors after insert or update of live on occupancy"
    " for each row when (new.closure_id is not null)"
    " execute function wake_doors_of_closure()"
)


def upgrade() -> None:
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    op.execute("drop trigger wake_doors on occupancy")
    op.execute("drop function wake_doors_of_closure()")
