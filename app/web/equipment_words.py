"""What is used beside a room, in words."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol

from app.booking.service.equipment import Equipped
from app.facilities.catalogue import FacilityInfo, typed
from app.fees.policy import Tariff
from app.fees.queries import tariff_on
from app.web.words import _


class Booked(Equipped, Protocol):
    """A booked line, as owners or as staff read it."""

    @property
    def on_date(self) -> date:
        """Return its day."""

    @property
    def fees_version_id(self) -> int | None:
        """Return the tariff it was made under."""


def equipment_words(
    names: Mapping[str, str], extras: Mapping[str, int] | None, items: int | None
) -> str:
    """Return pieces with their numbers, such as ピアノ 1、冷暖房; that nothing is used, too."""
    said = [
        names.get(one, one) if many == 1 else f"{names.get(one, one)} {many}"
        for one, many in sorted((extras or {}).items())
        if many
    ]
    if items is not None:
        said.insert(0, _("台・面などの数 %(n)s", n=items))
    return _("、").join(said) or _("使わない")


def used_words(facility: FacilityInfo | None, line: Booked) -> str:
    """Return what a booked line uses, under the names of the tariff it was made under; or ''."""
    items = line.items if (line.items or 1) > 1 else None
    if not line.extras and items is None:
        return ""
    tariff = _tariff(facility, line) if facility else None
    names = {one.id: one.name for one in tariff.extras} if tariff else {}
    return equipment_words(names, line.extras, items)


def _tariff(facility: FacilityInfo, line: Booked) -> Tariff:
    for version in facility.documents["fees"]:
        if version.id == line.fees_version_id:
            return typed(version, Tariff).document
    return tariff_on(facility, line.on_date).document
