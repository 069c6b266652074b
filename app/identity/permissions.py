"""Who may do what, as a map of pure predicates that reads like a policy paper."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from app.identity.entitlements import Entitled


@dataclass(frozen=True, slots=True)
class Role:
    """A role in one municipality; `facility_id` None covers every facility."""

    kind: str  # manager | clerk
    facility_id: int | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is behind a request, in one municipality."""

    account_id: int | None = None
    email: str = ""
    roles: tuple[Role, ...] = ()
    resident_id: int | None = None
    applicant_class: str | None = None
    name: str = ""
    kana: str = ""
    phone: str = ""
    entitlements: tuple[Entitled, ...] = ()  # rights to waivers

    @property
    def is_signed_in(self) -> bool:
        """Say whether this is a known person."""
        return self.account_id is not None


class Permission(StrEnum):
    """Something that staff may do."""

    DESK = "desk"  # see a hall's day and its bookings
    RECEIVE_PAYMENT = "receive_payment"
    CANCEL_FOR_OTHERS = "cancel_for_others"
    DECIDE_WAIVERS = "decide_waivers"
    SETTLE_FEE = "settle_fee"  # decide a fee that the rules leave open
    SET_RULES = "set_rules"  # draft rules of halls and the municipality, and publish others' drafts
    OFFICE = "office"  # see and export all bookings of the municipality


Test = Callable[[Viewer, int | None], bool]


def works_at_facility(viewer: Viewer, facility_id: int | None) -> bool:
    """Say whether the viewer manages this facility."""
    return any(
        role.kind == "manager" and role.facility_id in (None, facility_id) for role in viewer.roles
    )


def works_for_municipality(viewer: Viewer, facility_id: int | None) -> bool:
    """Say whether the viewer is a clerk who covers this facility, or all when None is asked."""
    return any(
        role.kind == "clerk" and role.facility_id in (None, facility_id) for role in viewer.roles
    )


# Alternatives: one of the inner lists must hold, and of it every test.
HELD_BY: dict[Permission, list[list[Test]]] = {
    Permission.DESK: [[works_at_facility], [works_for_municipality]],
    Permission.RECEIVE_PAYMENT: [[works_at_facility], [works_for_municipality]],
    Permission.CANCEL_FOR_OTHERS: [[works_at_facility], [works_for_municipality]],
    Permission.DECIDE_WAIVERS: [[works_for_municipality]],
    Permission.SETTLE_FEE: [[works_for_municipality]],
    Permission.SET_RULES: [[works_for_municipality]],
    Permission.OFFICE: [[works_for_municipality]],
}


def may(viewer: Viewer, permission: Permission, facility_id: int | None) -> bool:
    """Say whether the viewer holds a permission at a facility (None: at all of them)."""
    return any(all(test(viewer, facility_id) for test in tests) for tests in HELD_BY[permission])
