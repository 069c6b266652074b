"""The one module that writes who takes which piece of floor when.

Every path to the floor (hold, booking, closure, import) comes through here; the constraint on
the table keeps the promise, and the order of the statements below keeps the peace.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, text
from sqlalchemy.orm import Session

from app.booking.floor import SPACE_TAKEN_ONCE
from app.db.session import current_tenant


@dataclass(frozen=True, slots=True)
class Claim:
    """A piece of floor wanted for [starts_at, ends_at), clean-up included, for one owner."""

    space_id: int
    starts_at: datetime
    ends_at: datetime
    line_id: int | None = None
    closure_id: int | None = None


_ORDER = "space_id, starts_at"  # in which all writers lock rows
_BESIDE_OTHERS = text(
    "select pg_advisory_xact_lock_shared(space) from unnest(cast(:spaces as bigint[])) as space"
)
_ALONE = text("select pg_advisory_xact_lock(space) from unnest(cast(:spaces as bigint[])) as space")


def in_turn(session: Session, space_ids: Iterable[int], *, alone: bool = False) -> None:
    """Come to this floor beside others who only take, or `alone` to remove and take in one go.

    The order of `take` keeps the peace among those who only take. Whoever removes rows first
    makes others wait for these while they hold what it wants next: without turns, a deadlock.
    """
    session.execute(_ALONE if alone else _BESIDE_OTHERS, {"spaces": sorted(set(space_ids))})


_RAN_OUT = """
    select id from occupancy
     where tenant_id = :tenant and space_id = any(:spaces) and live
       and starts_at > cast(:begins as timestamptz) - interval '36 hours'
       and starts_at < :ends and ends_at > :begins
       and kind = 'hold' and expires_at <= :now
"""
_SOME_RAN_OUT = text(f"{_RAN_OUT} limit 1")
_DELETE_RAN_OUT = text(
    f"""
    delete from occupancy
     where tenant_id = :tenant and id in ({_RAN_OUT} order by {_ORDER} for update)
    """  # noqa: S608 - nothing from outside
)


def clear_expired(session: Session, claims: Collection[Claim], *, now: datetime) -> None:
    """Come to the floor of `claims` in turn, and delete the holds there that ran out.

    The constraint's predicate can't know the time, so the writer clears before it writes.
    """
    if not claims:
        return
    spaces = {claim.space_id for claim in claims}
    floor = {
        "tenant": current_tenant(),
        "spaces": list(spaces),
        "begins": min(claim.starts_at for claim in claims),
        "ends": max(claim.ends_at for claim in claims),
        "now": now,
    }
    if session.scalar(_SOME_RAN_OUT, floor) is not None:
        in_turn(session, spaces, alone=True)
        session.execute(_DELETE_RAN_OUT, floor)
    elif len(claims) > 1:  # a single piece of floor is waited for with empty hands
        in_turn(session, spaces)


# One statement in one order, and on conflict nothing: a plain insert would deadlock in a rush.
_TAKE = text(
    f"""
    insert into occupancy (tenant_id, space_id, starts_at, ends_at, kind, booking_line_id,
                           closure_id, expires_at, live)
    select :tenant, space_id, starts_at, ends_at, :kind, line_id, closure_id, :expires_at, true
    from unnest(cast(:spaces as bigint[]), cast(:starts as timestamptz[]),
                cast(:ends as timestamptz[]), cast(:lines as bigint[]),
                cast(:closures as bigint[]))
         as wanted (space_id, starts_at, ends_at, line_id, closure_id)
    order by {_ORDER}
    on conflict on constraint {SPACE_TAKEN_ONCE} do nothing
    returning space_id, booking_line_id, closure_id, starts_at
    """  # noqa: S608 - the constraint's name is our own
)


def take(
    session: Session, claims: Sequence[Claim], *, kind: str, expires_at: datetime | None = None
) -> set[Claim]:
    """Take the floor and return the claims that were had; the others belong to somebody."""
    if not claims:
        return set()
    had = session.execute(
        _TAKE,
        {
            "tenant": current_tenant(),
            "kind": kind,
            "expires_at": expires_at,
            "spaces": [claim.space_id for claim in claims],
            "starts": [claim.starts_at for claim in claims],
            "ends": [claim.ends_at for claim in claims],
            "lines": [claim.line_id for claim in claims],
            "closures": [claim.closure_id for claim in claims],
        },
    )
    keys = {(row.space_id, row.booking_line_id, row.closure_id, row.starts_at) for row in had}
    return {c for c in claims if (c.space_id, c.line_id, c.closure_id, c.starts_at) in keys}


# The holds of lines, locked in the one order of all writers.
_HOLDS = f"""
    select id from occupancy
     where tenant_id = :tenant and booking_line_id = any(:lines) and live and kind = 'hold'
     order by {_ORDER}
       for update
"""  # noqa: S608 - the order is our own
_SETTLE = text(
    f"""
    update occupancy set kind = 'booking', expires_at = null
     where tenant_id = :tenant and id in ({_HOLDS})
    returning booking_line_id, space_id
    """  # noqa: S608 - nothing from outside
)
_PROLONG = text(
    f"""
    update occupancy set expires_at = :expires_at
     where tenant_id = :tenant and id in ({_HOLDS}) and expires_at > :now
    """  # noqa: S608 - nothing from outside
)
_GIVE_BACK = text(
    "update occupancy set live = false"
    " where tenant_id = :tenant and booking_line_id = any(:lines) and live"
)


_OPEN_AGAIN = text(
    "update occupancy set live = false"
    " where tenant_id = :tenant and closure_id = :closure and live and ends_at > :now"
)


def settle(session: Session, line_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Turn the holds of these lines into bookings; return the (line, space) pairs still held."""
    rows = session.execute(_SETTLE, {"tenant": current_tenant(), "lines": list(line_ids)})
    return {(row.booking_line_id, row.space_id) for row in rows}


def prolong(
    session: Session, line_ids: Sequence[int], *, expires_at: datetime, now: datetime
) -> int:
    """Let the holds of these lines that have not run out stand until `expires_at`; count them."""
    told = {
        "tenant": current_tenant(),
        "lines": list(line_ids),
        "expires_at": expires_at,
        "now": now,
    }
    done: CursorResult[tuple[()]] = session.execute(_PROLONG, told)  # type: ignore[assignment]
    return done.rowcount


def give_back(session: Session, line_ids: Sequence[int]) -> None:
    """Free the floor of booked lines; the rows stay as history."""
    session.execute(_GIVE_BACK, {"tenant": current_tenant(), "lines": list(line_ids)})


def open_again(session: Session, closure_id: int, *, now: datetime) -> None:
    """Free the floor that a closure has from now on; what has been stays as history."""
    told = {"tenant": current_tenant(), "closure": closure_id, "now": now}
    session.execute(_OPEN_AGAIN, told)


def move(
    session: Session, claims: Sequence[Claim], *, leaving: Iterable[int], now: datetime
) -> set[Claim]:
    """Leave the floor of booked lines for other floor in one go; return the claims that were had.

    `leaving` are the pieces of floor they have now; others wait their turn meanwhile. When a
    claim is missing the caller undoes the transaction, and the lines have what they had.
    """
    in_turn(session, [*leaving, *(claim.space_id for claim in claims)], alone=True)
    clear_expired(session, claims, now=now)
    give_back(session, sorted({claim.line_id for claim in claims if claim.line_id}))
    return take(session, claims, kind="booking")


_MOVED = text(
    "insert into facility_change (tenant_id, facility_id, changed_at)"
    " select :tenant, unnest(cast(:facilities as bigint[])), :now"
)


def moved(session: Session, facility_ids: Iterable[int], *, now: datetime) -> None:
    """Tell readers that these facilities' pages changed, with the change itself."""
    facilities = sorted(set(facility_ids))
    if facilities:
        values = {"tenant": current_tenant(), "facilities": facilities, "now": now}
        session.execute(_MOVED, values)
