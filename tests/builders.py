"""Situations, not tables: two municipalities with small halls, and people in them.

みどり市 (midori): 中央会館 with hourly rooms, a divisible hall in periods, a room with clean-up
time. あおば町 (aoba): one hall. A test says only what it changes.
"""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app.booking.service.application import Answers, Applicant
from app.booking.service.basket_plan import Wish
from app.db import db
from app.db.session import in_transaction, tenant_scope
from app.facilities.catalogue import Catalogue
from app.facilities.models import Facility, Room, RoomSpace, RuleVersion, Space
from app.facilities.queries import catalogue
from app.identity import service as identity
from app.identity.permissions import Role, RoleKind
from app.identity.staff import members
from app.kernel.clock import TOKYO
from app.tenants.models import PolicyVersion, Tenant
from app.tenants.queries import municipalities, municipality_at

MONDAY_9AM = datetime(2027, 3, 1, 9, 0, tzinfo=TOKYO).astimezone(UTC)
TODAY = date(2027, 3, 1)
NEXT_MONDAY = date(2027, 3, 8)
FROM = date(2026, 4, 1)

POLICY: dict[str, Any] = {
    "help": {"name": "市民課", "phone": "00-0000-0001", "hours": "平日 8時30分から17時15分まで"},
    "applicant_classes": [
        {"id": "resident", "name": "市内の方", "is_default": True},
        {"id": "outsider", "name": "市外の方"},
        {"id": "group", "name": "登録団体", "self_declared": False},
    ],
    "purposes": [
        {"id": "meeting", "name": "会議・話し合い"},
        {"id": "dance", "name": "体操・ダンス"},
        {"id": "music", "name": "音楽"},
    ],
}
CALENDAR: dict[str, Any] = {
    "hours": [{"from": "9:00", "to": "22:00"}],
    "closings": [
        {"kind": "weekly", "weekdays": ["tue"], "on_holiday": {"then": "open"}},
        {"kind": "yearly", "from": "12-28", "to": "01-04"},
    ],
    "divisions": [
        {"kind": "unit", "minutes": 60},
        {
            "kind": "periods",
            "rooms": ["hall", "hall-east", "hall-west"],
            "periods": [
                {"id": "am", "name": "午前", "from": "9:00", "to": "12:00"},
                {"id": "pm", "name": "午後", "from": "13:00", "to": "17:00"},
                {"id": "night", "name": "夜間", "from": "18:00", "to": "22:00"},
            ],
            "gap": {"use": "included"},
        },
    ],
}
TERMS: dict[str, Any] = {
    "reception": [
        {
            "opens": {"kind": "month_day", "months": 2, "day": 1, "at": "9:00"},
            "closes": {"kind": "minutes_before", "minutes": 60},
            "afterwards": "会館にお電話ください。",
        },
        {
            "classes": ["outsider"],
            "opens": {"kind": "before", "days": 14, "at": "9:00"},
            "closes": {"kind": "before", "days": 3},
        },
    ],
    "payment": {"days_after_request": 7, "days_before_use": 1, "where": "会館の受付"},
    "cancellation": {
        "until": {"kind": "before", "days": 1},
        "refunds": [{"days_before": 14, "percent": 100}, {"days_before": 7, "percent": 50}],
        "citation": "みどり市会館条例施行規則 第8条",
    },
}
CITED = {"source": "みどり市会館条例", "place": "別表"}
FEES: dict[str, Any] = {
    "prices": [
        {"kind": "per_hour", "id": "room-1", "rooms": ["room-1"], "yen": 400, "citation": CITED},
        {"kind": "per_hour", "id": "room-2", "rooms": ["room-2"], "yen": 300, "citation": CITED},
        {"kind": "per_hour", "id": "lobby", "rooms": ["lobby"], "yen": 0, "citation": CITED},
        {
            "kind": "per_period",
            "id": "hall",
            "rooms": ["hall"],
            "yen": {"am": 3000, "pm": 4000, "night": 5000},
            "citation": CITED,
        },
        {
            "kind": "per_period",
            "id": "half",
            "rooms": ["hall-east", "hall-west"],
            "yen": {"am": 1600, "pm": 2100, "night": 2600},
            "citation": CITED,
        },
    ]
}
ROOMS: list[dict[str, Any]] = [
    {"slug": "room-1", "name": "第1会議室", "capacity": 30, "spaces": ["room-1"]},
    {"slug": "room-2", "name": "第2会議室", "capacity": 12, "spaces": ["room-2"]},
    {"slug": "lobby", "name": "ロビー", "capacity": None, "spaces": ["lobby"]},
    {"slug": "hall", "name": "ホール全面", "capacity": 200, "spaces": ["east", "west"]},
    {"slug": "hall-east", "name": "ホール東側", "capacity": 100, "spaces": ["east"]},
    {"slug": "hall-west", "name": "ホール西側", "capacity": 100, "spaces": ["west"]},
    {"slug": "kitchen", "name": "調理室", "capacity": 20, "spaces": ["kitchen"], "buffer": 30},
]
FEES["prices"].append(
    {"kind": "per_hour", "id": "kitchen", "rooms": ["kitchen"], "yen": 500, "citation": CITED}
)


def digest() -> str:
    """Name this furniture: a change of this file makes the furnished database anew."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:10]


def furnish() -> None:
    """Make both municipalities in the current database; call in an application context."""
    midori = a_tenant("midori", "132284", "みどり市")
    a_facility(midori, "chuo", "中央会館", position=1)
    a_facility(midori, "kita", "北会館", position=2)
    aoba = a_tenant("aoba", "133051", "あおば町")
    a_facility(aoba, "chuo", "町民会館", position=1)


def a_tenant(slug: str, code: str, name: str, policy: dict[str, Any] | None = None) -> int:
    """Make a municipality with a policy and return its id."""

    def make(session: Session) -> int:
        tenant = Tenant(slug=slug, code=code, name=name, kana="テスト", catalogue_revision=1)
        session.add(tenant)
        session.flush()
        return tenant.id

    with tenant_scope(None):
        tenant_id = in_transaction(make, as_owner=True)
    with tenant_scope(tenant_id):
        in_transaction(
            lambda session: session.execute(
                insert(PolicyVersion).values(
                    tenant_id=tenant_id,
                    effective_from=FROM,
                    published_at=MONDAY_9AM,
                    document={**POLICY, **(policy or {})},
                )
            ),
            as_owner=True,
        )
    return tenant_id


def a_facility(
    tenant_id: int,
    slug: str,
    name: str,
    *,
    position: int = 1,
    rooms: list[dict[str, Any]] | None = None,
    calendar: dict[str, Any] | None = None,
    terms: dict[str, Any] | None = None,
    fees: dict[str, Any] | None = None,
) -> int:
    """Make a hall with rooms and rules and return its id."""

    def make(session: Session) -> int:
        hall = Facility(
            tenant_id=tenant_id, slug=slug, name=name, kana="カイカン", kind="会館",
            address="中央1-1", phone="00-0000-0002", access="駅から歩いて5分", description="",
            is_demonstration=True, position=position,
        )  # fmt: skip
        session.add(hall)
        session.flush()
        _rooms(session, tenant_id, hall.id, rooms or ROOMS)
        documents = {
            "calendar": {**CALENDAR, **(calendar or {})},
            "terms": {**TERMS, **(terms or {})},
            "fees": {**FEES, **(fees or {})},
        }
        for subject, document in documents.items():
            session.add(
                RuleVersion(
                    tenant_id=tenant_id, facility_id=hall.id, subject=subject,
                    effective_from=FROM, published_at=MONDAY_9AM, document=document,
                )
            )  # fmt: skip
        session.execute(
            text("update tenant set catalogue_revision = catalogue_revision + 1 where id = :id"),
            {"id": tenant_id},
        )
        return hall.id

    with tenant_scope(tenant_id):
        return in_transaction(make, as_owner=True)


def _rooms(session: Session, tenant_id: int, facility_id: int, rooms: list[dict[str, Any]]) -> None:
    spaces: dict[str, int] = {}
    for name in dict.fromkeys(space for room in rooms for space in room["spaces"]):
        space = Space(tenant_id=tenant_id, facility_id=facility_id, slug=name)
        session.add(space)
        session.flush()
        spaces[name] = space.id
    for position, told in enumerate(rooms):
        room = Room(
            tenant_id=tenant_id, facility_id=facility_id, slug=told["slug"], name=told["name"],
            kana="ヘヤ", capacity=told.get("capacity"), min_people=told.get("min_people", 1),
            purposes=told.get("purposes", []), description="", position=position,
            buffer_minutes=told.get("buffer", 0),
        )  # fmt: skip
        session.add(room)
        session.flush()
        for name in told["spaces"]:
            session.add(RoomSpace(tenant_id=tenant_id, room_id=room.id, space_id=spaces[name]))


def tenant_id_of(slug: str) -> int:
    """Return the id of a municipality; call in an application context."""
    with tenant_scope(None):
        return db.session.scalars(select(Tenant.id).where(Tenant.slug == slug)).one()


def catalogue_of(slug: str) -> Catalogue:
    """Return the catalogue of a municipality; call in an application context."""
    with tenant_scope(None):
        municipality = municipality_at(db.session(), slug)
    assert municipality is not None
    with tenant_scope(municipality.id):
        return catalogue(db.session(), municipality)


def catalogue_with(tenant_id: int) -> Catalogue:
    """Return the catalogue of a municipality by its id; call in its scope."""
    municipality = next(one for one in municipalities(db.session()) if one.id == tenant_id)
    return catalogue(db.session(), municipality)


def room_id(found: Catalogue, room: str = "room-1", facility: str = "chuo") -> int:
    """Return the id of a room."""
    hall = found.facility_named(facility)
    assert hall is not None
    named = hall.room_named(room)
    assert named is not None
    return named.id


def a_wish(
    found: Catalogue,
    room: str = "room-1",
    *,
    facility: str = "chuo",
    on: date = NEXT_MONDAY,
    hours: tuple[int, int] = (10, 12),
) -> Wish:
    """Return a wish for a room that is free in an empty database."""
    return Wish(room_id(found, room, facility), on, hours[0] * 60, hours[1] * 60)


def an_account(email: str = "hanako@example.jp", *, now: datetime = MONDAY_9AM) -> int:
    """Make an account and return its id."""
    with tenant_scope(None):
        return in_transaction(lambda session: identity.account_with(session, email, now=now))


def a_resident(
    slug: str = "midori",
    email: str = "hanako@example.jp",
    *,
    applicant_class: str = "resident",
    name: str = "山田 花子",
) -> Applicant:
    """Make a person known to a municipality and return them as an applicant."""
    account_id = an_account(email)
    with tenant_scope(tenant_id_of(slug)):
        in_transaction(
            lambda session: identity.say_who(
                session,
                account_id,
                name=name,
                kana="ヤマダ ハナコ",
                phone="090-0000-0000",
                applicant_class=applicant_class,
                now=MONDAY_9AM,
            )
        )
    return Applicant(account_id, applicant_class, name, "ヤマダ ハナコ", "090-0000-0000")


# What people at a desk and at a town hall usually do.
MANAGER = (RoleKind.RECEPTION, RoleKind.CASHIER, RoleKind.ATTENDANCE)
USUAL = {"manager": MANAGER, "clerk": tuple(RoleKind)}


def a_staff_member(
    slug: str = "midori",
    email: str = "kanri@example.jp",
    *,
    role: str = "manager",
    facility: str | None = "chuo",
    room: str | None = None,
) -> int:
    """Make somebody who works for a hall or a municipality and return the account's id.

    `role`: manager or clerk for what these usually do, else one single role.
    """
    account_id = an_account(email)
    found = catalogue_of(slug)
    hall = found.facility_named(facility) if facility else None
    kept = next(one for one in hall.rooms if one.slug == room).id if hall and room else None
    roles = [
        Role(kind, hall.id if hall else None, kept) for kind in USUAL.get(role) or (RoleKind(role),)
    ]
    with tenant_scope(found.tenant_id):
        in_transaction(
            lambda session: members.employ(
                session, account_id, name="管理 太郎", roles=roles, now=MONDAY_9AM
            )
        )
    return account_id


def some_answers(**changes: Any) -> Answers:
    """Return answers with which nothing is wrong."""
    said: dict[str, Any] = {"purpose": "meeting", "people": 10, "shown_name": "みどりの会"}
    return Answers(**{**said, **changes})


def a_session_token(
    app: Flask, account_id: int, *, now: datetime = MONDAY_9AM, is_staff: bool = False
) -> str:
    """Open a session for an account and return its token; of staff, roles count in it."""
    secret = app.config["KAIKAN"].secret_key
    with tenant_scope(None):
        return in_transaction(
            lambda session: identity.open_session(
                session, account_id, secret=secret, now=now, is_staff=is_staff
            )
        )


HOUR = timedelta(hours=1)
