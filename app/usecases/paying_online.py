"""Somebody goes to pay over the network: what, for which bookings, in which way; once.

The attempt is written before the provider hears of it (at_provider), so that nothing is paid that
nobody knows of.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.numbers import spoken
from app.booking.queries import bookings_with, lines_of
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.waivers import is_waited_for
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.payments.online import accounts, attempts
from app.payments.online.attempts import Wanted
from app.payments.online.models import PaymentAttempt
from app.payments.online.ways import KONBINI, konbini_days, offered
from app.payments.service import owed_by_payee


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody sets out to pay, as it stood on the page."""

    booking_ids: Collection[int]
    payee: str
    way: str
    yen: int


def begin(catalogue: Catalogue, chosen: Choice, *, actor: Actor, now: datetime) -> int:
    """Begin to pay for one's own bookings and return the attempt; pressed twice it is one.

    Raises Refused when nothing is due, another sum is, the deadline has passed, another payment
    is under way, or the payee is not paid in this way.
    """
    assert actor.account_id is not None
    account_id = actor.account_id

    def work(session: Session) -> int:
        bookings = [locked(session, one) for one in sorted(set(chosen.booking_ids))]
        if not bookings or any(one.account_id != account_id for one in bookings):
            raise Refused(Refusal("booking.unknown"))
        same = _same(session, chosen)
        if same is not None:
            return same.id
        wanted = _wanted(session, catalogue, bookings, chosen, account_id=account_id, now=now)
        made = attempts.begin(session, wanted, account_id=account_id, now=now)
        for one in bookings:
            facts = {"yen": wanted.parts[one.id], "way": chosen.way}
            audit.note(
                session, actor, "payment.begun", subject="booking", subject_id=one.id, now=now,
                facts=facts,
            )  # fmt: skip
        return made.id

    try:
        return in_transaction(work)
    except IntegrityError as error:  # of two at once for bookings that are not all the same
        found = in_transaction(lambda session: _numbers(session, _stuck(session, chosen)))
        raise Refused(Refusal("pay.under_way", {"numbers": found})) from error


def _same(session: Session, chosen: Choice) -> PaymentAttempt | None:
    """Return the attempt that was begun just so; raises Refused for another that is under way."""
    found = attempts.under_way(session, chosen.booking_ids)
    if not found:
        return None
    one = next(iter(found.values()))
    parts = {part.booking_id for part in attempts.parts_of(session, one.id)}
    is_same = (
        parts == set(chosen.booking_ids)
        and (one.way, one.payee, one.yen) == (chosen.way, chosen.payee, chosen.yen)
        and one.state in ("begun", "open")
    )
    if not is_same:
        raise Refused(Refusal("pay.under_way", {"numbers": _numbers(session, list(found))}))
    return one


def _stuck(session: Session, chosen: Choice) -> list[int]:
    """Return which of the bookings have another payment under way; all when none has any more."""
    return list(attempts.under_way(session, chosen.booking_ids)) or list(chosen.booking_ids)


def _numbers(session: Session, booking_ids: Sequence[int]) -> str:
    """Return the numbers of bookings as they are read aloud."""
    numbers = sorted(one.number or "" for one in bookings_with(session, booking_ids))
    return "、".join(map(spoken, numbers))


def _wanted(
    session: Session,
    catalogue: Catalogue,
    bookings: Sequence[Booking],
    chosen: Choice,
    *,
    account_id: int,
    now: datetime,
) -> Wanted:
    parts = {one.id: owed_by_payee(session, one.id).get(chosen.payee, 0) for one in bookings}
    for one in bookings:
        _check_due(session, one, parts[one.id], now=now)
    yen = sum(parts.values())
    if yen != chosen.yen:
        raise Refused(Refusal("pay.other_sum", {"yen": yen}))
    account = accounts.in_force(session, chosen.payee)
    deadline = min((one.due_at for one in bookings if one.due_at), default=None)
    known = account.ways if account else ()
    ways = offered(known, yen=yen, due_at=deadline, now=now, zone=catalogue.zone)
    if account is None or chosen.way not in ways:
        raise Refused(Refusal("pay.no_such_way"))
    days = None
    if chosen.way == KONBINI and deadline is not None:
        days = konbini_days(due_at=deadline, now=now, zone=catalogue.zone)
    lines = [[_name(session, catalogue, one), parts[one.id]] for one in bookings]
    told = {"lines": lines, "email": email_of(session, account_id)}
    return Wanted(account, chosen.way, parts, told, days)


def _check_due(session: Session, booking: Booking, owed: int, *, now: datetime) -> None:
    if booking.state not in (State.PROVISIONAL, State.CONFIRMED) or owed <= 0:
        raise Refused(Refusal("payment.not_due"))
    if booking.due_at is None or booking.due_at <= now:
        raise Refused(Refusal("pay.too_late"))
    if is_waited_for(session, booking.id):
        raise Refused(Refusal("pay.waiver_asked"))


def _name(session: Session, catalogue: Catalogue, booking: Booking) -> str:
    """Return what the provider's page calls a booking: its first room and day, nobody's name."""
    lines = [x for x in lines_of(session, booking.id) if x.state == LineState.ACTIVE]
    facility, room = catalogue.known_room(lines[0].room_id)
    more = f" ほか{len(lines) - 1}枠" if len(lines) > 1 else ""
    day = lines[0].on_date
    return f"{facility.name} {room.name} {day.year}年{day.month}月{day.day}日{more}"
