"""What is free in a facility, slot by slot, for machines; never who has the rest."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, g
from marshmallow import ValidationError, validates_schema

from app.booking.looking import Looker, RoomOnDay, rooms_on_days
from app.booking.rules.availability import SlotState
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.facilities.queries import changes_of
from app.kernel.refusals import Refusal
from app.kernel.spans import clock_text, instant
from app.web import context
from app.web.access import Access, access
from app.web.api import caching, examples
from app.web.api.document import ETAG, IF_NONE_MATCH, Blueprint, Operation
from app.web.api.facilities import FACILITY, facility_or_404
from app.web.api.fields import Day, Slug
from app.web.api.incoming import wrong_in_query
from app.web.api.problems import moment, reason
from app.web.api.schemas import AvailabilitySchema, Strict

bp = Blueprint("api-availability", __name__, description="空き / Availability")

MOST_DAYS = 31
# Of what facts say, from when a slot may be had after all.
_POSSIBLE_FROM = {
    "reception.not_yet": "opens_at",
    "reception.view_only": "opens_at",
    "slot.held": "until",
}
_memory = caching.Memory()


class AvailabilityQuery(Strict):
    """Between which days, of which room, for whom."""

    from_ = Day(
        required=True,
        data_key="from",
        metadata={"description": "はじめの日 / First day", "example": "2027-03-08"},
    )
    to = Day(
        required=True,
        metadata={"description": "おわりの日。31日間まで / Last day, 31 at most",
                  "example": "2027-03-14"},
    )  # fmt: skip
    room = Slug(metadata={"description": "室場。省くとすべて / Room; all when left out"})
    applicant_class = Slug(
        metadata={"description": "利用者区分。受付期間と料金が変わる / For which applicant class"}
    )

    @validates_schema
    def _in_order(self, asked: Mapping[str, Any], **_: Any) -> None:
        length = (asked["to"] - asked["from_"]).days + 1
        if not 1 <= length <= MOST_DAYS:
            said = f"to は from から{MOST_DAYS}日間のうちの日にしてください。"
            raise ValidationError(said, field_name="to")


@bp.operation(
    "/facilities/<slug:facility>/availability",
    Operation(
        id="getAvailability",
        summary="空き / Availability",
        description="枠ごとの状態・料金・理由。だれの予約かは含みません。ETag で聞き直せます。 / "
        "State, fee and reason of each slot, never whose it is. Ask again with the ETag.",
        tells=AvailabilitySchema,
        example=examples.AVAILABILITY,
        headers=ETAG,
        location="query",
        takes=AvailabilityQuery,
        problems=(404, 422, 503),
        parameters=(FACILITY, IF_NONE_MATCH),
    ),
)
@access(Access.PUBLIC)
def availability(asked: Mapping[str, Any], facility: str) -> Response:
    """Return the slots of a facility's rooms between two days."""
    hall = facility_or_404(facility)
    rooms = _rooms(hall, asked.get("room"))
    looker = Looker(context.now(), _class(asked.get("applicant_class")))
    first, last = asked["from_"], asked["to"]
    address = (g.municipality.id, hall.id, asked.get("room"), first, last, looker.applicant_class)
    state = (context.catalogue().revision, *changes_of(db.session(), (hall.id,)))
    etag = _memory.etag(address, state, now=looker.now)
    unchanged = caching.not_modified(etag, seconds=caching.FAST_MOVING) if etag else None
    if unchanged is not None:
        return unchanged
    asked_days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    wanted = [(hall, room, on) for room in rooms for on in asked_days]
    found = rooms_on_days(db.session(), context.catalogue(), wanted, looker)
    body = _words(hall, looker, asked_days, found)
    response = caching.told(body, seconds=caching.FAST_MOVING)
    _remember(address, state, response, found)
    return response


def _rooms(hall: FacilityInfo, slug: str | None) -> Sequence[RoomInfo]:
    if slug is None:
        return hall.rooms
    room = hall.room_named(slug)
    return [room] if room else wrong_in_query(room="この施設にない室場です。")


def _class(asked: str | None) -> str:
    if asked is None:
        return context.policy().default_class().id
    found = context.policy().class_named(asked)
    return found.id if found else wrong_in_query(applicant_class="ない利用者区分です。")


def _remember(
    address: tuple[Any, ...],
    state: tuple[int, ...],
    response: Response,
    found: Sequence[RoomOnDay],
) -> None:
    """Remember the ETag until the first moment at which time alone changes what it names."""
    until = min((one.valid_until for one in found), default=context.now())
    etag, _ = response.get_etag()
    _memory.keep(address, caching.Seen(state, etag or "", until))


def _words(
    hall: FacilityInfo,
    looker: Looker,
    asked: Sequence[date],
    found: Sequence[RoomOnDay],
) -> dict[str, Any]:
    by_room = [found[n : n + len(asked)] for n in range(0, len(found), len(asked))]
    return {
        "municipality": g.municipality.slug,
        "facility": hall.slug,
        "time_zone": g.municipality.zone.key,
        "applicant_class": looker.applicant_class,
        "from": asked[0].isoformat(),
        "to": asked[-1].isoformat(),
        "rooms": [
            {
                "room": some[0].room.slug,
                "name": some[0].room.name,
                "days": [_day_words(one) for one in some],
            }
            for some in by_room
        ],
    }


def _day_words(one: RoomOnDay) -> dict[str, Any]:
    return {
        "date": one.plan.on.isoformat(),
        "is_open": one.plan.day.is_open,
        "closed_because": one.plan.day.closed_because,
        "slots": [_slot_words(one, state) for state in one.states],
    }


def _slot_words(one: RoomOnDay, state: SlotState) -> dict[str, Any]:
    slot, no = state.slot, state.refusal
    return {
        "slot": slot.id,
        "name": slot.name,
        "starts_at": _iso(one.plan.on, slot.from_minute, one.plan.place.zone),
        "ends_at": _iso(one.plan.on, slot.to_minute, one.plan.place.zone),
        "from": clock_text(slot.from_minute),
        "to": clock_text(slot.to_minute),
        "from_minute": slot.from_minute,
        "to_minute": slot.to_minute,
        "state": str(state.kind),
        "fee_yen": one.prices[slot.id],
        "reason": reason(no) if no else None,
        "possible_from": _possible_from(no) if no else None,
    }


@lru_cache(maxsize=65_536)
def _iso(on: date, minute: int, zone: ZoneInfo) -> str:
    return instant(on, minute, zone).isoformat(timespec="seconds")


def _possible_from(no: Refusal) -> str | None:
    found = no.facts.get(_POSSIBLE_FROM.get(no.code, ""))
    return moment(found) if isinstance(found, datetime) else None
