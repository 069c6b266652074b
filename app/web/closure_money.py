"""What a closure costs in money that goes back: before it is pressed, and after."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.db import db
from app.payments.refunds.foreseen import would_go_back
from app.payments.refunds.models import Refund
from app.reports.closures import Use
from app.web import formats
from app.web.words import _

WAYS = {
    "card": _l("カード"),
    "konbini": _l("コンビニ"),
    "paypay": _l("PayPay"),
    "cash": _l("窓口"),
    "transfer": _l("振込"),
}


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back in words: by the first line of each booking, and of all."""

    by_line: Mapping[int, str]
    total: str  # empty: nothing goes back


def foreseen(uses: Sequence[Use]) -> Back:
    """Return what would go back if all of these uses gave way."""
    lines: dict[int, list[Use]] = defaultdict(list)
    for one in uses:
        lines[one.booking_id].append(one)
    said: dict[int, str] = {}
    sums = []
    for booking_id, some in lines.items():
        found = would_go_back(db.session(), booking_id, _released(some))
        sums.append(found)
        said[some[0].line_id] = _if_all_go(found, len(some))
    total = _total(sums)
    return Back(said, _("全部取り消すと、%(total)s", total=total) if total else "")


def gone_back(uses: Sequence[Use], refunds: Iterable[Refund]) -> Back:
    """Return what goes back to those who gave way, of refunds that were planned with that."""
    by_booking: dict[int, Counter[str]] = defaultdict(Counter)
    for one in refunds:
        by_booking[one.booking_id][one.method] += one.yen
    said: dict[int, str] = {}
    seen = set()
    for use in uses:
        if use.booking_id not in seen:
            seen.add(use.booking_id)
            said[use.line_id] = _sum(by_booking[use.booking_id])
    return Back(said, _total([by_booking[booking_id] for booking_id in seen]))


def _released(some: Iterable[Use]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in some:
        found[one.payee] += one.fee_yen
    return found


def _if_all_go(found: Counter[str], count: int) -> str:
    if not found.total():
        return _("取り消しても、返すお金はありません。")
    if count > 1:
        return _("この予約の%(n)s枠を取り消すと、返すお金：%(sum)s", n=count, sum=_sum(found))
    return _("取り消すと、返すお金：%(sum)s", sum=_sum(found))


def _sum(found: Counter[str]) -> str:
    if len(found) == 1:
        return f"{formats.yen(found.total())}（{WAYS[next(iter(found))]}）"
    return f"{formats.yen(found.total())}（{_ways(found)}）" if found else formats.yen(0)


def _total(sums: Iterable[Counter[str]]) -> str:
    some = [one for one in sums if one.total()]
    all_of_it: Counter[str] = sum(some, Counter())
    if not some:
        return ""
    return _(
        "返すお金は、全部で%(n)s件・%(yen)sです（%(ways)s）。",
        n=len(some), yen=formats.yen(all_of_it.total()), ways=_ways(all_of_it),
    )  # fmt: skip


def _ways(found: Counter[str]) -> str:
    return _("、").join(f"{WAYS[key]} {formats.yen(found[key])}" for key in WAYS if found[key])
