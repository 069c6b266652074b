"""The form in which staff keep rooms from booking; all of it stands in the address.

Opened from a day or a slot it is filled in already, so that one press closes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask import request
from flask_babel import lazy_gettext as _l

from app.booking.floor import CLOSURE_KINDS
from app.booking.rules.keeping import EVERY_DAY, Keep, refusals
from app.facilities.catalogue import FacilityInfo
from app.kernel.calendar_jp import weekday_ja
from app.kernel.spans import MINUTES_OF_A_DAY, clock_text
from app.kernel.text_ja import tidy
from app.web import context
from app.web.forms import MOST_IN_A_LINE
from app.web.sentences import sentences
from app.web.staff_forms import as_day, printable
from app.web.use_form import minute_of
from app.web.words import _

_MONDAY = date(2024, 1, 1)
NAMES = {  # what is shown to residents when nothing else is written
    "closure": _l("臨時休館"),
    "public_use": _l("公用"),
    "event": _l("行事"),
    "maintenance": _l("点検"),
}


@dataclass(slots=True)
class ClosureForm:
    """What the page shows: what was typed, and what is wrong with it."""

    kind: str
    name: str
    rooms: frozenset[int]
    first: str
    last: str
    begins: str
    ends: str
    weekdays: tuple[int, ...]
    keep: Keep | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def shown_name(self) -> str:
        """Return the name that pages show."""
        return self.name or str(NAMES[self.kind])

    def link(self) -> dict[str, object]:
        """Return the form as values of an address."""
        return {
            "kind": self.kind,
            "name": self.name,
            "room": [str(one) for one in sorted(self.rooms)],
            "first": self.first,
            "last": self.last,
            "from": self.begins,
            "to": self.ends,
            "weekday": [str(one) for one in self.weekdays],
        }


def read(hall: FacilityInfo) -> ClosureForm:
    """Return the form as it stands in the address or was sent; at first today, the whole hall."""
    given = request.values
    known = {str(room.id): room.id for room in hall.rooms}
    by_slug = {room.slug: room.id for room in hall.rooms}
    typed = given.getlist("room")
    rooms = {known.get(one) or by_slug.get(one) for one in typed} if typed else set(known.values())
    first = printable(given.get("first", context.today().isoformat()))[:40]
    last = printable(given.get("last", first))[:40] or first
    kind = given.get("kind", "closure")
    days = {str(day): day for day in EVERY_DAY}
    form = ClosureForm(
        kind=kind if kind in CLOSURE_KINDS else "closure",
        name=tidy(given.get("name", ""))[:MOST_IN_A_LINE],
        rooms=frozenset(one for one in rooms if one is not None),
        first=first,
        last=last,
        begins=printable(given.get("from", ""))[:40],
        ends=printable(given.get("to", ""))[:40],
        weekdays=tuple(days[x] for x in dict.fromkeys(given.getlist("weekday")) if x in days)
        or EVERY_DAY,
    )
    if "sent" in given and not typed:
        form.rooms = frozenset()
    _judge(form)
    return form


def _judge(form: ClosureForm) -> None:
    """Fill in what is to be kept, or what is wrong with it."""
    first, last = _day(form.first), _day(form.last)
    begins = _minute(form.begins, 0)
    ends = _minute(form.ends, MINUTES_OF_A_DAY)
    if first is None or last is None:
        form.problems.append(_("日にちを、2026年12月5日のように入力してください。"))
    if begins is None or ends is None:
        form.problems.append(_("時刻は、9:05 のように入力してください。"))
    if first is None or last is None or begins is None or ends is None:
        return
    form.first, form.last = first.isoformat(), last.isoformat()
    form.begins = clock_text(begins) if form.begins else ""
    form.ends = clock_text(ends) if form.ends else ""
    keep = Keep(tuple(sorted(form.rooms)), first, last, begins, ends, tuple(sorted(form.weekdays)))
    form.problems += sentences(refusals(keep, today=context.today()))
    if not form.problems:
        form.keep = keep


def _day(typed: str) -> date | None:
    return as_day(typed)


def _minute(typed: str, otherwise: int) -> int | None:
    if not typed:
        return otherwise
    found = minute_of(typed)
    return found if found is not None and found <= MINUTES_OF_A_DAY else None


def chosen(hall: FacilityInfo, rooms: Sequence[int] | frozenset[int]) -> str:
    """Return these rooms in words: the whole hall, or their names."""
    there = [room for room in hall.rooms if room.id in rooms]
    if len(there) == len(hall.rooms):
        return _("全部の部屋")
    return _("、").join(room.name for room in there)


def weekday_names() -> list[str]:
    """Return the days of the week in one character each, Monday first."""
    return [weekday_ja(_MONDAY + timedelta(days=number)) for number in EVERY_DAY]
