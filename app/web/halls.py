"""Which halls the viewer works for; a page of another hall does not exist for them (404)."""

from collections.abc import Iterable

from flask import abort, g

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission, may
from app.web import context


def scope(permission: Permission = Permission.DESK) -> frozenset[int] | None:
    """Return the halls at which the viewer holds a permission; None stands for all of them."""
    if may(g.viewer, permission, None):
        return None
    named = {role.facility_id for role in g.viewer.roles if role.facility_id is not None}
    return frozenset(one for one in named if may(g.viewer, permission, one))


def seen() -> list[FacilityInfo]:
    """Return the listed halls whose days the viewer may see, in the municipality's order."""
    halls = context.catalogue().facilities
    return [one for one in halls if may(g.viewer, Permission.DESK, one.id)]


def hall(slug: str) -> FacilityInfo:
    """Return a hall that the viewer works for; whether there are others is not told."""
    found = context.catalogue().facility_named(slug)
    if found is None or not may(g.viewer, Permission.DESK, found.id):
        abort(404)
    return found


def may_at(permission: Permission, facility_ids: Iterable[int]) -> bool:
    """Say whether the viewer holds a permission at every one of these halls."""
    return all(may(g.viewer, permission, one) for one in facility_ids)
