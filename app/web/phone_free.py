"""Whether a use that is noted on the telephone can still be had; said before all is typed."""

from datetime import date

from app.booking.plan import room_day
from app.booking.queries import busy
from app.booking.service.baskets import Wish
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel.spans import Span
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


def why_not(hall: FacilityInfo, wish: Wish) -> str:
    """Return why a use can't be had, nothing when it can."""
    if wish.from_minute >= wish.to_minute:
        return _("おわりは、はじまりより後の時刻をえらんでください。")
    room = next(one for one in hall.rooms if one.id == wish.room_id)
    if is_free(hall, room, wish.on, wish.from_minute, wish.to_minute):
        return ""
    return _("この時間は空いていません。ほかの時間か、ほかの部屋をえらんでください。")
