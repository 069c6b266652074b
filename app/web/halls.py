"""Where the viewer works; a page of another hall does not exist for them (404)."""

from collections.abc import Iterable
from dataclasses import replace

from flask import abort, g

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission, Scope, may, scope_of
from app.web import context


def scope(permission: Permission = Permission.DESK) -> Scope:
    """Return where the viewer holds a permission."""
    return scope_of(g.viewer, permission)


def seen(permission: Permission = Permission.DESK) -> list[FacilityInfo]:
    """Return the listed halls with the rooms where the viewer holds a permission, in order."""
    mine = scope(permission)
    halls = [_within(one, mine) for one in context.catalogue().facilities]
    return [one for one in halls if one.rooms or one.id in mine.facility_ids]


def hall(slug: str, permission: Permission = Permission.DESK) -> FacilityInfo:
    """Return a hall with the rooms that the viewer works for; others are not told of."""
    return next((one for one in seen(permission) if one.slug == slug), None) or abort(404)


def may_at(permission: Permission, places: Iterable[tuple[int, int]]) -> bool:
    """Say whether the viewer holds a permission in each of these rooms (hall, room)."""
    return all(may(g.viewer, permission, hall_id, room_id) for hall_id, room_id in places)


def _within(one: FacilityInfo, mine: Scope) -> FacilityInfo:
    if mine.is_everywhere or one.id in mine.facility_ids:
        return one
    return replace(one, rooms=tuple(x for x in one.rooms if x.id in mine.room_ids))
