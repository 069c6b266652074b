"""Facilities and their rooms, for everybody."""

from typing import Any

from flask import Response, abort, g

from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.facilities.policy import UnitDivision
from app.kernel.spans import clock_text
from app.web import context
from app.web.access import Access, access
from app.web.api import caching, examples, questions
from app.web.api.document import ETAG, IF_NONE_MATCH, Blueprint, Operation
from app.web.api.schemas import FacilitiesSchema, FacilitySchema, RoomsSchema

bp = Blueprint("api-facilities", __name__, description="施設と室場 / Facilities and rooms")

FACILITY = {
    "name": "facility",
    "in": "path",
    "required": True,
    "description": "施設の名前 / Slug of the facility",
    "example": "chuo",
}


@bp.operation(
    "/facilities",
    Operation(
        id="listFacilities",
        summary="施設の一覧 / All facilities",
        description="自治体の利用者区分と利用目的の id も含みます。 / With the ids of applicant "
        "classes and purposes that applications name.",
        tells=FacilitiesSchema,
        example=examples.FACILITIES,
        headers=ETAG,
        problems=(404,),
        parameters=(IF_NONE_MATCH,),
    ),
)
@access(Access.PUBLIC)
def facilities() -> Response:
    """Return the municipality's facilities and the words that applications use."""
    policy = context.policy()
    return _told(
        {
            "municipality": {
                "slug": g.municipality.slug,
                "code": g.municipality.code,
                "name": g.municipality.name,
                "time_zone": g.municipality.zone.key,
                "applicant_classes": [
                    {"id": one.id, "name": one.name} for one in policy.applicant_classes
                ],
                "purposes": [{"id": one.id, "name": one.name} for one in policy.purposes],
            },
            "facilities": [facility_words(one) for one in context.catalogue().facilities],
        }
    )


@bp.operation(
    "/facilities/<slug:facility>",
    Operation(
        id="getFacility",
        summary="施設 / One facility",
        description="名前・住所・電話・室場。 / Name, address, telephone, rooms.",
        tells=FacilitySchema,
        example=examples.FACILITY,
        headers=ETAG,
        problems=(404,),
        parameters=(FACILITY, IF_NONE_MATCH),
    ),
)
@access(Access.PUBLIC)
def facility(facility: str) -> Response:
    """Return a facility."""
    return _told(facility_words(facility_or_404(facility)))


@bp.operation(
    "/facilities/<slug:facility>/rooms",
    Operation(
        id="listRooms",
        summary="室場の一覧 / The rooms of a facility",
        description="定員・使える目的・時間の区切り。 / Capacity, purposes, division of the day.",
        tells=RoomsSchema,
        example=examples.ROOMS,
        headers=ETAG,
        problems=(404,),
        parameters=(FACILITY, IF_NONE_MATCH),
    ),
)
@access(Access.PUBLIC)
def rooms(facility: str) -> Response:
    """Return the rooms of a facility."""
    found = facility_or_404(facility)
    return _told(
        {"facility": found.slug, "rooms": [_room_words(found, room) for room in found.rooms]}
    )


def facility_or_404(slug: str) -> FacilityInfo:
    """Return a facility of this municipality."""
    return context.catalogue().facility_named(slug) or abort(404)


def facility_words(one: FacilityInfo) -> dict[str, Any]:
    """Return what the API says about a facility."""
    return {
        "slug": one.slug,
        "name": one.name,
        "kana": one.kana,
        "kind": one.kind,
        "address": one.address,
        "phone": one.phone,
        "access": one.access,
        "description": one.description,
        "is_demonstration": one.is_demonstration,
        "rooms": [room.slug for room in one.rooms],
        "questions": questions.words(questions.asked_by(one, context.today())),
    }


def _room_words(one: FacilityInfo, room: RoomInfo) -> dict[str, Any]:
    return {
        "slug": room.slug,
        "name": room.name,
        "kana": room.kana,
        "capacity": room.capacity,
        "min_people": room.min_people,
        "purposes": list(room.purposes),
        "description": room.description,
        "clean_up_minutes": room.buffer_minutes,
        "division": _division(one, room),
    }


def _division(one: FacilityInfo, room: RoomInfo) -> dict[str, Any]:
    division = one.calendar_on(context.today()).division(room.slug)
    if isinstance(division, UnitDivision):
        return {
            "kind": "unit",
            "minutes": division.minutes,
            "at_least": division.at_least,
            "at_most": division.at_most,
        }
    periods = [
        {"id": p.id, "name": p.name, "from": clock_text(p.from_), "to": clock_text(p.to)}
        for p in division.periods
    ]
    return {"kind": "periods", "periods": periods}


def _told(value: dict[str, Any]) -> Response:
    return caching.told(value, seconds=caching.SLOW_MOVING)
