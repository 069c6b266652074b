"""Who is on the telephone: found by number, phone or kana, with what they usually book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState, State
from app.db.session import current_tenant
from app.identity.models import Resident
from app.identity.permissions import Scope
from app.kernel.text_ja import digits, search_key
from app.reports.matching import in_katakana, is_numeric, matches
from app.reports.selection import same_booking, within

MOST = 20
LOOKED_BACK = timedelta(days=400)
FEWEST_OF_A_PHONE = 10  # digits: who never used a hall is found by all of their number only


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may be calling, as they were known last."""

    account_id: int | None
    name: str
    kana: str
    phone: str
    applicant_class: str
    number: str | None  # of their last booking here; None: they are registered, no more
    resident_id: int | None
    shown_name: str
    purpose: str
    people: int | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Habit:
    """A room and time that somebody books again and again."""

    room_id: int
    weekday: int  # 0: Monday
    from_minute: int
    to_minute: int
    times: int


def callers(session: Session, words: str, *, scope: Scope) -> list[Caller]:
    """Return who may be meant: who booked within a scope, then who is registered exactly so.

    Somebody who never used these halls is found by their whole telephone number or kana only,
    so that nobody can leaf through the town.
    """
    for is_thorough in (False,) if is_numeric(words) else (False, True):
        if found := _who_booked(session, matches(words, is_thorough=is_thorough), scope):
            break
    known = {one.account_id for one in found}
    return [*found, *(x for x in _registered(session, words) if x.account_id not in known)]


def caller_of(session: Session, number: str, *, scope: Scope) -> Caller | None:
    """Return who made a booking that lies within a scope."""
    found = _who_booked(session, Booking.number == number, scope)
    return found[0] if found else None


def registered(session: Session, resident_id: int) -> Caller | None:
    """Return somebody who is registered."""
    one = session.scalar(
        select(Resident).where(Resident.tenant_id == current_tenant(), Resident.id == resident_id)
    )
    return _as_caller(one) if one else None


def habits(
    session: Session, caller: Caller, *, scope: Scope, today: date, zone: str, limit: int = 3
) -> list[Habit]:
    """Return what somebody booked most in the last year, the most frequent first."""
    begins = func.timezone(zone, BookingLine.starts_at)
    minute = func.extract("hour", begins) * 60 + func.extract("minute", begins)
    length = func.extract("epoch", BookingLine.ends_at - BookingLine.starts_at) / 60
    weekday = func.extract("isodow", BookingLine.on_date) - 1
    rows = session.execute(
        select(BookingLine.room_id, weekday, minute, length, func.count())
        .join(Booking, same_booking())
        .where(
            Booking.tenant_id == current_tenant(),
            BookingLine.tenant_id == current_tenant(),
            BookingLine.state == LineState.ACTIVE,
            BookingLine.on_date > today - LOOKED_BACK,
            _is(caller),
            within(scope),
        )
        .group_by(BookingLine.room_id, weekday, minute, length)
        .order_by(func.count().desc(), func.max(BookingLine.on_date).desc())
        .limit(limit)
    )
    return [
        Habit(room, int(day), int(at), int(at) + int(long), times)
        for room, day, at, long, times in rows
    ]


def _is(caller: Caller) -> ColumnElement[bool]:
    if caller.account_id is not None:
        return Booking.account_id == caller.account_id
    return and_(
        Booking.account_id.is_(None),
        Booking.applicant_kana == caller.kana,
        Booking.applicant_phone == caller.phone,
    )


def _who_booked(session: Session, condition: ColumnElement[bool], scope: Scope) -> list[Caller]:
    """Return each person once, as their last booking within the scope has them."""
    person = (
        func.coalesce(Booking.account_id, 0),
        func.coalesce(Booking.applicant_kana, ""),
        func.coalesce(Booking.applicant_phone, ""),
    )
    statement: Select[*tuple[Any, ...]] = (
        select(
            Booking.account_id,
            func.coalesce(Booking.applicant_name, ""),
            person[1],
            person[2],
            func.coalesce(Resident.applicant_class, Booking.applicant_class, ""),
            Booking.number,
            Resident.id,
            func.coalesce(Booking.shown_name, ""),
            func.coalesce(Booking.purpose, ""),
            Booking.people,
            BookingLine.on_date,
            Booking.submitted_at,
        )
        .ext(distinct_on(*person))
        .join(BookingLine, same_booking())
        .outerjoin(
            Resident,
            and_(
                Resident.tenant_id == Booking.tenant_id, Resident.account_id == Booking.account_id
            ),
        )
        .where(
            Booking.tenant_id == current_tenant(), Booking.state != State.DRAFT, condition,
            within(scope),
        )
        .order_by(*person, Booking.submitted_at.desc(), BookingLine.id.desc())
        .limit(MOST * 5)
    )  # fmt: skip
    rows = sorted(session.execute(statement), key=_when, reverse=True)
    found: dict[Any, Caller] = {}
    for row in rows:  # somebody with an account is one person, whatever name they booked under
        one = Caller(*row[:-1])
        found.setdefault(one.account_id or (one.kana, one.phone), one)
    return list(found.values())[:MOST]


def _when(row: Sequence[Any]) -> datetime:
    return row[-1]  # type: ignore[no-any-return]


def _registered(session: Session, words: str) -> list[Caller]:
    wanted = digits(words)
    if is_numeric(words):
        if len(wanted) < FEWEST_OF_A_PHONE:
            return []
        same = func.regexp_replace(Resident.phone, "[^0-9]", "", "g") == wanted
    else:
        same = in_katakana(Resident.kana) == search_key(words)
    mine = select(Resident).where(Resident.tenant_id == current_tenant(), same)
    return [_as_caller(one) for one in session.scalars(mine.order_by(Resident.id).limit(MOST))]


def _as_caller(one: Resident) -> Caller:
    return Caller(
        one.account_id, one.name, one.kana, one.phone, one.applicant_class, None, one.id, "", "",
        None, None,
    )  # fmt: skip
