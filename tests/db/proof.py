"""What must hold of the whole database after anything happened, looked at past every policy."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from flask import Flask, current_app
from sqlalchemy.engine import make_url

from app.db import db

OVERLAPS = """
select a.tenant_id, a.space_id, a.id, b.id from occupancy a join occupancy b
  on a.tenant_id = b.tenant_id and a.space_id = b.space_id and a.id < b.id
 and a.live and b.live and a.starts_at < b.ends_at and b.starts_at < a.ends_at
"""

# Each finds what must never be there; its name is the complaint.
COMPLAINTS = {
    "a piece of floor is taken twice": OVERLAPS,
    "an active line does not have exactly its room's floor, clean-up included": """
        select l.id from booking_line l
          join room r on (r.tenant_id, r.id) = (l.tenant_id, l.room_id)
         where l.state = 'active'
           and (select array_agg((s.space_id, l.starts_at,
                                  l.ends_at + make_interval(mins => r.buffer_minutes))::text
                                 order by s.space_id)
                  from room_space s
                 where (s.tenant_id, s.room_id) = (l.tenant_id, l.room_id))
               is distinct from
               (select array_agg((o.space_id, o.starts_at, o.ends_at)::text order by o.space_id)
                  from occupancy o
                 where (o.tenant_id, o.booking_line_id) = (l.tenant_id, l.id)
                   and o.live and o.kind = 'booking')
    """,
    "a held line has floor that is not its room's, or only part of what it was given": """
        select l.id from booking_line l
          join room r on (r.tenant_id, r.id) = (l.tenant_id, l.room_id)
          join occupancy o on (o.tenant_id, o.booking_line_id) = (l.tenant_id, l.id) and o.live
         where l.state = 'held'
           and ((o.starts_at, o.ends_at) is distinct from
                (l.starts_at, l.ends_at + make_interval(mins => r.buffer_minutes))
             or not exists (select from room_space s
                             where (s.tenant_id, s.room_id, s.space_id)
                                 = (l.tenant_id, l.room_id, o.space_id)))
    """,
    "live floor belongs to a line that does not stand": """
        select o.id from occupancy o
          join booking_line l on (l.tenant_id, l.id) = (o.tenant_id, o.booking_line_id)
          join booking b on (b.tenant_id, b.id) = (l.tenant_id, l.booking_id)
         where o.live
           and not (o.kind = 'booking' and l.state = 'active'
                    and b.state in ('requested', 'provisional', 'confirmed', 'used')
                 or o.kind = 'hold' and l.state = 'held' and b.state = 'draft')
    """,
    "a line and its booking are not in states that go together": """
        select l.id from booking_line l
          join booking b on (b.tenant_id, b.id) = (l.tenant_id, l.booking_id)
         where (b.state = 'draft') <> (l.state = 'held')
            or (b.state in ('cancelled', 'lapsed') and l.state = 'active')
    """,
    "a booking was made without a line": """
        select b.id from booking b where b.state <> 'draft'
           and not exists (select from booking_line l
                            where (l.tenant_id, l.booking_id) = (b.tenant_id, b.id))
    """,
    "a booking's charges are not its fee, once for each line and each time it rose": """
        with differences as (
          select c.tenant_id, c.booking_id,
                 coalesce((x->'after'->>'fee_yen')::int, 0) - (x->'before'->>'fee_yen')::int as more
            from booking_change c, jsonb_array_elements(c.lines) x
           where x->'before'->>'fee_yen' is not null)
        select b.id from booking b where b.state <> 'draft'
           and not (b.state = 'requested' and b.review is not null)
           and (b.fee_yen <> (select coalesce(sum(e.yen), 0) from ledger_entry e
                               where (e.tenant_id, e.booking_id) = (b.tenant_id, b.id)
                                 and e.kind in ('charge', 'surcharge', 'waiver', 'credit'))
                           + (select coalesce(sum(least(d.more, 0)), 0) from differences d
                               where (d.tenant_id, d.booking_id) = (b.tenant_id, b.id))
             or (select count(*) from ledger_entry e
                  where (e.tenant_id, e.booking_id) = (b.tenant_id, b.id) and e.kind = 'charge')
              <> (select count(*) from booking_line l
                   where (l.tenant_id, l.booking_id) = (b.tenant_id, b.id)
                     and l.fee_yen is not null and b.state <> 'requested')
               + (select count(*) from differences d
                   where (d.tenant_id, d.booking_id) = (b.tenant_id, b.id) and d.more > 0))
    """,
    "a booking was not written down once in the audit": """
        select b.id from booking b where b.state <> 'draft'
           and 1 <> (select count(*) from audit_entry a
                      where (a.tenant_id, a.subject, a.subject_id) = (b.tenant_id, 'booking', b.id)
                        and a.action = 'booking.made')
    """,
    "a booking has not one letter": """
        select b.id from booking b where b.state <> 'draft' and b.account_id is not null
           and 1 <> (select count(*) from delivery d
                      where (d.tenant_id, d.template, d.subject_id)
                          = (b.tenant_id, 'booking_made', b.id))
    """,
    "a promised letter has not one job": """
        select d.id from delivery d where d.state = 'promised'
           and 1 <> (select count(*) from procrastinate_jobs j
                      where j.task_name = 'deliver_letter'
                        and (j.args->>'delivery_id')::bigint = d.id)
    """,
    "an ended booking still owes its unpaid fee": """
        select b.id from booking b where b.state in ('cancelled', 'lapsed')
           and 0 < (select sum(e.yen) from ledger_entry e
                     where (e.tenant_id, e.booking_id) = (b.tenant_id, b.id))
    """,
    "a confirmed booking is not paid": """
        select b.id from booking b where b.state = 'confirmed' and b.due_at is null
           and 0 < (select sum(e.yen) from ledger_entry e
                     where (e.tenant_id, e.booking_id) = (b.tenant_id, b.id))
    """,
}


def assert_whole(connection: psycopg.Connection) -> None:
    """Fail with every complaint about the database."""
    found = {name: connection.execute(query).fetchall() for name, query in COMPLAINTS.items()}
    if broken := {name: rows for name, rows in found.items() if rows}:
        raise AssertionError("\n".join(f"{name}: {rows}" for name, rows in broken.items()))


def overlaps(connection: psycopg.Connection) -> int:
    """Return how many pairs of live rows take the same floor at the same time."""
    return len(connection.execute(OVERLAPS).fetchall())


def one(connection: psycopg.Connection, query: str, *values: Any) -> Any:
    """Return the one value that a query finds."""
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def as_superuser(url: str | None = None) -> Iterator[psycopg.Connection]:
    """Connect past every policy to a database, by default to that of the application."""
    plain = make_url(url or current_app.config["SQLALCHEMY_DATABASE_URI"]).set(
        drivername="postgresql"
    )
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as made:
        yield made


def as_superuser_of(app: Flask) -> AbstractContextManager[psycopg.Connection]:
    """Connect past every policy to an application's database, from outside of it."""
    return as_superuser(app.config["SQLALCHEMY_DATABASE_URI"])


def deadlocks(connection: psycopg.Connection) -> int:
    """Return how many deadlocks this database has had.

    A backend counts for itself and tells everybody at its end at the latest, so the pool is
    emptied first.
    """
    db.session.rollback()
    db.engine.dispose()
    others = """
        select count(*) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and backend_type = 'client backend'
    """
    deadline = time.monotonic() + 10
    while one(connection, others) and time.monotonic() < deadline:
        pass
    assert one(connection, others) == 0, "a connection is still open"
    connection.execute("select pg_stat_clear_snapshot()")
    return int(
        one(connection, "select deadlocks from pg_stat_database where datname = current_database()")
    )
