"""Whether a use that is noted on the telephone can still be had; said before all is typed."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.booking.plan import Facts, room_day
from app.booking.queries import busy
from app.booking.service.basket_plan import Wish
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.fees.rules import Quote
from app.kernel.spans import Span, instant
from app.web import context
from app.web.words import _


def is_free(hall: FacilityInfo, room: RoomInfo, on: date, from_minute: int, to_minute: int) -> bool:
    """Say whether the floor is free then; holds of others count as taken."""
    day = room_day(context.catalogue(), hall, room, on)
    run = day.run(from_minute, to_minute)
    if run is None:
        return False
    floor = day.floor(run)
    taken = busy(db.session(), room.space_ids, Span(floor.starts_at, floor.ends_at))
    return not any(
        one.expires_at is None or one.expires_at > context.now()
        for some in taken.values()
        for one in some
    )


def is_past(on: date, minute: int) -> bool:
    """Say whether a use that begins then would have begun."""
    return instant(on, minute, context.catalogue().zone) <= context.now()


def taken_slots(hall: FacilityInfo, room: RoomInfo, on: date) -> list[tuple[int, int]]:
    """Return the slots of a day that can't be had any more, by their first and last minutes."""
    day = room_day(context.catalogue(), hall, room, on)
    if not day.slots:
        return []
    zone, buffer = context.catalogue().zone, timedelta(minutes=room.buffer_minutes)
    spans = [
        (slot, instant(on, slot.from_minute, zone), instant(on, slot.to_minute, zone) + buffer)
        for slot in day.slots
    ]
    whole = Span(min(one[1] for one in spans), max(one[2] for one in spans))
    taken = [
        one
        for some in busy(db.session(), room.space_ids, whole).values()
        for one in some
        if one.expires_at is None or one.expires_at > context.now()
    ]
    return [
        (slot.from_minute, slot.to_minute)
        for slot, begins, ends in spans
        if begins <= context.now()
        or any(x.from_second < ends.timestamp() and begins.timestamp() < x.to_second for x in taken)
    ]


def why_not(hall: FacilityInfo, wish: Wish) -> str:
    """Return why a use can't be had, nothing when it can."""
    if wish.from_minute >= wish.to_minute:
        return _("おわりは、はじまりより後の時刻をえらんでください。")
    if is_past(wish.on, wish.from_minute):
        return _("もうすぎた時刻です。これからの時間をえらんでください。")
    room = next(one for one in hall.rooms if one.id == wish.room_id)
    if is_free(hall, room, wish.on, wish.from_minute, wish.to_minute):
        return ""
    return _("この時間は空いていません。ほかの時間か、ほかの部屋をえらんでください。")


def about_yen(hall: FacilityInfo, wishes: Sequence[Wish], applicant_class: str) -> int | None:
    """Return what these uses cost by room, time and class alone; None where that says nothing."""
    total = 0
    for one in wishes:
        room = next(known for known in hall.rooms if known.id == one.room_id)
        day = room_day(context.catalogue(), hall, room, one.on)
        run = day.run(one.from_minute, one.to_minute)
        facts = Facts(applicant_class, requested_on=context.today())
        fee = day.quote(run, facts) if run else None
        if not isinstance(fee, Quote):
            return None
        total += fee.total_yen
    return total if wishes else None
