"""Who may do what, as a map of pure predicates that reads like a policy paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.identity.entitlements import Entitled


class RoleKind(StrEnum):
    """What somebody is employed to do (職務); each can be held by itself."""

    RECEPTION = "reception"  # 予約受付: books, changes, cancels for others; keeps rooms free
    REGISTRAR = "registrar"  # 利用者登録: who people and groups are
    CASHIER = "cashier"  # 収納: takes money
    SETUP = "setup"  # 施設設定: rules, halls, rooms
    ATTENDANCE = "attendance"  # 利用受付: who came and left
    AUDITOR = "auditor"  # 監査: reads who did what
    ADMINISTRATOR = "administrator"  # 管理者: who works here, with which roles


@dataclass(frozen=True, slots=True)
class Role:
    """A role in one municipality: everywhere, at one facility, or for one room of it."""

    kind: str
    facility_id: int | None = None
    room_id: int | None = None

    def covers(self, facility_id: int | None, room_id: int | None = None) -> bool:
        """Say whether it reaches all of a place; None asks for everywhere, or every room."""
        if self.facility_id is None:
            return True
        return self.facility_id == facility_id and self.room_id in (None, room_id)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a permission is held: everywhere, or at facilities and in rooms."""

    is_everywhere: bool = False
    facility_ids: frozenset[int] = frozenset()
    room_ids: frozenset[int] = frozenset()

    def covers(self, facility_id: int, room_id: int) -> bool:
        """Say whether a room is within."""
        return self.is_everywhere or facility_id in self.facility_ids or room_id in self.room_ids


EVERYWHERE = Scope(is_everywhere=True)


@dataclass(frozen=True, slots=True)
class Proved:
    """A session that was proved as staff do: by whom, last seen and last proved when."""

    name: str
    seen_at: datetime
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is behind a request, in one municipality."""

    account_id: int | None = None
    email: str = ""
    roles: tuple[Role, ...] = ()  # only in a session that was proved as staff do
    staff: Proved | None = None
    proved_at: datetime | None = None  # when this session last proved who it is
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
    BOOK_FOR_OTHERS = "book_for_others"
    CHANGE_FOR_OTHERS = "change_for_others"
    CANCEL_FOR_OTHERS = "cancel_for_others"
    CLOSE_ROOMS = "close_rooms"  # keep rooms from booking: closed, public use, maintenance
    APPROVE = "approve"  # answer applications that wait for a permit
    ADMIT = "admit"  # who came, who left, who never came, how many they were
    HAND_OVER = "hand_over"  # leave notes for the next shift or the city, and see to them
    RECEIVE_PAYMENT = "receive_payment"
    DECIDE_WAIVERS = "decide_waivers"
    SETTLE_FEE = "settle_fee"  # decide a fee that the rules leave open
    SEE_TO_MONEY = "see_to_money"  # refunds that failed, disputes, payments that differ
    SET_ACCOUNTS = "set_accounts"  # propose where online money goes, and agree to others' proposals
    KEYS = "keys"  # codes of a hall's doors: see, make anew, take away, hand over a key instead
    SET_DOORS = "set_doors"  # accounts at vendors of locks, doors and what is behind them
    REGISTER_PEOPLE = "register_people"
    REPORTS = "reports"  # usage of what they see
    SET_RULES = "set_rules"  # draft rules of halls and the municipality, and publish others' drafts
    OFFICE = "office"  # see and export all bookings of the municipality
    AUDIT = "audit"  # read who did what
    MANAGE_STAFF = "manage_staff"


Test = Callable[[Role], bool]


def is_(kind: RoleKind) -> Test:
    """Return the test that a role is of this kind, wherever it holds."""
    return lambda role: role.kind == kind


def everywhere(kind: RoleKind) -> Test:
    """Return the test that a role is of this kind and holds for the whole municipality."""
    return lambda role: role.kind == kind and role.facility_id is None


RECEPTION, REGISTRAR, CASHIER, SETUP, ATTENDANCE, AUDITOR, ADMINISTRATOR = map(is_, RoleKind)

# A role that passes one of the tests gives the permission where that role holds.
HELD_BY: dict[Permission, list[Test]] = {
    Permission.DESK: [RECEPTION, REGISTRAR, CASHIER, SETUP, ATTENDANCE, AUDITOR],
    Permission.BOOK_FOR_OTHERS: [RECEPTION],
    Permission.CHANGE_FOR_OTHERS: [RECEPTION],
    Permission.CANCEL_FOR_OTHERS: [RECEPTION],
    Permission.CLOSE_ROOMS: [RECEPTION, SETUP],
    Permission.APPROVE: [RECEPTION],
    Permission.ADMIT: [ATTENDANCE, RECEPTION],
    Permission.HAND_OVER: [RECEPTION, REGISTRAR, CASHIER, SETUP, ATTENDANCE],
    Permission.RECEIVE_PAYMENT: [CASHIER],
    Permission.DECIDE_WAIVERS: [everywhere(RoleKind.CASHIER)],
    Permission.SETTLE_FEE: [everywhere(RoleKind.CASHIER)],
    Permission.SEE_TO_MONEY: [everywhere(RoleKind.CASHIER)],
    Permission.SET_ACCOUNTS: [everywhere(RoleKind.CASHIER), everywhere(RoleKind.ADMINISTRATOR)],
    Permission.KEYS: [RECEPTION, ATTENDANCE],
    Permission.SET_DOORS: [everywhere(RoleKind.SETUP)],
    Permission.REGISTER_PEOPLE: [REGISTRAR],
    Permission.REPORTS: [RECEPTION, CASHIER, SETUP, AUDITOR],
    Permission.SET_RULES: [everywhere(RoleKind.SETUP)],
    Permission.OFFICE: [
        everywhere(RoleKind.RECEPTION),
        everywhere(RoleKind.CASHIER),
        everywhere(RoleKind.AUDITOR),
    ],
    Permission.AUDIT: [everywhere(RoleKind.AUDITOR)],
    Permission.MANAGE_STAFF: [everywhere(RoleKind.ADMINISTRATOR)],
}


def may(
    viewer: Viewer, permission: Permission, facility_id: int | None, room_id: int | None = None
) -> bool:
    """Say whether the viewer holds a permission in all of a place.

    Of a facility without a room that is every room of it; without a facility, everywhere.
    """
    return any(role.covers(facility_id, room_id) for role in _giving(viewer, permission))


def may_somewhere(viewer: Viewer, permission: Permission) -> bool:
    """Say whether the viewer holds a permission anywhere at all."""
    return bool(_giving(viewer, permission))


def scope_of(viewer: Viewer, permission: Permission) -> Scope:
    """Return where the viewer holds a permission."""
    giving = _giving(viewer, permission)
    if any(role.facility_id is None for role in giving):
        return EVERYWHERE
    return Scope(
        facility_ids=frozenset(
            role.facility_id for role in giving if role.facility_id and role.room_id is None
        ),
        room_ids=frozenset(role.room_id for role in giving if role.room_id is not None),
    )


def gives(kind: RoleKind, permission: Permission, *, of_a_hall: bool) -> bool:
    """Say whether a role gives a permission, for the table that staff see."""
    role = Role(kind, 1 if of_a_hall else None)
    return any(test(role) for test in HELD_BY[permission])


def _giving(viewer: Viewer, permission: Permission) -> list[Role]:
    return [role for role in viewer.roles if any(test(role) for test in HELD_BY[permission])]
