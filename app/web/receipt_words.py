"""Receipts in words: whether they count, and what of their money has gone back since."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.db import db
from app.payments.models import Receipt
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.reports.till import receipts_of
from app.web import formats
from app.web.words import _


@dataclass(frozen=True, slots=True)
class Told:
    """A receipt with what is said of it."""

    row: Receipt
    state: str
    is_void: bool


def receipts_told(booking_id: int) -> list[Told]:
    """Return the receipts of a booking, the first first, each with its state in a word."""
    rows = receipts_of(db.session(), booking_id)
    gone = refunds.of_booking(db.session(), booking_id) if rows else ()
    return [Told(one, _state(one, gone), one.voided_at is not None) for one in rows]


def marks_of(row: Receipt) -> tuple[str, ...]:
    """Return what of a receipt's money was given back, day by day, as it stands on the paper."""
    by_day: dict[date, int] = defaultdict(int)
    for one in refunds.of_booking(db.session(), row.booking_id):
        if _is_gone(row, one) and one.done_at is not None:
            by_day[formats.local(one.done_at).date()] += one.yen
    return tuple(_mark(row, yen, day) for day, yen in sorted(by_day.items()))


def _mark(row: Receipt, yen: int, day: date) -> str:
    told = {"yen": formats.yen(yen), "day": formats.ja_date(day)}
    if yen == row.yen:
        return _("この領収書の金額は、すべて（%(yen)s）返金しました（%(day)s）。", **told)
    return _("この領収書の金額のうち%(yen)sは返金しました（%(day)s）。", **told)


def _state(row: Receipt, gone: Sequence[Refund]) -> str:
    if row.voided_at is not None:
        return _("取消")
    back = sum(one.yen for one in gone if _is_gone(row, one))
    if back >= row.yen:
        return _("返金済み")
    return _("一部返金（%(yen)s）", yen=formats.yen(back)) if back else _("有効")


def _is_gone(row: Receipt, refund: Refund) -> bool:
    return refund.payment_id == row.entry_id and refund.state == "done"
