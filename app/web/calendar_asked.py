"""What a calendar of staff is asked to show: days, halls, rooms, states; all in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import request, url_for

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.web import context, grids, halls

VIEWS = ("day", "week", "month")
MODES = {  # what pressing does, with the permission without which it is not offered
    "book": Permission.DESK,
    "close": Permission.CLOSE_ROOMS,
    "move": Permission.CHANGE_FOR_OTHERS,
}
STATES = ("paid", "unpaid", "asked", "held", "kept")
FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Asked:
    """A calendar as it stands in the address."""

    view: str
    on: date
    every: Sequence[FacilityInfo]  # where the viewer works
    halls: Sequence[FacilityInfo]  # which of them are shown, with the rooms that are
    hall_slugs: tuple[str, ...]  # as they were chosen; none: all
    room_ids: tuple[int, ...]
    state: str
    mode: str
    moving: int  # the line that is to be moved; 0: none is chosen

    @property
    def days(self) -> list[date]:
        """Return the days that are shown."""
        if self.view == "day":
            return [self.on]
        if self.view == "week":
            return grids.monday_first(self.on)
        return grids.month_days(self.on)

    @property
    def is_filtered(self) -> bool:
        """Say whether something is left out."""
        return bool(self.room_ids or self.state)

    def around(self) -> tuple[date, date]:
        """Return the days to go to, before and after."""
        first, last = self.days[0], self.days[-1]
        if self.view == "month":
            return (first - timedelta(days=1)).replace(day=1), last + timedelta(days=1)
        width = timedelta(days=len(self.days))
        return self.on - width, self.on + width

    def address(self, **changes: Any) -> str:
        """Return the address of this calendar with some of it changed."""
        one = replace(self, **changes)
        more: dict[str, Any] = {
            "hall": one.hall_slugs,
            "room": one.room_ids,
            "state": one.state or None,
            "mode": one.mode if one.mode != "book" else None,
            "move": one.moving or None,
        }
        return url_for("desk_calendar.show", view=one.view, on=one.on, **more)


def read(view: str, on: date) -> Asked:
    """Return what is asked for; what nobody could have chosen is passed over."""
    given = request.args
    every = halls.seen()
    slugs = tuple(x for x in dict.fromkeys(given.getlist("hall")) if x in {h.slug for h in every})
    rooms = {str(room.id): room.id for hall in every for room in hall.rooms}
    room_ids = tuple(rooms[x] for x in dict.fromkeys(given.getlist("room")) if x in rooms)
    state, mode = given.get("state", ""), given.get("mode", "book")
    move = given.get("move", "")
    return Asked(
        view=view,
        on=on,
        every=every,
        halls=_shown(every, slugs, frozenset(room_ids)),
        hall_slugs=slugs,
        room_ids=room_ids,
        state=state if state in STATES else "",
        mode=mode if mode in offered_modes() else "book",
        moving=int(move) if move.isascii() and move.isdecimal() and len(move) < 19 else 0,
    )


def offered_modes() -> list[str]:
    """Return what pressing may do for this viewer."""
    return [mode for mode, needed in MODES.items() if halls.seen(needed)]


def is_near(on: date) -> bool:
    """Say whether a day is one that calendars lead to."""
    return abs(on - context.today()) <= FURTHEST


def _shown(
    every: Sequence[FacilityInfo], slugs: tuple[str, ...], room_ids: frozenset[int]
) -> list[FacilityInfo]:
    chosen = [one for one in every if not slugs or one.slug in slugs]
    if not room_ids:
        return chosen
    left = [
        replace(one, rooms=tuple(room for room in one.rooms if room.id in room_ids))
        for one in chosen
    ]
    return [one for one in left if one.rooms]
