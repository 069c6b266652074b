"""What keeps a room from booking, in words: on screens of staff and in what the audit tells."""

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.calendar_jp import WEEKDAYS
from app.kernel.spans import MINUTES_OF_A_DAY
from app.web import context, formats
from app.web.words import _

KEPT = {
    "closure": _l("臨時休館"),
    "public_use": _l("公用"),
    "event": _l("行事"),
    "maintenance": _l("保守・点検"),
}


def kept(kind: str) -> str:
    """Return why a room is kept from booking."""
    return str(KEPT[kind])


def kept_named(kind: str, name: str) -> str:
    """Return what keeps a room and under which name, once when they are the same."""
    word = kept(kind)
    return word if name == word else _("%(kind)s「%(name)s」", kind=word, name=name)


def closure_said(facts: dict[str, Any]) -> list[str]:
    """Return what was kept from booking: why, which rooms, which days and hours."""
    if "rooms" not in facts:  # written before these facts were kept
        return [kept(facts["kind"])]
    first, last = (date.fromisoformat(facts[key]) for key in ("first", "last"))
    days = formats.ja_date(first)
    if first != last:
        days = _("%(a)sから%(b)sまで", a=days, b=formats.ja_date(last))
    hours = hours_said(facts["from_minute"], facts["to_minute"], facts["weekdays"])
    said = [kept(facts["kind"]), _rooms(facts["rooms"]), days, hours]
    if facts.get("gave_way"):
        said.append(_("取り消した枠 %(n)s", n=len(facts["gave_way"])))
    return said


def _rooms(room_ids: list[int]) -> str:
    """Return the names of rooms, each hall named once."""
    found: dict[str, list[str]] = {}
    for room_id in room_ids:
        try:
            hall, room = context.catalogue().known_room(room_id)
        except LookupError:
            continue
        found.setdefault(hall.name, []).append(room.name)
    return _("、").join(f"{hall} {'・'.join(rooms)}" for hall, rooms in found.items())


def hours_said(from_minute: int, to_minute: int, weekdays: Collection[int]) -> str:
    """Return which hours of which weekdays (0: Monday) are kept of each day."""
    is_whole = to_minute - from_minute == MINUTES_OF_A_DAY
    hours = _("1日じゅう") if is_whole else formats.ja_minutes_span(from_minute, to_minute)
    if len(weekdays) == len(WEEKDAYS):
        return hours
    days = _("・").join(WEEKDAYS[one] for one in sorted(weekdays))
    return _("%(days)s曜日の%(hours)s", days=days, hours=hours)
