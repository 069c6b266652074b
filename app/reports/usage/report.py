"""A report on the use of rooms: every grouping at once, beside the same days a year before."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.facilities.catalogue import Catalogue
from app.reports.usage.asked import Asked
from app.reports.usage.counted import Counted, Hours, counted
from app.reports.usage.figures import Figures, sum_of
from app.reports.usage.heat import Heat, between, heat
from app.reports.usage.opened import Opened, minutes_of, opened
from app.tenants.policy import PartOfDay

GROUPS = ("room", "facility", "month", "weekday", "part", "purpose", "class")
Groups = Mapping[str, Mapping[Hashable, Figures]]


@dataclass(frozen=True, slots=True)
class Report:
    """What was used. Keys: room and facility by id, month by its first day, weekday from 0,
    part, purpose and class by id ("" where none was given)."""

    asked: Asked
    total: Figures
    groups: Groups
    heat: Heat


@dataclass(frozen=True, slots=True)
class Before:
    """The same days a year before: the whole, and each month."""

    total: Figures
    months: Mapping[Hashable, Figures]


def report(session: Session, catalogue: Catalogue, asked: Asked) -> Report:
    """Return the report; one statement for uses, one for closures."""
    uses = counted(session, asked, zone=catalogue.zone.key)
    open_ = opened(session, catalogue, asked)
    cells = _cells(uses, open_)
    halls = _halls(catalogue)
    parts = catalogue.policy_on(asked.last).parts_of_day
    total = sum_of(cells.values())
    return Report(
        asked,
        total,
        {
            "room": _fold(cells, lambda room, on: room),
            "facility": _fold(cells, lambda room, on: halls.get(room)),
            "month": _fold(cells, lambda room, on: on.replace(day=1)),
            "weekday": _fold(cells, lambda room, on: on.weekday()),
            "part": _by_part(uses, open_, parts),
            "purpose": _over(uses.by_purpose, total),
            "class": _over(uses.by_class, total),
        },
        heat(uses.by_hours, open_),
    )


def before(session: Session, catalogue: Catalogue, asked: Asked) -> Before:
    """Return the whole and the months of the same days a year before."""
    earlier = asked.a_year_before()
    uses = counted(session, earlier, zone=catalogue.zone.key)
    cells = _cells(uses, opened(session, catalogue, earlier))
    return Before(sum_of(cells.values()), _fold(cells, lambda room, on: on.replace(day=1)))


def _cells(uses: Counted, open_: Opened) -> dict[tuple[int, date], Figures]:
    """Return every room and day with what was used and what was open."""
    found = dict(uses.by_room_and_day)
    for key, slots in open_.slots.items():
        one = found.setdefault(key, Figures())
        one.minutes_open, one.slots_open, one.days_open = minutes_of(slots), len(slots), 1
    return found


def _fold(
    cells: Mapping[tuple[int, date], Figures], key_of: Callable[[int, date], Hashable]
) -> dict[Hashable, Figures]:
    found: dict[Hashable, Figures] = {}
    for (room, on), figures in cells.items():
        key = key_of(room, on)
        if key not in found:
            found[key] = Figures()
        found[key] += figures
    return found


def _by_part(uses: Counted, open_: Opened, parts: Sequence[PartOfDay]) -> dict[Hashable, Figures]:
    """Return uses by the part of the day in which they begin; their time where it lies.

    So counts and yen add up to the whole, and the part of the opening time used is true.
    """
    found: dict[Hashable, Figures] = {one.id: Figures() for one in parts}
    for hours, figures in uses.by_hours.items():
        name = next((x.id for x in parts if x.from_ <= hours.from_minute < x.to), "")
        one = found.setdefault(name, Figures())
        one += figures
        one.minutes -= figures.minutes
        _spread(found, hours, figures.uses, parts)
    for part in parts:
        found[part.id].minutes_open = between(open_, part.from_, part.to)
    for one in found.values():
        one.slots = one.days = 0  # a slot may lie in two parts: there is no such share
    return found


def _spread(
    found: dict[Hashable, Figures], hours: Hours, uses: int, parts: Sequence[PartOfDay]
) -> None:
    left = (hours.to_minute - hours.from_minute) * uses
    for part in parts:
        within = min(hours.to_minute, part.to) - max(hours.from_minute, part.from_)
        if within > 0:
            found[part.id].minutes += within * uses
            left -= within * uses
    if left:
        found.setdefault("", Figures()).minutes += left


def _over(groups: Mapping[str, Figures], total: Figures) -> dict[Hashable, Figures]:
    """Return groups over the whole opening time: what part of it each of them used."""
    found: dict[Hashable, Figures] = {}
    for key, one in groups.items():
        one.minutes_open, one.slots_open = total.minutes_open, total.slots_open
        one.days = 0  # rooms are used for several purposes on a day
        found[key] = one
    return found


def _halls(catalogue: Catalogue) -> dict[int, int]:
    return {
        room.id: one.id for one in (*catalogue.former, *catalogue.facilities) for room in one.rooms
    }
