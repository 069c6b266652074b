"""The tariff of a facility for a use."""

from datetime import date

from app.facilities.catalogue import FacilityInfo, Version, in_force, typed
from app.fees.policy import Tariff


def tariff_on(
    facility: FacilityInfo, day: date, *, requested_on: date | None = None
) -> Version[Tariff]:
    """Return the tariff for a use on `day`; raises LookupError when none was published.

    An edition says itself which day picks it: that of the use, or that of the request or permit.
    Without `requested_on` a use is taken as requested on its own day.
    """
    versions = facility.documents["fees"]
    for version in reversed(versions):
        by_use = version.document.get("applies_by", "use") == "use"
        if version.effective_from <= (day if by_use else requested_on or day):
            return typed(version, Tariff)
    return typed(in_force(versions, day), Tariff)
