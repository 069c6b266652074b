"""Catalogues in memory for tests of pure rules; the documents are those of tests.builders."""

from typing import Any

from app.facilities.catalogue import Catalogue, FacilityInfo, RoomInfo, Version
from app.facilities.policy import FacilityCalendar
from app.kernel.clock import TOKYO
from app.tenants.policy import MunicipalityPolicy
from tests import builders


def a_catalogue(
    *,
    calendar: dict[str, Any] | None = None,
    terms: dict[str, Any] | None = None,
    fees: dict[str, Any] | None = None,
) -> Catalogue:
    """Return a municipality with one hall whose rules differ from the builders' as said."""
    rooms = tuple(
        RoomInfo(
            id=number, facility_id=1, slug=told["slug"], name=told["name"], kana="ヘヤ",
            capacity=told.get("capacity"), min_people=1, purposes=(), description="",
            buffer_minutes=told.get("buffer", 0), space_ids=(number,),
        )
        for number, told in enumerate(builders.ROOMS, start=1)
    )  # fmt: skip
    opened = FacilityCalendar.model_validate({**builders.CALENDAR, **(calendar or {})})
    hall = FacilityInfo(
        id=1, slug="chuo", name="中央会館", kana="カイカン", kind="会館", address="", phone="",
        access="", description="", is_demonstration=True, rooms=rooms,
        calendars=(Version(1, builders.FROM, opened),),
        documents={
            "terms": (Version(2, builders.FROM, {**builders.TERMS, **(terms or {})}),),
            "fees": (Version(3, builders.FROM, {**builders.FEES, **(fees or {})}),),
        },
    )  # fmt: skip
    policy = Version(4, builders.FROM, MunicipalityPolicy.model_validate(builders.POLICY))
    return Catalogue(1, 1, TOKYO, (hall,), (policy,))
