"""What could be applied for now: each line of a basket with its fee, or why it can't be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g

from app.booking.models import BookingLine
from app.booking.plan import room_day
from app.booking.policy import Terms
from app.booking.rules.days import Place
from app.booking.rules.outcomes import due_at
from app.booking.service.application import Answers, Applicant
from app.booking.service.judging import judge
from app.booking.service.waivers import Granted, Monthly, entitled
from app.db import db
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.fees.policy import Tariff
from app.fees.rules import Needs, Quote, Undetermined, mentioned, needs
from app.kernel.refusals import Refusal
from app.web import context


@dataclass(frozen=True, slots=True)
class Offered:
    """One line of a basket as it could be applied for."""

    line: BookingLine
    facility: FacilityInfo | None  # None: the room is no longer listed
    room: RoomInfo | None
    terms: Terms | None
    quote: Quote | None
    refusals: tuple[Refusal, ...]
    left_open: Undetermined | None = None  # what the rules leave open of its fee
    needs: Needs = field(default_factory=Needs)  # what its fee may depend on
    attributes: frozenset[str] = frozenset()  # what its tariff speaks of at all
    tariff: Tariff | None = None


def offered(
    lines: Sequence[BookingLine], answers: Answers, *, asked_for: str | None = None
) -> list[Offered]:
    """Return the lines as the rules see them with these answers, floor not looked at.

    `asked_for` is a waiver as if it were granted already.
    """
    monthly = Monthly(db.session(), g.viewer.account_id)
    more = frozenset({asked_for} if asked_for else ())
    return [_offered(line, lines, answers, monthly, more) for line in lines]


def _offered(
    line: BookingLine,
    lines: Sequence[BookingLine],
    answers: Answers,
    monthly: Monthly,
    more: frozenset[str],
) -> Offered:
    catalogue = context.catalogue()
    try:
        facility, room = catalogue.room(line.room_id)
    except LookupError:
        return Offered(line, None, None, None, None, (Refusal("room.unknown"),))
    beside = facility.named({one.room_id for one in lines if one.on_date == line.on_date})
    day = room_day(catalogue, facility, room, line.on_date)
    tariff = day.tariff(context.today()).document
    granted = granted_here(line, tariff, monthly)
    granted = Granted(granted.waivers | more, granted.spent)
    fee, refusals = judge(
        day, line, catalogue, applicant(), answers, beside, granted, now=context.now()
    )
    if isinstance(fee, Quote):
        monthly.count(fee.waived, line.on_date)
    return Offered(
        line,
        facility,
        room,
        day.terms.document,
        fee if isinstance(fee, Quote) else None,
        tuple(refusals),
        fee if isinstance(fee, Undetermined) else None,
        needs(tariff, room.slug, context.applicant_class()),
        mentioned(tariff),
        tariff,
    )


def granted_here(line: BookingLine, tariff: Tariff, monthly: Monthly) -> Granted:
    """Return the waivers that the viewer's rights give a line, and those used up this month."""
    return Granted(entitled(g.viewer.entitlements, line), monthly.spent(tariff, line.on_date))


def applicant() -> Applicant:
    """Return who applies; somebody not signed in has no account yet."""
    viewer = g.viewer
    return Applicant(
        viewer.account_id or 0,
        context.applicant_class(),
        viewer.name,
        viewer.kana,
        viewer.phone,
        viewer.entitlements,
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A basket as it is shown before it is applied for."""

    ready: tuple[Offered, ...]
    refused: tuple[Offered, ...]

    @property
    def total_yen(self) -> int:
        """Return what is to be paid for what can be had."""
        return sum(one.quote.total_yen for one in self.ready if one.quote)

    @property
    def known_yen(self) -> int | None:
        """Return what is known of it; None: not one fee is."""
        return None if self.is_open and not self.total_yen else self.total_yen

    @property
    def is_open(self) -> bool:
        """Say whether staff have to decide a fee."""
        return any(one.left_open for one in self.ready)

    @property
    def several(self) -> bool:
        """Say whether there is more than one line."""
        return len(self.ready) + len(self.refused) > 1

    def due_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return by when the fee would be due; None when there is nothing to pay."""
        today = now.astimezone(zone).date()
        due = [
            due_at(
                one.terms.payment,
                requested_on=today,
                first_use=one.line.starts_at,
                zone=zone,
                place=Place(context.catalogue(), one.facility) if one.facility else None,
            )
            for one in self.ready
            if one.terms
        ]
        return min(due) if due and self.total_yen and not self.is_open else None


def offer(lines: Sequence[Offered], lost: Mapping[int, tuple[Refusal, ...]]) -> Offer:
    """Sort lines into what can be had and what can't; `lost` is what others took meanwhile."""
    judged = [replace(one, refusals=one.refusals or lost.get(one.line.id, ())) for one in lines]
    return Offer(
        tuple(one for one in judged if not one.refusals),
        tuple(one for one in judged if one.refusals),
    )
