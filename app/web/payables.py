"""What somebody may pay over the network now: their bookings by payee, and in which ways."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from flask import current_app, g
from flask_babel import lazy_gettext as _l

from app.booking.models import Booking
from app.booking.queries import bookings_of, lines_by_booking
from app.booking.states import State
from app.db import db
from app.fees.waivers import waited_for
from app.payments.online import accounts, attempts
from app.payments.online.models import PaymentAttempt
from app.payments.online.ways import CARD, KONBINI, PAYPAY, konbini_days, offered
from app.payments.service import owed_by_booking
from app.usecases.at_provider import Provider, let_go
from app.usecases.paid_online import Town
from app.web import context
from app.web.booked import Booked, all_booked

NAMES = {CARD: _l("クレジットカード"), KONBINI: _l("コンビニ"), PAYPAY: _l("PayPay")}
SHOPS = _l("ファミリーマート、ローソン、ミニストップ、セイコーマート")


@dataclass(frozen=True)
class Payable:
    """A booking of which something is owed to one payee, and that may be paid now."""

    booked: Booked
    payee: str
    yen: int
    attempt: PaymentAttempt | None = None  # that may still be paid

    @property
    def booking(self) -> Booking:
        """Return the booking."""
        return self.booked.booking


@dataclass(frozen=True)
class Sum:
    """Things to be paid that are looked at together."""

    items: Sequence[Payable]

    @property
    def yen(self) -> int:
        """Return the sum."""
        return sum(one.yen for one in self.items)

    @property
    def due_at(self) -> datetime | None:
        """Return the first deadline."""
        return min((x.booking.due_at for x in self.items if x.booking.due_at), default=None)


@dataclass(frozen=True)
class Bill(Sum):
    """Bookings of one payee that are paid together."""

    payee: str

    @cached_property
    def known_ways(self) -> list[str]:
        """Return the ways that the payee's account knows."""
        account = accounts.in_force(db.session(), self.payee)
        return account.ways if account else []

    @property
    def is_too_late_for_a_shop(self) -> bool:
        """Say whether a shop would do but for the deadline."""
        return KONBINI in self.known_ways and self.konbini_days is None

    @cached_property
    def ways(self) -> list[str]:
        """Return in which ways it may be paid over the network; none: at a counter only."""
        return offered(
            self.known_ways, yen=self.yen, due_at=self.due_at, now=context.now(),
            zone=g.municipality.zone,
        )  # fmt: skip

    @property
    def konbini_days(self) -> int | None:
        """Return for how many days a number for a shop would hold."""
        if self.due_at is None:
            return None
        return konbini_days(due_at=self.due_at, now=context.now(), zone=g.municipality.zone)

    @property
    def konbini_until(self) -> date | None:
        """Return the last day on which a number taken today can be paid at a shop."""
        days = self.konbini_days
        return context.today() + timedelta(days=days) if days is not None else None


def provider() -> Provider:
    """Return how payments are reached from a page."""
    settings = context.settings()
    pages = f"{settings.base_url}/{g.municipality.slug}"
    return Provider(current_app.extensions["gateway"], settings.secret_key, pages)


def town() -> Town:
    """Return the municipality of this request."""
    return Town(context.catalogue(), g.municipality.name)


def payables(numbers: Collection[str] | None = None) -> list[Payable]:
    """Return what the viewer may pay now, the first deadline first; only these when named."""
    now = context.now()
    own = [
        one
        for one in bookings_of(db.session(), g.viewer.account_id)
        if one.state in (State.PROVISIONAL, State.CONFIRMED)
        and one.due_at is not None
        and one.due_at > now
        and (numbers is None or one.number in numbers)
    ]
    ids = [one.id for one in own]
    return owed_of(all_booked(own, lines_by_booking(db.session(), ids)))


def owed_of(found: Sequence[Booked]) -> list[Payable]:
    """Return what is owed for these bookings, the first deadline first."""
    now, ids = context.now(), [one.booking.id for one in found]
    owed = owed_by_booking(db.session(), ids)
    waiting = waited_for(db.session(), ids)
    begun = attempts.under_way(db.session(), ids)
    rows = [
        Payable(one, payee, yen, begun.get(one.booking.id))
        for one in found
        for payee, yen in owed.get(one.booking.id, {}).items()
        if yen > 0 and one.booking.id not in waiting
    ]
    return sorted(rows, key=lambda x: (x.booking.due_at or now, x.booking.id))


def bills(rows: Sequence[Payable]) -> list[Bill]:
    """Return what is to be paid by payee."""
    payees = dict.fromkeys(one.payee for one in rows)
    return [Bill([x for x in rows if x.payee == payee], payee) for payee in payees]


@dataclass(frozen=True, slots=True)
class Paying:
    """How a booking can be paid over the network, and whether somebody is just doing it."""

    can_pay: bool = False
    is_at_a_shop: bool = False  # a number to pay at a shop is out


def paying(found: Booked, *, is_new: bool = False) -> Paying:
    """Return how a booking can be paid; one that `is_new` nobody can have begun to pay."""
    booking = found.booking
    if booking.due_at is None or booking.state not in (State.PROVISIONAL, State.CONFIRMED):
        return Paying()
    attempt = None if is_new else under_way(booking.id)
    if attempt is not None:
        return Paying(can_pay=True, is_at_a_shop=attempt.state == "waiting")
    known = accounts.ways_by_payee(db.session(), {one.line.payee for one in found.standing})
    return Paying(can_pay=booking.due_at > context.now() and any(known.values()))


def stopped(booking_id: int) -> str | None:
    """Stop what is being paid for a booking; return where it stands, None when nothing was."""
    state = let_go(provider(), town(), booking_id, now=context.now())
    if state is not None:
        db.session.expire_all()  # it may be paid now
    return state


def under_way(booking_id: int) -> PaymentAttempt | None:
    """Return the attempt that may still be paid."""
    return attempts.under_way(db.session(), [booking_id]).get(booking_id)
