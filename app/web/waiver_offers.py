"""Which waivers can be asked for, and what a booking would cost with each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import g

from app.booking.models import Booking, BookingLine
from app.booking.states import LineState
from app.fees.policy import Tariff, Waiver
from app.fees.queries import tariff_on
from app.fees.rules import Quote, Undetermined, cited
from app.usecases.waived_fees import fee_with, tariff_of
from app.web import context
from app.web.answers import Asking
from app.web.words import _


@dataclass(frozen=True, slots=True)
class WaiverOffer:
    """A waiver that can be asked for; `yen` is what all would cost with it, None: open."""

    id: str
    name: str
    percent: int
    needs_document: bool
    per_month: int | None
    citation: str
    yen: int | None = None

    @property
    def label(self) -> str:
        """Return its name with what it takes off."""
        share = _("全額免除") if self.percent == 100 else _("%(n)s％引き", n=self.percent)
        return f"{self.name}（{share}）"


def for_group() -> list[WaiverOffer]:
    """Return what somebody of the viewer's class can ask for beforehand, at any hall."""
    today, mine = context.today(), context.applicant_class()
    tariffs = [tariff_on(one, today).document for one in context.catalogue().facilities]
    fitting = [one for one in _to_ask_for(tariffs) if not one.classes or mine in one.classes]
    return [_offer(one) for one in fitting]


def for_basket(asking: Asking) -> list[WaiverOffer]:
    """Return what can be asked for with an application: what would take something off."""
    tariffs = [one.tariff for one in asking.offered() if one.tariff]
    found = []
    for one in _to_ask_for(tariffs):
        offered = asking.offered(asked_for=one.id)
        fees = [x.quote or x.left_open for x in offered if not x.refusals]
        if _helps(one.id, fees):
            found.append(_offer(one, _sum(fees)))
    return found


def for_booking(booking: Booking, lines: Sequence[BookingLine]) -> list[WaiverOffer]:
    """Return what can be asked for a booking that was made."""
    catalogue = context.catalogue()
    standing = [line for line in lines if line.state == LineState.ACTIVE]
    found = []
    for one in _to_ask_for(tariff_of(catalogue, booking, line) for line in standing):
        fees = [fee_with(catalogue, booking, line, one.id) for line in standing]
        if _helps(one.id, fees) and not any(one.id in (line.waivers or ()) for line in standing):
            found.append(_offer(one, _sum(fees)))
    return found


def _to_ask_for(tariffs: Iterable[Tariff]) -> list[Waiver]:
    """Return the waivers that do not come by themselves and were not granted, each once."""
    held = {one.waiver for one in g.viewer.entitlements if one.valid_to >= context.today()}
    every = [one for tariff in tariffs for one in tariff.waivers if not one.is_automatic]
    return list({one.id: one for one in every if one.id not in held}.values())


def _helps(waiver: str, fees: Sequence[Quote | Undetermined | None]) -> bool:
    return any(isinstance(fee, Quote) and fee.waived.get(waiver) for fee in fees)


def _sum(fees: Sequence[Quote | Undetermined | None]) -> int | None:
    known = [fee.total_yen for fee in fees if isinstance(fee, Quote)]
    return sum(known) if len(known) == len(fees) else None


def _offer(one: Waiver, yen: int | None = None) -> WaiverOffer:
    return WaiverOffer(
        one.id, one.name, one.percent, one.needs_document, one.per_month, cited(one.citation), yen
    )
