"""The terms of a facility on a day."""

from datetime import date

from app.booking.policy import Terms
from app.facilities.catalogue import FacilityInfo, Version, in_force, typed


def terms_on(facility: FacilityInfo, day: date) -> Version[Terms]:
    """Return the terms in force on `day`; raises LookupError when none were published."""
    return typed(in_force(facility.documents["terms"], day), Terms)


def terms_agreed(facility: FacilityInfo, version_id: int | None, day: date) -> Terms:
    """Return the terms that a line was made under; they hold although new ones came since."""
    for version in facility.documents["terms"]:
        if version.id == version_id:
            return typed(version, Terms).document
    return terms_on(facility, day).document
