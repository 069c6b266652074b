"""Statements that fill a house at once, and those that change and check it."""

# One booking with one line and one piece of floor for each slot, the nearest days first: every
# one of a day's slots (three for each room), or every other one, so that rows are mixed.
FILL = """
with wanted as (
  select n, r.id as room_id, r.facility_id, rs.space_id,
         %(first)s::date + (n / (3 * %(rooms)s))::int as on_date,
         (n / %(rooms)s) %% 3 as part
  from (select i * %(every)s + (i / 15) %% %(every)s as n
        from generate_series(0, %(count)s - 1) i) counted
  join room r on r.tenant_id = %(tenant)s and r.position = n %% %(rooms)s
  join room_space rs on rs.tenant_id = r.tenant_id and rs.room_id = r.id
), timed as (
  select *, (on_date + (array['09:00', '13:00', '18:00']::time[])[part + 1])
              at time zone 'Asia/Tokyo' as starts_at,
            (on_date + (array['12:00', '17:00', '22:00']::time[])[part + 1])
              at time zone 'Asia/Tokyo' as ends_at
  from wanted
), made as (
  insert into booking (tenant_id, state, number, is_by_staff, touched_at, submitted_at, answers,
                       fee_yen, people, purpose, shown_name)
  select %(tenant)s, 'confirmed', 'B' || n || '-' || on_date, true, now(), now(), '{}', 500, 10,
         'meeting', '計測の会' from timed
  returning id, number
), lined as (
  insert into booking_line (tenant_id, booking_id, facility_id, room_id, state, on_date, starts_at,
                            ends_at, slots, fee_yen, payee)
  select %(tenant)s, made.id, t.facility_id, t.room_id, 'active', t.on_date, t.starts_at,
         t.ends_at, 1, 500, 'city'
  from timed t join made on made.number = 'B' || t.n || '-' || t.on_date
  returning id, room_id, starts_at, ends_at
)
insert into occupancy (tenant_id, space_id, starts_at, ends_at, kind, booking_line_id, live)
select %(tenant)s, rs.space_id, l.starts_at, l.ends_at, 'booking', l.id, true
from lined l join room_space rs on rs.tenant_id = %(tenant)s and rs.room_id = l.room_id
"""

# Free so many taken slots of a week, each in another room, or take them again; a commit of their
# own for each would only cost time between what is measured.
CHANGE = """
with picked as (
  select id from (
    select distinct on (space_id) space_id, id from occupancy
    where tenant_id = %(tenant)s and kind = 'booking'
      and starts_at >= %(first)s and starts_at < %(first)s::timestamptz + interval '7 days'
    order by space_id, md5(id::text || %(seed)s)
  ) one_of_each_room
  order by md5(space_id::text || %(seed)s) limit %(count)s
), moved as (
  update occupancy set live = not live where id in (select id from picked) returning space_id
)
insert into facility_change (tenant_id, facility_id, changed_at)
select %(tenant)s, s.facility_id, clock_timestamp()
from moved join space s on s.tenant_id = %(tenant)s and s.id = moved.space_id
returning facility_id
"""

# Pieces of floor that are taken twice at once: what must never be.
OVERLAPS = """
select count(*) from occupancy a join occupancy b on a.tenant_id = b.tenant_id
   and a.space_id = b.space_id and a.id < b.id and a.live and b.live
   and a.starts_at < b.ends_at and b.starts_at < a.ends_at
 where a.booking_line_id > %(after)s
"""

# Bookings with one of these numbers, each with its one line and its one charge.
MADE = """
select count(*) from booking b where b.number = any(%(numbers)s)
   and (select count(*) from booking_line l where l.booking_id = b.id) = 1
   and (select count(*) from ledger_entry e where e.booking_id = b.id) = 1
"""
