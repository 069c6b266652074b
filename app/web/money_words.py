"""What the ledger's entries and the figures of statements are called on staff pages."""

from collections.abc import Collection

from flask_babel import lazy_gettext as _l

from app.facilities.catalogue import FacilityInfo
from app.payments.models import CITY
from app.reports.months.asked import SEVERAL
from app.reports.months.counters import NOWHERE
from app.reports.months.figures import BY_METHOD, Line
from app.web import context
from app.web.payment_form import METHODS as AT_COUNTERS
from app.web.words import _

KINDS = {
    "charge": _l("調定"),
    "surcharge": _l("加算の調定"),
    "cancellation_fee": _l("取消料の調定"),
    "waiver": _l("減免"),
    "release": _l("調定減"),
    "payment": _l("収納"),
    "reversal": _l("収納の取り消し"),
    "refund": _l("還付"),
    "refund_return": _l("還付の戻り"),
    "credit": _l("充当"),
}
METHODS = {
    **AT_COUNTERS,
    "card": _l("クレジットカード（オンライン）"),
    "konbini": _l("コンビニ"),
    "paypay": _l("PayPay"),
    "transfer": _l("口座への振込"),
}
FIGURES = {
    "unpaid_before": _l("はじめの未納"),
    "over_before": _l("はじめの過納"),
    "assessed": _l("調定額"),
    "collected": _l("収納額"),
    "unpaid": _l("おわりの未納"),
    "over": _l("おわりの過納"),
}


def kind(code: str) -> str:
    """Return a kind of entry in words; an unknown one is called by its own name."""
    return str(KINDS.get(code, code))


def method(code: str) -> str:
    """Return how money came; an unknown way is called by its own name."""
    return str(METHODS.get(code, code)) if code else _("（方法の記録なし）")


def figure(line: Line) -> str:
    """Return what a figure of a statement is called."""
    if line.id in FIGURES:
        return str(FIGURES[line.id])
    if line.kind == BY_METHOD and line.method is not None:
        return _("収納 %(how)s", how=method(line.method))
    return kind(line.kind)


def hall(hall_id: int, known: Collection[FacilityInfo] = ()) -> str:
    """Return a hall's name; bookings over several have a row of their own."""
    if hall_id == SEVERAL:
        return _("いくつかの会館にまたがる予約")
    every = known or (*context.catalogue().facilities, *context.catalogue().former)
    return next((one.name for one in every if one.id == hall_id), _("いまはない会館"))


def counter(counter_id: int) -> str:
    """Return what a counter is called."""
    if counter_id == NOWHERE:
        return _("窓口を通らないもの（オンライン）")
    return hall(counter_id) if counter_id else _("市役所の窓口")


def payee(payee_id: str) -> str:
    """Return who gets the money, by the names of today's rules."""
    found = context.policy().payee_named(payee_id)
    if found is not None:
        return found.name
    return context.municipality_name() if payee_id == CITY else payee_id


def year(number: int) -> str:
    """Return a fiscal year; what was assessed in several has a row of its own."""
    return _("%(n)s年度", n=number) if number else _("いくつかの年度にまたがる予約")
