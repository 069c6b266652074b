"""The tariff of a facility on a day."""

from datetime import date

from app.facilities.catalogue import FacilityInfo, Version, in_force, typed
from app.fees.policy import Tariff


def tariff_on(facility: FacilityInfo, day: date) -> Version[Tariff]:
    """Return the tariff in force on `day`; raises LookupError when none was published."""
    return typed(in_force(facility.documents["fees"], day), Tariff)
