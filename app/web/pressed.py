"""A slot that was pressed: which room when, on which page; and that page shown again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from flask import Response, abort, current_app, g, make_response, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.booking.looking import rooms_on_days
from app.booking.near import Near, Offer, Wanted, covering, nearest
from app.booking.service.basket_plan import Wish
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel.refusals import Refusal
from app.web import context, criteria, formats, way_back
from app.web.sentences import sentences
from app.web.words import _

MOST_OFFERS = 4  # beside what went wrong; the page of near ones has more
AT = re.compile(r"(\d{1,4})-(\d{1,4})", re.ASCII)
# The pages with something to press; each shows what went wrong when it is asked again.
AGAIN = ("looking.day", "looking.room_day", "looking.near", "searching.results", "booking.basket")


@dataclass(frozen=True, slots=True)
class Pressed:
    """What a form of a slot says."""

    hall: FacilityInfo
    room: RoomInfo
    on: date
    from_minute: int
    to_minute: int
    back: str  # the page it was pressed on
    part: str | None = None  # of the day, when that page shows only one

    @property
    def wish(self) -> Wish:
        """Return it as the use case takes it."""
        return Wish(self.room.id, self.on, self.from_minute, self.to_minute)

    @property
    def wanted(self) -> Wanted:
        """Return it as what is near is looked for."""
        return wanted(self.hall, self.room, self.on, self.from_minute, self.to_minute)

    @property
    def is_backwards(self) -> bool:
        """Say whether it ends before it begins: two lists let people choose so."""
        return self.to_minute <= self.from_minute


def read(form: Mapping[str, str]) -> Pressed:
    """Return what was pressed; what no page of ours could have sent is a bad request."""
    hall, room = find(form.get("facility", ""), form.get("room", ""))
    at = AT.fullmatch(form.get("at") or f"{form.get('from', '')}-{form.get('to', '')}")
    try:
        on = date.fromisoformat(form.get("on", ""))
    except ValueError:
        abort(400)
    if at is None or not 2000 <= on.year < 2100 or int(at[2]) > 2 * 24 * 60:
        abort(400)
    back = way_back.safe(form.get("back")) or url_for("booking.basket")
    return Pressed(hall, room, on, int(at[1]), int(at[2]), back, form.get("part") or None)


def find(hall_slug: str, room_slug: str) -> tuple[FacilityInfo, RoomInfo]:
    """Return a hall and a room of it by their paths, or answer that there is no such page."""
    hall = find_hall(hall_slug)
    room = hall.room_named(room_slug)
    return (hall, room) if room else abort(404)


def find_hall(slug: str) -> FacilityInfo:
    """Return a hall by its path, or answer that there is no such page."""
    return context.catalogue().facility_named(slug) or abort(404)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something free instead, in words, with what its button sends."""

    text: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with a press, and what is free instead."""

    texts: list[str]
    alternatives: list[Alternative]


def trouble(pressed: Pressed, refusals: Sequence[Refusal]) -> Trouble:
    """Return why a press brought nothing, and the nearest that would."""
    if pressed.is_backwards:
        return Trouble(sentences(refusals), [])
    near = nearest(db.session(), context.catalogue(), pressed.wanted, context.looker())
    few = [alternative(one, pressed.wanted, pressed.back) for one in near.all[:MOST_OFFERS]]
    return Trouble(sentences(_as_shown(pressed, refusals)), few)


def _as_shown(pressed: Pressed, refusals: Sequence[Refusal]) -> Sequence[Refusal]:
    """Return refusals as the room's own rows tell them: held by somebody, or booked."""
    if not any(one.code == "slot.taken" for one in refusals):
        return refusals
    place = (pressed.hall, pressed.room, pressed.on)
    (day,) = rooms_on_days(db.session(), context.catalogue(), [place], context.looker())
    states = covering(day.states, pressed.from_minute, pressed.to_minute)
    return [one.refusal for one in states if one.refusal] or refusals


def wanted(hall: FacilityInfo, room: RoomInfo, on: date, begins: int, ends: int) -> Wanted:
    """Return a use as somebody wanted it, for what they searched for if the room is for that."""
    said = criteria.remembered()
    people, purpose = said.get("people", ""), said.get("purpose")
    count = int(people) if people.isdecimal() and len(people) < 7 else None
    return Wanted(
        hall,
        room,
        on,
        begins,
        ends,
        purpose if room.suits(purpose, None) else None,
        count if room.suits(None, count) else None,
    )


def in_words(near: Near, wanted: Wanted, back: str) -> list[tuple[str, list[Alternative]]]:
    """Return what is near, by how it differs; kinds of which there is nothing are left out."""
    kinds = [
        (_("同じ部屋の、ほかの時間"), near.same_room),
        (_("同じ時間の、ほかの部屋"), near.same_time),
        (_("同じ部屋の、ほかの日"), near.other_days),
        (_("同じ時間の、ほかの施設"), near.other_halls),
    ]
    return [(kind, [alternative(o, wanted, back) for o in some]) for kind, some in kinds if some]


def alternative(offer: Offer, wanted: Wanted, back: str) -> Alternative:
    """Return an offer in words that say only what differs from what was wanted."""
    span = formats.ja_minutes_span(offer.run.from_minute, offer.run.to_minute)
    day = "" if offer.on == wanted.on else formats.ja_day(offer.on)
    room = "" if offer.room.id == wanted.room.id else offer.room.name
    hall = "" if offer.facility.id == wanted.facility.id else offer.facility.name
    yen = formats.yen(offer.yen) if offer.yen is not None else ""
    return Alternative(
        " ".join(word for word in (day, span, hall, room, yen) if word),
        {
            "facility": offer.facility.slug,
            "room": offer.room.slug,
            "on": offer.on.isoformat(),
            "at": f"{offer.run.from_minute}-{offer.run.to_minute}",
            "back": back,
        },
    )


def page_again(pressed: Pressed, found: Trouble) -> Response:
    """Show the page on which something was pressed, with what went wrong."""
    g.trouble = found
    endpoint, arguments = page_at(pressed.back)
    g.query = MultiDict(parse_qsl(urlsplit(pressed.back).query))
    if endpoint not in AGAIN:
        endpoint = "looking.room_day"
        arguments = {"facility": pressed.hall.slug, "room": pressed.room.slug, "on": pressed.on}
    return make_response(current_app.view_functions[endpoint](**arguments))


def query() -> MultiDict[str, str]:
    """Return the query of the page that is shown: of this request, or of the page again."""
    return g.get("query") or request.args


def page_at(path: str) -> tuple[str, dict[str, object]]:
    """Return the view of a path and its arguments, as if the browser had asked for it."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        endpoint, arguments = adapter.match(urlsplit(path).path, method="GET")
    except (HTTPException, RequestRedirect):
        return "", {}
    return endpoint, {name: value for name, value in arguments.items() if name != "municipality"}
