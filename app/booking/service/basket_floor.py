"""The floor of a basket is taken and given back as its plan says."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.models import BookingLine
from app.booking.occupancy import Claim
from app.booking.queries import busy
from app.booking.rules.availability import Busy
from app.booking.service.basket_plan import HOLD, Chosen, Plan, RoomOnDay, Use, Wish
from app.booking.states import LineState
from app.db import Base
from app.db.session import current_tenant
from app.kernel.refusals import Refusal
from app.kernel.spans import Span, day_span


def write(session: Session, plan: Plan, chosen: Chosen, *, draft_id: int, now: datetime) -> None:
    """Bring lines and floor to what the plan says; what can't be had stays as it was."""
    changed = plan.changes()
    if any(runs and plan.puts_together(key) for key, runs in changed.items()):
        occupancy.in_turn(session, plan.spaces(changed), alone=True)
        _leave_out_taken(session, plan, changed, chosen, now=now)
        changed = plan.changes()
    gone = [line.id for key in changed for line, _ in plan.before[key]]
    gone += [line.id for line in plan.stale if (line.room_id, line.on_date) in changed]
    wanted = [(key, run) for key, runs in changed.items() for run in runs]
    lost = _take(session, plan, wanted, instead_of=gone, draft_id=draft_id, now=now)
    for key, run in lost:
        no = Refusal("slot.overlaps_own" if plan.overlaps_own(key, run) else "slot.taken")
        for wish in plan.wishes[key]:
            if run.from_minute <= wish.from_minute and wish.to_minute <= run.to_minute:
                chosen.refused[wish] = (no,)
    restored = [
        (key, before)
        for key, run in lost
        for _, before in plan.before[key]
        if set(before.slots) <= set(run.slots)
    ]
    _take(session, plan, restored, instead_of=(), draft_id=draft_id, now=now)
    facilities = [plan.day(key).place.facility.id for key in changed]
    if len(lost) < len(wanted) or gone:
        occupancy.moved(session, facilities, now=now)


def delete_lines(session: Session, ids: Sequence[int]) -> None:
    """Delete lines of a draft; the floor they hold goes with them."""
    if ids:
        session.execute(
            delete(BookingLine).where(
                BookingLine.tenant_id == current_tenant(), BookingLine.id.in_(ids)
            )
        )


def _leave_out_taken(
    session: Session,
    plan: Plan,
    keys: Collection[RoomOnDay],
    chosen: Chosen,
    *,
    now: datetime,
) -> None:
    """Refuse each wish whose own floor is taken, so that those beside it are had without it."""
    first, last = min(on for _, on in keys), max(on for _, on in keys)
    zone = plan.catalogue.zone
    # Clean-up time may reach into the next day.
    span = Span(day_span(first, zone).starts_at, day_span(last + timedelta(days=1), zone).ends_at)
    taken = busy(session, plan.spaces(keys), span)
    for key in keys:
        for wish in reversed(plan.wishes[key]):
            no = _in_the_way(plan, wish, taken, chosen.booking_id, now=now)
            if no is not None:
                chosen.refused[wish] = (no,)
                plan.leave_out(wish)


def _in_the_way(
    plan: Plan, wish: Wish, taken: Mapping[int, Sequence[Busy]], draft_id: int, *, now: datetime
) -> Refusal | None:
    key = (wish.room_id, wish.on)
    if plan.overlaps_own(key, plan.run(wish)):
        return Refusal("slot.overlaps_own")
    floor = plan.day(key).floor(plan.run(wish))
    begins, ends = floor.starts_at.timestamp(), floor.ends_at.timestamp()
    others = (
        block
        for space in plan.day(key).room.space_ids
        for block in taken.get(space, ())
        if block.booking_id != draft_id and (block.expires_at is None or block.expires_at > now)
    )
    met = any(block.from_second < ends and begins < block.to_second for block in others)
    return Refusal("slot.taken") if met else None


def _take(
    session: Session,
    plan: Plan,
    wanted: Sequence[Use],
    *,
    instead_of: Sequence[int],
    draft_id: int,
    now: datetime,
) -> list[Use]:
    """Insert lines and take their floor in place of others'; return the uses not had whole."""
    if not wanted:
        delete_lines(session, instead_of)
        return []
    ids = _insert_lines(session, plan, wanted, draft_id=draft_id)
    claims: dict[int, list[Claim]] = {}
    for line_id, (key, run) in zip(ids, wanted, strict=True):
        floor = plan.day(key).floor(run)
        claims[line_id] = [
            Claim(space, floor.starts_at, floor.ends_at, line_id=line_id)
            for space in plan.day(key).room.space_ids
        ]
    flat = [claim for some in claims.values() for claim in some]
    occupancy.clear_expired(session, flat, now=now)
    delete_lines(session, instead_of)
    had = occupancy.take(session, flat, kind="hold", expires_at=now + HOLD)
    undone = [line_id for line_id, some in claims.items() if not had.issuperset(some)]
    delete_lines(session, undone)
    return [use for line_id, use in zip(ids, wanted, strict=True) if line_id in undone]


_lines = Base.metadata.tables["booking_line"]
_INSERT_LINES = insert(_lines).returning(_lines.c.id, sort_by_parameter_order=True)


def _insert_lines(
    session: Session, plan: Plan, wanted: Sequence[Use], *, draft_id: int
) -> Sequence[int]:
    rows = []
    for key, run in wanted:
        span = plan.day(key).span(run)
        rows.append(
            {
                "tenant_id": current_tenant(),
                "booking_id": draft_id,
                "facility_id": plan.day(key).place.facility.id,
                "room_id": key[0],
                "state": LineState.HELD,
                "on_date": key[1],
                "starts_at": span.starts_at,
                "ends_at": span.ends_at,
                "slots": len(run.slots),
            }
        )
    return session.scalars(_INSERT_LINES, rows).all()
