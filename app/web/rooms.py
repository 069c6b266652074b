"""A room's day as a page shows it: named periods in rows, hours as a grid of small buttons."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import url_for
from markupsafe import Markup

from app.booking.finding import stretch
from app.booking.looking import RoomOnDay
from app.booking.rules.availability import Kind, SlotState
from app.booking.rules.reviewing import review_of
from app.booking.rules.runs import Division, Run
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.facilities.policy import UnitDivision
from app.fees.rules import Quote
from app.web import context, formats
from app.web.sentences import sentence
from app.web.words import _

MOST_FOR_ONE_FEE = 240  # minutes
# In the order of the legend.
ORDER = ("free", "partly", "taken", "mine", "outside", "closed", "maintenance", "past")
_ELSEWHERE = (Kind.TAKEN, Kind.CLOSED, Kind.MAINTENANCE)  # what is near helps here


@dataclass(frozen=True, slots=True)
class Row:
    """One stretch of a room's day: a period, or hours in the same state for the same reason."""

    state: str
    start: int  # minutes of the day
    end: int
    yen: int | None
    why: str | None
    next: Markup | None  # where something like it is free
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the grid."""

    state: str
    starts_at: int  # minutes of the day
    ends_at: int

    @property
    def at(self) -> str:
        """Return what its button sends."""
        return f"{self.starts_at}-{self.ends_at}"


@dataclass(frozen=True, slots=True)
class Block:
    """A room on a day."""

    id: str
    hall: FacilityInfo
    room: RoomInfo
    on: date
    url: str
    notes: list[str]
    rows: list[Row]
    cells: list[Cell]
    starts: list[tuple[int, str]]  # of "from … to …"; empty when there is nothing to join
    ends: list[tuple[int, str]]
    fields: dict[str, str]

    @property
    def has_long_names(self) -> bool:
        """Say whether the grid needs wide cells: its times are not whole hours."""
        return any(cell.starts_at % 60 for cell in self.cells)

    @property
    def has_chosen(self) -> bool:
        """Say whether something of this room and day is in the basket."""
        return any(row.state == "mine" for row in self.rows)


def block(day: RoomOnDay, *, back: str, part: str | None = None) -> Block:
    """Return a room's day, or one part of it, for the page at `back`."""
    begin, end = stretch(day.plan, part)
    states = day.states[begin:end]
    by_hours = isinstance(day.plan.division, UnitDivision)
    fields = {
        "facility": day.facility.slug,
        "room": day.room.slug,
        "on": day.plan.on.isoformat(),
        "part": part or "",
        "back": back,
    }
    alike = all((one.kind, one.refusal) == (states[0].kind, states[0].refusal) for one in states)
    has_grid = by_hours and bool(states) and (states[0].kind is Kind.FREE or not alike)
    shown = _joined(states, has_grid=has_grid) if by_hours else [[one] for one in states]
    free = [one for one in states if one.kind is Kind.FREE]
    joined = free if has_grid and len(free) > 1 else []
    return Block(
        id=block_id(day.facility, day.room),
        hall=day.facility,
        room=day.room,
        on=day.plan.on,
        url=url_for(
            "looking.room_day", facility=day.facility.slug, room=day.room.slug, on=day.plan.on
        ),
        notes=_notes(day),
        rows=[_row(day, some, fields) for some in shown],
        cells=[Cell(str(o.kind), o.slot.from_minute, o.slot.to_minute) for o in states]
        if has_grid
        else [],
        starts=_choices(one.slot.from_minute for one in joined),
        ends=_choices(one.slot.to_minute for one in joined),
        fields=fields,
    )


def block_id(hall: FacilityInfo, room: RoomInfo) -> str:
    """Return the id of a room's part of a page; a browser goes back to it after a press."""
    return f"r-{hall.slug}-{room.slug}"


def none_because(blocks: Sequence[Block]) -> str | None:
    """Return why nothing can be had of several rooms, when it is the same all day for all."""
    if len(blocks) < 2 or any(one.cells or not one.rows for one in blocks):
        return None
    reasons = {(row.state, row.why) for one in blocks for row in one.rows}
    (state, why), *others = reasons
    return why if not others and state in ("outside", "past") else None


def legend(states: Iterable[str]) -> list[str]:
    """Return the states that a page uses, in the order of the legend; free and taken always."""
    shown = {"free", "taken", *states}
    return [state for state in ORDER if state in shown]


def used(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the states that these blocks show, and the one that a press brings."""
    yield "mine"
    for one in blocks:
        yield from (row.state for row in one.rows)
        yield from (cell.state for cell in one.cells)


def _choices(minutes: Iterable[int]) -> list[tuple[int, str]]:
    return [(minute, formats.ja_minute(minute)) for minute in minutes]


def _joined(states: Sequence[SlotState], *, has_grid: bool) -> list[list[SlotState]]:
    """Return stretches of the same state and reason; beside a grid only what needs words."""
    said = [list(some) for _, some in groupby(states, key=lambda one: (one.kind, one.refusal))]
    if not has_grid:
        return said
    return [some for some in said if some[0].kind not in (Kind.FREE, Kind.PAST)]


def _row(day: RoomOnDay, states: Sequence[SlotState], fields: dict[str, str]) -> Row:
    first, last = states[0], states[-1]
    begins, ends = first.slot.from_minute, last.slot.to_minute
    return Row(
        state=str(first.kind),
        start=begins,
        end=ends,
        yen=_yen(day, states) if first.kind in (Kind.FREE, Kind.MINE) else None,
        why=sentence(first.refusal) if first.refusal else None,
        next=_near(day, begins, ends) if first.kind in _ELSEWHERE else None,
        fields={**fields, "at": f"{begins}-{ends}"},
    )


def _yen(day: RoomOnDay, states: Sequence[SlotState]) -> int | None:
    if len(states) == 1:
        return day.prices[states[0].slot.id]
    facts = context.looker().facts(day.plan)
    fee = day.plan.quote(Run(tuple(one.slot for one in states)), facts)
    return fee.total_yen if isinstance(fee, Quote) else None


def _near(day: RoomOnDay, begins: int, ends: int) -> Markup:
    url = url_for(
        "looking.near", facility=day.facility.slug, room=day.room.slug, on=day.plan.on,
        at=f"{begins}-{ends}",
    )  # fmt: skip
    span = formats.ja_minutes_span(begins, ends)
    return Markup('<a class="plain" href="{}">{}<span class="vh">{} {}</span></a>').format(
        url, _("近い空きを見る"), day.room.name, span
    )


def _notes(day: RoomOnDay) -> list[str]:
    """Return what is said beside a room's name: how many it holds, what an hour costs."""
    found = []
    if day.room.capacity:
        found.append(_("%(n)s人", n=day.room.capacity))
    else:
        found.append(_("定員は会館におたずねください"))
    if isinstance(day.plan.division, UnitDivision) and day.slots_cost:
        found.append(_least_fee(day, day.plan.division.minutes))
    elif day.plan.slots and not day.slots_cost:
        found.append(_("料金は会館にお電話ください"))
    terms, applicant_class = day.plan.terms.document, context.applicant_class()
    if review_of(terms, room=day.room.slug, applicant_class=applicant_class, purpose=None):
        found.append(_("会館の許可がいります"))
    return found + _lengths(day.plan.division)


def _least_fee(day: RoomOnDay, minutes: int) -> str:
    """Return what the shortest use costs, and how long it may be for that (30分でも1時間分)."""
    least = min(day.slots_cost)
    first = next(n for n, one in enumerate(day.plan.slots) if day.prices[one.id] == least)
    as_long, facts = 1, context.looker().facts(day.plan)
    while as_long * minutes < MOST_FOR_ONE_FEE:
        run = Run(tuple(day.plan.slots[first : first + as_long + 1]))
        fee = day.plan.quote(run, facts)
        if len(run.slots) <= as_long or not isinstance(fee, Quote) or fee.total_yen > least:
            break
        as_long += 1
    if as_long * minutes >= MOST_FOR_ONE_FEE:
        as_long = 1  # the same however long
    length, yen = formats.ja_length(as_long * minutes), formats.yen(least)
    text = _("%(length)s %(yen)s", length=length, yen=yen)
    if as_long > 1:
        text = _("%(length)sまで %(yen)s", length=length, yen=yen)
    return text if least == max(day.slots_cost) else _("%(fee)sから", fee=text)


def _lengths(division: Division) -> list[str]:
    """Return how long a use may be, where hours are not taken one by one."""
    found = []
    if isinstance(division, UnitDivision) and division.at_least > 1:
        least = formats.ja_length(division.at_least * division.minutes)
        found.append(_("%(length)s以上", length=least))
    if isinstance(division, UnitDivision) and division.at_most:
        most = formats.ja_length(division.at_most * division.minutes)
        found.append(_("%(length)sまで", length=most))
    return found
