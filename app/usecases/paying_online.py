"""Somebody goes to pay over the network: begun here, paid there, found out by asking there.

The provider is never called within a transaction. What is killed between two steps is taken up
where it stopped: the attempt was written first, and its key makes the provider do things once.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.service.ending import locked
from app.booking.states import LineState, State
from app.db import audit
from app.db.audit import Actor
from app.db.session import current_tenant, in_transaction
from app.facilities.catalogue import Catalogue
from app.fees.waivers import is_waited_for
from app.identity.queries import email_of
from app.kernel.refusals import Refusal, Refused
from app.payments.online import accounts, attempts
from app.payments.online.attempts import Wanted
from app.payments.online.models import PaymentAttempt
from app.payments.online.ways import KONBINI, SESSION, konbini_days, offered
from app.payments.ports import Declined, Door, Gateway, Order, Seen, Unreachable
from app.payments.service import owed_by_payee
from app.usecases.in_turn import each
from app.usecases.paid_online import Town, advance

ASKED_AGAIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Provider:
    """How the provider is reached, and where it sends people back to."""

    gateway: Gateway
    secret: str  # of the service: opens what keys were sealed with
    pages: str  # address that the municipality's pages begin with


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
        raise Refused(Refusal("pay.under_way")) from error


def open_page(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str | None:
    """Make the provider's page for an attempt, once, and return where it is.

    None when there is nothing to pay on it any more. Raises Refused when the provider can't be
    reached, or takes no such payment.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state == "open":
        return attempt.url
    if attempt.state != "begun":
        return None
    try:
        seen = provider.gateway.open(door, _order(attempt, provider))
    except Unreachable as error:
        raise Refused(Refusal("pay.unreachable")) from error
    except Declined as error:
        code = error.code
        in_transaction(lambda session: _failed(session, attempt_id, code, now=now))
        raise Refused(Refusal("pay.declined")) from error
    in_transaction(lambda session: advance(session, town, attempt_id, seen, now=now))
    return seen.url


def refresh(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str:
    """Ask the provider how an attempt stands, write it down, and return its state.

    Raises Unreachable or Declined when the provider does not say.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state == "paid":
        return attempt.state
    try:
        seen = _look(provider, door, attempt)
    except Declined as error:
        if attempt.state != "begun":
            raise
        code = error.code  # never made, and too late to make it
        in_transaction(lambda session: _failed(session, attempt_id, code, now=now))
        return "failed"
    return in_transaction(lambda session: advance(session, town, attempt_id, seen, now=now))


def stop(provider: Provider, town: Town, attempt_id: int, *, now: datetime) -> str:
    """Close the page of an attempt so that one may pay otherwise; return the attempt's state.

    One that was used meanwhile goes on: paid, or waiting for a shop.
    """
    attempt, door = in_transaction(lambda session: _reached(session, provider, attempt_id))
    if attempt.state in ("begun", "open"):
        session_ref = attempt.session_ref or _look(provider, door, attempt).session_ref
        with suppress(Declined):  # it was used, or has run out: the question below says which
            provider.gateway.withdraw(door, session_ref)
    return refresh(provider, town, attempt_id, now=now)


def let_go(provider: Provider, town: Town, booking_id: int, *, now: datetime) -> str | None:
    """Stop what is under way for a booking; return where it stands, None when nothing was.

    Nobody is kept from cancelling by a provider that does not answer: money that comes after all
    goes back.
    """
    found = in_transaction(lambda session: attempts.under_way(session, [booking_id]))
    if booking_id not in found:
        return None
    try:
        return stop(provider, town, found[booking_id].id, now=now)
    except (Unreachable, Declined):
        return found[booking_id].state


def refresh_unsure(provider: Provider, town: Town, *, now: datetime) -> int:
    """Ask about every attempt that nobody has heard of; return how many were asked about.

    One that can't be found out stops no other.
    """
    asked = now - ASKED_AGAIN
    ids: Sequence[int] = in_transaction(
        lambda session: attempts.unsure(session, now=now, asked_before=asked)
    )

    def ask(attempt_id: int) -> bool:
        refresh(provider, town, attempt_id, now=now)
        return True

    return each(ids, ask)


def _look(provider: Provider, door: Door, attempt: PaymentAttempt) -> Seen:
    """Return how an attempt stands; one whose page nobody knows of is opened again, the same."""
    if attempt.session_ref is not None:
        return provider.gateway.look(door, attempt.session_ref)
    return provider.gateway.open(door, _order(attempt, provider))


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
        raise Refused(Refusal("pay.under_way"))
    return one


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


def _reached(session: Session, provider: Provider, attempt_id: int) -> tuple[PaymentAttempt, Door]:
    attempt = attempts.known(session, attempt_id)
    account = accounts.known(session, attempt.payee_account_id)
    assert account is not None
    return attempt, accounts.door_of(
        account, platform_key=provider.gateway.key, secret=provider.secret
    )


def _order(attempt: PaymentAttempt, provider: Provider) -> Order:
    """Return what the provider is told: the same whenever it is told again."""
    marks = {"tenant": str(current_tenant()), "attempt": attempt.key}
    return Order(
        key=attempt.key,
        way=attempt.way,
        lines=[(str(name), int(yen)) for name, yen in attempt.told["lines"]],
        email=attempt.told["email"],
        until=attempt.begun_at + SESSION,
        konbini_days=attempt.konbini_days,
        return_url=f"{provider.pages}/pay/{attempt.key}",
        back_url=f"{provider.pages}/pay/{attempt.key}",
        marks=marks,
    )


def _failed(session: Session, attempt_id: int, code: str, *, now: datetime) -> None:
    for part in attempts.parts_of(session, attempt_id):
        locked(session, part.booking_id)
    attempt = attempts.locked(session, attempt_id)
    if attempt.state == "begun":
        attempt.error = code
        attempts.close(session, attempt, "failed", now=now)
