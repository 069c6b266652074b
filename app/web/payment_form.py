"""The form of money taken at a counter: how, where, for whom the receipt is, and the change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flask_babel import lazy_gettext as _l

from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel import text_ja
from app.payments.online.models import PaymentAttempt
from app.reports.bookings import BookingView
from app.usecases.receiving import Taken
from app.web import context, desk_place, formats, halls, payables
from app.web.staff_forms import printable, signed_number
from app.web.words import _

METHODS = {"cash": _l("現金"), "card_terminal": _l("カード・電子マネーの端末")}
TOWN_HALL = "office"
MOST_IN_A_NAME = 60


@dataclass(frozen=True)
class PaymentForm:
    """What was typed; at first what is usual."""

    view: BookingView
    given: Mapping[str, str]

    @property
    def methods(self) -> list[tuple[str, str, bool]]:
        """Return the ways to pay with which one is chosen."""
        chosen = self.given.get("method", "cash")
        return [(key, str(name), key == chosen) for key, name in METHODS.items()]

    @cached_property
    def places(self) -> list[tuple[str, str, bool]]:
        """Return the counters the viewer takes money at, the most likely chosen."""
        own = halls_of(self.view, halls.seen(Permission.RECEIVE_PAYMENT))
        known = [(one.slug, one.name) for one in own]
        if halls.scope(Permission.RECEIVE_PAYMENT).is_everywhere:
            known.insert(0, (TOWN_HALL, _("市役所の窓口")))
        chosen = self.given.get("place", usual_place(known))
        return [(key, name, key == chosen) for key, name in known]

    @property
    def addressee(self) -> str:
        """Return for whom the receipt is; at first the name people know the applicant by."""
        booking = self.view.booking
        usual = booking.shown_name or booking.applicant_name or ""
        return text_ja.tidy(printable(self.given.get("addressee", usual)))[:MOST_IN_A_NAME]

    @property
    def handed(self) -> str:
        """Return what was handed over, as it was typed."""
        return printable(self.given.get("handed", ""))[:20]

    @property
    def yen(self) -> int:
        """Return the sum that stood on the page."""
        return _sum(self.given.get("yen", "")) or 0

    @property
    def change_yen(self) -> int | None:
        """Return the change to give, None when nothing was typed of what was handed over."""
        handed = _sum(self.handed)
        return handed - self.yen if handed is not None else None

    @cached_property
    def under_way(self) -> PaymentAttempt | None:
        """Return how somebody may just now be paying over the network."""
        return payables.under_way(self.view.booking.id)

    @property
    def despite(self) -> bool:
        """Say whether it is to be taken although somebody may be paying."""
        return "despite" in self.given

    def problems(self) -> list[str]:
        """Return what is wrong with what was typed."""
        found = []
        if self.under_way is not None and not self.despite:
            found.append(
                _("ネットでの支払いが途中です。本人に確かめて、下の四角をおしてください。")
            )
        if not any(one[2] for one in self.methods):
            found.append(_("受け取り方をえらんでください。"))
        if not any(one[2] for one in self.places):
            found.append(_("受け取った場所をえらんでください。"))
        if self.handed.strip() and _sum(self.handed) is None:
            found.append(_("お預かりは、数字で入力してください。"))
        if self.change_yen is not None and self.change_yen < 0:
            short = formats.yen(-self.change_yen)
            found.append(_("お預かりが%(yen)s足りません。", yen=short))
        return found

    def taken(self, city: str) -> Taken:
        """Return how it was taken; only of a form without problems."""
        place = next(key for key, _name, chosen in self.places if chosen)
        hall = context.catalogue().facility_named(place) if place != TOWN_HALL else None
        method = next(key for key, _name, chosen in self.methods if chosen)
        return Taken(hall.id if hall else None, city, method, self.addressee, self.despite)


def usual_place(known: Sequence[tuple[str, str]]) -> str:
    """Return the most likely of the counters: that of the desk one works at, else the first."""
    here = desk_place.here()
    if here is not None and here.slug in {key for key, _name in known}:
        return here.slug
    return known[0][0] if known else ""


def halls_of(view: BookingView, known: Sequence[FacilityInfo]) -> list[FacilityInfo]:
    """Return the halls of a booking first, then the others of whoever looks."""
    here: Collection[int] = {line.facility_id for line in view.lines}
    return sorted(known, key=lambda one: one.id not in here)


def _sum(typed: str) -> int | None:
    return signed_number(text_ja.plain_number(typed).removesuffix("円"))
