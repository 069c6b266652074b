"""Choosing: floor is held at once for a while, before anybody signs in (仮押さえ)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.occupancy import Claim
from app.booking.plan import RoomDay, room_day
from app.booking.queries import busy, held_lines
from app.booking.rules import reception
from app.booking.rules.availability import Busy
from app.booking.rules.runs import Run, too_long
from app.booking.states import LineState, State
from app.db import Base
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.facilities.rules import Slot
from app.kernel.refusals import Refusal, Refused
from app.kernel.spans import Span, day_span

HOLD = timedelta(minutes=15)
MOST_LINES = 60  # of one basket: a whole building for days, but not a town
MOST_HELD_PER_NETWORK = 60  # by people who are not signed in, behind one address
ANSWERED_IN_COLUMNS = frozenset({"purpose", "people", "shown_name", "notes"})

RoomOnDay = tuple[int, date]
Use = tuple[RoomOnDay, Run]


@dataclass(frozen=True, slots=True)
class Wish:
    """A room wanted between two minutes of a local day."""

    room_id: int
    on: date
    from_minute: int
    to_minute: int


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who chooses: a browser's key (hashed), the class that windows are read for, a network."""

    basket_key: str
    applicant_class: str
    origin: str | None = None  # None for somebody who is signed in
    by_staff: bool = False  # they look past periods and lengths, never past floor


@dataclass(slots=True)
class Chosen:
    """What came of choosing: the basket, and each wish that could not be had with the reasons."""

    booking_id: int
    refused: dict[Wish, tuple[Refusal, ...]] = field(default_factory=dict)


def hold(
    session: Session,
    catalogue: Catalogue,
    chooser: Chooser,
    wishes: Sequence[Wish],
    *,
    now: datetime,
    all_or_nothing: bool = False,
) -> Chosen:
    """Hold what is free of the wishes, each whole or not at all, and say why not the others.

    Wishes beside what is already held in the same room become one use with it. Raises Refused
    when nothing may be held at all, or when `all_or_nothing` and something could not.
    """
    draft_id, is_new = _open_draft(session, chooser, now=now)
    standing, stale = ([], []) if is_new else _by_hold(session, draft_id, now=now)
    if len(standing) + len(wishes) > MOST_LINES:
        raise Refused(Refusal("basket.full", {"most": MOST_LINES}))
    _check_budget(session, chooser, len(wishes), now=now)
    chosen = Chosen(draft_id)
    plan = _Plan(catalogue, standing, stale)
    for wish in wishes:
        found = _unfit(plan, wish, wishes, chooser, now=now)
        if found:
            chosen.refused[wish] = tuple(found)
        else:
            plan.add(wish)
    _write(session, plan, chosen, draft_id=draft_id, now=now)
    if all_or_nothing and chosen.refused:
        raise Refused(*(one for refusals in chosen.refused.values() for one in refusals))
    return chosen


def release(
    session: Session, catalogue: Catalogue, basket_key: str, wish: Wish, *, now: datetime
) -> None:
    """Let go of what the basket holds of a room between two minutes; the rest of a use stays."""
    draft = locked_draft(session, basket_key)
    if draft is None or draft.state != State.DRAFT:
        return
    held, stale = _by_hold(session, draft.id, now=now)
    if not catalogue.offers(wish.room_id):  # taken off the list since it was chosen
        gone = [line.id for line in (*held, *stale) if _touches(line, wish, catalogue)]
        _delete_lines(session, gone)
        return
    # What ran out goes too: applying would take it again.
    touched = [line for line in stale if _touches(line, wish, catalogue)]
    plan = _Plan(catalogue, [*held, *touched], [line for line in stale if line not in touched])
    plan.remove(wish)
    _write(session, plan, Chosen(draft.id), draft_id=draft.id, now=now)


def extend(session: Session, basket_key: str, *, now: datetime) -> None:
    """Keep everything in the basket for another while beyond its time; once (WCAG 2.2.1).

    Raises Refused when it was extended before.
    """
    draft = locked_draft(session, basket_key)
    if draft is None or draft.state != State.DRAFT:
        raise Refused(Refusal("basket.empty"))
    if draft.extended_at is not None:
        raise Refused(Refusal("basket.extended_before"))
    lines, until = held_lines(session, draft.id)
    ends = min((one for one in until.values() if one > now), default=now)
    kept = occupancy.prolong(session, [x.id for x in lines], expires_at=ends + HOLD, now=now)
    if not kept:
        raise Refused(Refusal("basket.empty"))
    session.execute(
        update(Booking).where(Booking.id == draft.id).values(extended_at=now, touched_at=now)
    )
    occupancy.moved(session, [line.facility_id for line in lines], now=now)


def note_answers(
    session: Session, basket_key: str, said: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep what was said about the use on the basket; what was not asked yet stays unsaid.

    Raises Refused when there is no basket any more.
    """
    draft = locked_draft(session, basket_key)
    if draft is None or draft.state != State.DRAFT:
        raise Refused(Refusal("basket.empty"))
    for name in ANSWERED_IN_COLUMNS & set(said):
        setattr(draft, name, said[name])
    draft.answers = {**draft.answers, **{k: said[k] for k in set(said) - ANSWERED_IN_COLUMNS}}
    draft.touched_at = now


_LOCKED_DRAFT = (
    select(Booking)
    .where(Booking.tenant_id == bindparam("tenant"), Booking.basket_key == bindparam("key"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def locked_draft(session: Session, basket_key: str) -> Booking | None:
    """Return this browser's booking, locked: two tabs and a double tap come one by one."""
    return session.scalar(_LOCKED_DRAFT, {"tenant": current_tenant(), "key": basket_key})


# One statement makes the basket or locks it, and says which. Built once: it runs at every choice.
_bookings = Base.metadata.tables["booking"]
_OPEN_DRAFT = (
    upsert(_bookings)
    .values(
        tenant_id=bindparam("tenant"),
        basket_key=bindparam("key"),
        origin=bindparam("from_network"),
        touched_at=bindparam("at"),
        state=State.DRAFT,
        answers={},
        fee_yen=0,
        is_by_staff=False,
    )
    .on_conflict_do_update(
        index_elements=["tenant_id", "basket_key"],
        set_={"touched_at": bindparam("at"), "origin": bindparam("from_network")},
        where=_bookings.c.state == State.DRAFT,
    )
    .returning(_bookings.c.id, literal_column("booking.xmax = 0").label("is_new"))
)


def _open_draft(session: Session, chooser: Chooser, *, now: datetime) -> tuple[int, bool]:
    """Make this browser's basket or lock it; return its id and whether it is new.

    Raises Refused when it was applied for.
    """
    values = {
        "tenant": current_tenant(),
        "key": chooser.basket_key,
        "from_network": chooser.origin,
        "at": now,
    }
    draft = session.execute(_OPEN_DRAFT, values).first()
    if draft is None:
        raise Refused(Refusal("basket.submitted"))
    return draft.id, draft.is_new


def _by_hold(
    session: Session, draft_id: int, *, now: datetime
) -> tuple[list[BookingLine], list[BookingLine]]:
    """Return the lines that are still held, and those whose hold ran out."""
    lines, until = held_lines(session, draft_id)
    held = [line for line in lines if line.id in until and until[line.id] > now]
    return held, [line for line in lines if line not in held]


def _check_budget(session: Session, chooser: Chooser, wanted: int, *, now: datetime) -> None:
    """Refuse when people who are not signed in hold too much from one network."""
    if chooser.origin is None:
        return
    held = session.scalar(
        select(func.count(BookingLine.id.distinct()))
        .join(
            Booking,
            (Booking.tenant_id == BookingLine.tenant_id) & (Booking.id == BookingLine.booking_id),
        )
        .join(
            Occupancy,
            (Occupancy.tenant_id == BookingLine.tenant_id)
            & (Occupancy.booking_line_id == BookingLine.id),
        )
        .where(
            Booking.tenant_id == current_tenant(),
            Booking.origin == chooser.origin,
            Booking.state == State.DRAFT,
            Occupancy.live,
            Occupancy.expires_at > now,
        )
    )
    if (held or 0) + wanted > MOST_HELD_PER_NETWORK:
        raise Refused(Refusal("basket.sign_in_first"))


class _Plan:
    """What the basket holds per room and day, and what it shall hold."""

    def __init__(
        self, catalogue: Catalogue, standing: Sequence[BookingLine], stale: Sequence[BookingLine]
    ) -> None:
        self.catalogue = catalogue
        self.stale = stale  # lines whose hold ran out
        self.days: dict[RoomOnDay, RoomDay] = {}
        self.before: dict[RoomOnDay, list[tuple[BookingLine, Run]]] = defaultdict(list)
        self.slots: dict[RoomOnDay, set[Slot]] = defaultdict(set)
        self.wishes: dict[RoomOnDay, list[Wish]] = defaultdict(list)
        for line in standing:
            self._keep(line)

    def _keep(self, line: BookingLine) -> None:
        key = (line.room_id, line.on_date)
        if not self.catalogue.offers(line.room_id):
            return  # taken off the list since: applying says so
        run = self.day(key).run(
            minute_of(line.starts_at, line.on_date, self.catalogue),
            minute_of(line.ends_at, line.on_date, self.catalogue),
        )
        if run is not None:
            self.before[key].append((line, run))
            self.slots[key].update(run.slots)

    def day(self, key: RoomOnDay) -> RoomDay:
        if key not in self.days:
            facility, room = self.catalogue.room(key[0])
            self.days[key] = room_day(self.catalogue, facility, room, key[1])
        return self.days[key]

    def add(self, wish: Wish) -> None:
        key = (wish.room_id, wish.on)
        self.slots[key].update(self.run(wish).slots)
        self.wishes[key].append(wish)

    def leave_out(self, wish: Wish) -> None:
        key = (wish.room_id, wish.on)
        self.wishes[key] = [other for other in self.wishes[key] if other != wish]
        runs = [self.run(other) for other in self.wishes[key]]
        runs += [before for _, before in self.before[key]]
        self.slots[key] = {slot for run in runs for slot in run.slots}

    def run(self, wish: Wish) -> Run:
        run = self.day((wish.room_id, wish.on)).run(wish.from_minute, wish.to_minute)
        assert run is not None
        return run

    def remove(self, wish: Wish) -> None:
        key = (wish.room_id, wish.on)
        self.slots[key] = {
            slot
            for slot in self.slots[key]
            if slot.to_minute <= wish.from_minute or wish.to_minute <= slot.from_minute
        }

    def changes(self) -> dict[RoomOnDay, list[Run]]:
        """Return the runs of each room and day that differ from what is held."""
        after = {key: self.day(key).runs(list(slots)) for key, slots in self.slots.items()}
        return {
            key: runs
            for key, runs in after.items()
            if [run.slots for run in runs] != [run.slots for _, run in self.before[key]]
        }

    def puts_together(self, key: RoomOnDay) -> bool:
        """Say whether a use is made of more than one wish, or of a wish and what was held."""
        return bool(self.before[key]) or len(self.wishes[key]) > 1

    def spaces(self, keys: Iterable[RoomOnDay]) -> set[int]:
        return {space for key in keys for space in self.day(key).room.space_ids}

    def overlaps_own(self, key: RoomOnDay, run: Run) -> bool:
        """Say whether the basket itself holds floor of this use through another room."""
        spaces = set(self.day(key).room.space_ids)
        return any(
            other != key
            and other[1] == key[1]
            and spaces.intersection(self.day(other).room.space_ids)
            and any(s.from_minute < run.to_minute and run.from_minute < s.to_minute for s in slots)
            for other, slots in self.slots.items()
        )

    def rooms_on(self, on: date) -> set[int]:
        return {key[0] for key, slots in self.slots.items() if key[1] == on and slots}


def _touches(line: BookingLine, wish: Wish, catalogue: Catalogue) -> bool:
    begins = minute_of(line.starts_at, line.on_date, catalogue)
    ends = minute_of(line.ends_at, line.on_date, catalogue)
    same_place = (line.room_id, line.on_date) == (wish.room_id, wish.on)
    return same_place and begins < wish.to_minute and wish.from_minute < ends


def minute_of(instant: datetime, on: date, catalogue: Catalogue) -> int:
    """Return the minute of the local day `on` at which an instant lies; 1440 for its end."""
    local = instant.astimezone(catalogue.zone)
    return (local.date() - on).days * 1440 + local.hour * 60 + local.minute


def _unfit(
    plan: _Plan, wish: Wish, wishes: Sequence[Wish], chooser: Chooser, *, now: datetime
) -> list[Refusal]:
    """Return why a wish can't be held, as far as rules alone can tell."""
    try:
        day = plan.day((wish.room_id, wish.on))
    except LookupError:
        return [Refusal("room.unknown")]
    if not day.day.is_open:
        return [Refusal("day.closed", {"name": day.day.closed_because})]
    run = day.run(wish.from_minute, wish.to_minute)
    if run is None:
        return [Refusal("slot.unknown")]
    if day.span(run).starts_at <= now:
        return [Refusal("slot.past")]
    if chooser.by_staff:
        return []
    beside = plan.rooms_on(wish.on) | {other.room_id for other in wishes if other.on == wish.on}
    found = day.window(run.from_minute, chooser.applicant_class, day.place.facility.named(beside))
    no = reception.refusal(found, now=now, phone=day.place.facility.phone)
    no = no or reception.view_only(day.place, now)
    # A choice that is still too short may be going on; it is judged when it is applied for.
    return [no] if no else too_long(run, day.division)


def _write(session: Session, plan: _Plan, chosen: Chosen, *, draft_id: int, now: datetime) -> None:
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


def _delete_lines(session: Session, ids: Sequence[int]) -> None:
    """Delete lines of a draft; the floor they hold goes with them."""
    if ids:
        session.execute(
            delete(BookingLine).where(
                BookingLine.tenant_id == current_tenant(), BookingLine.id.in_(ids)
            )
        )


def _leave_out_taken(
    session: Session,
    plan: _Plan,
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
    plan: _Plan, wish: Wish, taken: Mapping[int, Sequence[Busy]], draft_id: int, *, now: datetime
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
    plan: _Plan,
    wanted: Sequence[Use],
    *,
    instead_of: Sequence[int],
    draft_id: int,
    now: datetime,
) -> list[Use]:
    """Insert lines and take their floor in place of others'; return the uses not had whole."""
    if not wanted:
        _delete_lines(session, instead_of)
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
    _delete_lines(session, instead_of)
    had = occupancy.take(session, flat, kind="hold", expires_at=now + HOLD)
    undone = [line_id for line_id, some in claims.items() if not had.issuperset(some)]
    _delete_lines(session, undone)
    return [use for line_id, use in zip(ids, wanted, strict=True) if line_id in undone]


_lines = Base.metadata.tables["booking_line"]
_INSERT_LINES = insert(_lines).returning(_lines.c.id, sort_by_parameter_order=True)


def _insert_lines(
    session: Session, plan: _Plan, wanted: Sequence[Use], *, draft_id: int
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
