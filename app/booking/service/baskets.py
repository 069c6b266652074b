"""Choosing: floor is held at once for a while, before anybody signs in (仮押さえ)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.booking import occupancy
from app.booking.floor import Occupancy
from app.booking.models import Booking, BookingLine
from app.booking.queries import held_lines
from app.booking.rules import reception
from app.booking.rules.runs import too_long
from app.booking.service.basket_floor import delete_lines, write
from app.booking.service.basket_plan import HOLD, Chosen, Plan, Wish, minute_of
from app.booking.states import State
from app.db import Base
from app.db.session import current_tenant
from app.facilities.catalogue import Catalogue
from app.kernel.refusals import Refusal, Refused

MOST_LINES = 60  # of one basket: a whole building for days, but not a town
MOST_HELD_PER_NETWORK = 60  # by people who are not signed in, behind one address
ANSWERED_IN_COLUMNS = frozenset({"purpose", "people", "shown_name", "notes"})


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who chooses: a browser's key (hashed), the class that windows are read for, a network."""

    basket_key: str
    applicant_class: str
    origin: str | None = None  # None for somebody who is signed in
    by_staff: bool = False  # they look past periods and lengths, never past floor


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
    plan = Plan(catalogue, standing, stale)
    for wish in wishes:
        found = _unfit(plan, wish, wishes, chooser, now=now)
        if found:
            chosen.refused[wish] = tuple(found)
        else:
            plan.add(wish)
    write(session, plan, chosen, draft_id=draft_id, now=now)
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
        delete_lines(session, gone)
        return
    # What ran out goes too: applying would take it again.
    touched = [line for line in stale if _touches(line, wish, catalogue)]
    plan = Plan(catalogue, [*held, *touched], [line for line in stale if line not in touched])
    plan.remove(wish)
    write(session, plan, Chosen(draft.id), draft_id=draft.id, now=now)


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


def _touches(line: BookingLine, wish: Wish, catalogue: Catalogue) -> bool:
    begins = minute_of(line.starts_at, line.on_date, catalogue)
    ends = minute_of(line.ends_at, line.on_date, catalogue)
    same_place = (line.room_id, line.on_date) == (wish.room_id, wish.on)
    return same_place and begins < wish.to_minute and wish.from_minute < ends


def _unfit(
    plan: Plan, wish: Wish, wishes: Sequence[Wish], chooser: Chooser, *, now: datetime
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
