"""Papers without a row of their own: receipts as they were issued, estimates, a counter's day."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask import g

from app.booking.numbers import spoken
from app.booking.service.told import line_told
from app.booking.terms import terms_on
from app.facilities.catalogue import FacilityInfo
from app.papers.documents import (
    Estimate,
    Issuer,
    Priced,
    Receipt,
    Sheet,
    Tax,
    TillEntry,
    TillSheet,
    TillSum,
    Use,
)
from app.payments.models import CashDay
from app.payments.models import Receipt as Row
from app.payments.online.ways import WAYS
from app.payments.receipts import tax_of
from app.reports.till import Movement
from app.web import context, formats, money_words
from app.web.booked import Booked, BookedLine, booked
from app.web.chosen import Held
from app.web.paper_words import (
    by_payee,
    day_of_use,
    issuer,
    number_of,
    office_day,
    payee_named,
    priced,
    steps_of,
    taxes,
    use_of,
)
from app.web.words import _


def receipt(
    found: Booked,
    row: Row,
    names: Mapping[int, str],
    *,
    method: str = "",
    gone_back: tuple[str, ...] = (),
) -> Sheet:
    """Return a receipt as it was issued, with marks: void, refunded, issued again."""
    stamp, remark = _stamp(row)
    return _receipt(found, row, names, method, stamp, remark, gone_back)


def receipt_as_file(
    found: Booked,
    row: Row,
    names: Mapping[int, str],
    *,
    method: str = "",
    gone_back: tuple[str, ...] = (),
) -> Sheet:
    """Return a receipt for whoever paid: beside the one on paper, so it says that it is a file."""
    stamp, remark = _stamp(row)
    if not row.voided_at and method in WAYS:
        remark = "　".join(filter(None, (remark, _("紙の領収書は出ません。"))))
    elif not row.voided_at:
        remark = "　".join(filter(None, (remark, _("紙の領収書と同じ番号です。"))))
        stamp = stamp or _("電子交付")
    return _receipt(found, row, names, method, stamp, remark, gone_back)


def _stamp(row: Row) -> tuple[str, str]:
    if row.voided_at is not None:
        return _("無効"), ""
    return (_("再発行"), _("%(n)s回目", n=row.copies)) if row.copies else ("", "")


def _receipt(
    found: Booked,
    row: Row,
    names: Mapping[int, str],
    method: str,
    stamp: str,
    remark: str,
    gone_back: tuple[str, ...],
) -> Sheet:
    lines = received_for(found, row)
    contact = issuer(payee_named(row.payee), [one.facility for one in lines])
    document = Receipt(
        row.addressee,
        Issuer(
            row.issuer, row.invoice_number or "", contact.contact, contact.address, contact.phone
        ),
        found.number,
        row.yen,
        taxes_as_issued(row),
        formats.ja_date(row.issued_at),
        money_words.method(method),
        tuple(use_of(one) for one in lines),
        names.get(row.issued_by or 0, ""),
        _voided(row),
        gone_back,
    )
    number = number_of(row.fiscal_year, row.number)
    return Sheet(document, office_day(row.issued_at), number, stamp, remark)


def received_for(found: Booked, row: Row) -> Sequence[BookedLine]:
    """Return what a receipt was issued for, as it was then."""
    if row.uses is not None:
        kept = [line_told(found.booking, row.payee, one) for one in row.uses]
        return booked(found.booking, kept).lines
    lines = [one for one in found.lines if one.line.payee == row.payee]
    return [one for one in lines if one.stands] or lines


def taxes_as_issued(row: Row) -> tuple[Tax, ...]:
    """Return the tax in a receipt, by the rate that it was issued at."""
    return (Tax(row.tax_percent, row.yen, tax_of(row.yen, row.tax_percent)),)


def _voided(row: Row) -> str:
    if row.voided_at is None:
        return ""
    return f"{formats.ja_moment(row.voided_at)}　{row.void_reason or ''}".strip("　")


def estimates_of(found: Booked) -> list[Sheet]:
    """Return what a booking that is not paid costs, an estimate from each payee."""
    return [
        _estimate(
            payee,
            [one.facility for one in lines],
            [priced(one, one.line.fee_yen) for one in lines],
            addressee=found.booking.applicant_name or "",
            number=found.number,
        )
        for payee, lines in by_payee(found.standing).items()
    ]


def estimates_for(held: Sequence[Held]) -> list[Sheet]:
    """Return what is chosen costs, an estimate from each payee."""
    found: dict[str, list[Held]] = {}
    for one in held:
        payee = terms_on(one.hall, one.wish.on).document.payment.payee
        found.setdefault(payee, []).append(one)
    left_out = _("減免や加算、備品の料金は入っていません。")
    return [
        _estimate(payee, [one.hall for one in some], [_held(one) for one in some], left_out)
        for payee, some in found.items()
    ]


def _held(one: Held) -> Priced:
    wish = one.wish
    hours = formats.ja_minutes_span(wish.from_minute, wish.to_minute)
    length = formats.ja_length(wish.to_minute - wish.from_minute)
    use = Use(
        day_of_use(wish.on), _("%(span)s（%(length)s）", span=hours, length=length),
        one.hall.name, one.room.name,
    )  # fmt: skip
    steps = steps_of((x.label, x.arithmetic) for x in one.lines)
    return Priced(use, steps or ((one.because,) if one.because else ()), one.yen)


def _estimate(
    payee: str,
    halls: Sequence[FacilityInfo | None],
    lines: Sequence[Priced],
    *remarks: str,
    addressee: str = "",
    number: str = "",
) -> Sheet:
    who = payee_named(payee)
    known = [one.yen for one in lines if one.yen is not None]
    total = sum(known)
    said = [*remarks]
    if len(known) < len(lines):
        said.insert(0, _("料金の決まっていない枠は、合計に入っていません。"))
    document = Estimate(
        addressee, issuer(who, halls), number, tuple(lines), total if known else None,
        taxes(who, total) if known else (), tuple(said),
    )  # fmt: skip
    return Sheet(document, office_day(context.now()))


def till_sheet(
    hall: FacilityInfo | None,
    on: date,
    rows: Sequence[Movement],
    sums: Sequence[tuple[str, int, int]],
    closed: CashDay | None,
    names: Mapping[int, str],
) -> Sheet:
    """Return a counter's day, with places for the seals of those who saw it."""
    document = TillSheet(
        g.municipality.name,
        hall.name if hall else _("市役所の窓口"),
        formats.ja_date(on),
        tuple(_entry(one, names) for one in rows),
        tuple(TillSum(_way(method), count, yen) for method, count, yen in sums),
        sum(one.yen for one in rows),
        sum(one.yen for one in rows if one.is_cash),
        closed.counted_yen if closed else None,
        closed.remark if closed else "",
        _closed(closed, names) if closed else "",
        (_("館長"), _("係"), _("担当")) if hall else (_("課長"), _("係長"), _("担当")),
    )
    return Sheet(document, office_day(context.now()))


def _entry(one: Movement, names: Mapping[int, str]) -> TillEntry:
    more = {"reversal": _("受け取りの取り消し"), "refund": _("返金")}.get(one.kind)
    receipt = (
        number_of(one.fiscal_year, one.receipt_number)
        if one.fiscal_year is not None and one.receipt_number is not None
        else ""
    )
    return TillEntry(
        formats.clock_time(one.at),
        spoken(one.number),
        one.name or one.shown_name,
        "\n".join(filter(None, (_way(one.method), more))),
        receipt,
        one.yen,
        names.get(one.account_id or 0, ""),
    )


def _closed(closed: CashDay, names: Mapping[int, str]) -> str:
    when = formats.ja_moment(closed.closed_at)
    return _("%(when)sに締めました。%(who)s", when=when, who=names.get(closed.closed_by, ""))


def _way(method: str) -> str:
    return money_words.method(method)
