"""What papers share, in words: days by both calendars, uses, who issues, taxes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from flask import g

from app.facilities.catalogue import FacilityInfo
from app.kernel.calendar_jp import era_year, weekday_ja
from app.papers.documents import Issuer, Priced, Tax, Use
from app.payments.receipts import Issuer as Payee
from app.payments.receipts import tax_of
from app.usecases.receiving import issuer_of
from app.web import context, formats
from app.web.booked import BookedLine
from app.web.equipment_words import used_words
from app.web.words import _


def office_day(value: date | datetime) -> str:
    """Return 令和8年12月5日, as offices date their papers."""
    day = formats.local(value).date() if isinstance(value, datetime) else value
    return _("%(year)s%(month)s月%(day)s日", year=era_year(day), month=day.month, day=day.day)


def day_of_use(day: date) -> str:
    """Return 2026年（令和8年）12月5日（土）."""
    return _(
        "%(year)s年（%(era)s）%(month)s月%(day)s日（%(weekday)s）",
        year=day.year, era=era_year(day), month=day.month, day=day.day, weekday=weekday_ja(day),
    )  # fmt: skip


def number_of(fiscal_year: int, number: int) -> str:
    """Return the number of a paper, as that of a receipt: 2026-000012."""
    return f"{fiscal_year}-{number:06d}"


def use_of(one: BookedLine) -> Use:
    """Return a line of a booking as a use."""
    line = one.line
    return Use(
        day_of_use(line.on_date),
        formats.ja_span(line.starts_at, line.ends_at),
        one.hall,
        one.room,
        used_words(one.facility, line),
    )


def priced(one: BookedLine, yen: int | None) -> Priced:
    """Return a line with its fee, step by step as it was quoted."""
    quoted = (one.line.quote or {}).get("lines", ())
    return Priced(use_of(one), tuple(_step(x["label"], x["arithmetic"]) for x in quoted), yen)


def _step(label: str, arithmetic: str) -> str:
    return f"{label}　{arithmetic}".strip("　")


def steps_of(lines: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the steps of a fee from their names and how each was worked out."""
    return tuple(_step(label, arithmetic) for label, arithmetic in lines)


def payee_named(payee: str) -> Payee:
    """Return who issues the papers of a payee today."""
    return issuer_of(context.catalogue(), payee, g.municipality.name, now=context.now())


def issuer(payee: Payee, halls: Iterable[FacilityInfo | None]) -> Issuer:
    """Return who stands on a paper: the payee, and the hall to ask; of several, the town hall."""
    known = {one.id: one for one in halls if one is not None}
    if len(known) == 1:
        (hall,) = known.values()
        contact, address, phone = hall.name, hall.address, hall.phone
    else:
        desk = context.policy().help
        contact, address, phone = desk.name, "", desk.phone
    return Issuer(payee.name, payee.invoice_number or "", contact, address, phone)


def taxes(payee: Payee, yen: int) -> tuple[Tax, ...]:
    """Return what is charged at the payee's rate; the tax is rounded once for the paper."""
    return (Tax(payee.tax_percent, yen, tax_of(yen, payee.tax_percent)),)


def by_payee(lines: Sequence[BookedLine]) -> dict[str, list[BookedLine]]:
    """Return lines by who gets their fee: each issues papers of its own."""
    found: dict[str, list[BookedLine]] = {}
    for one in lines:
        found.setdefault(one.line.payee, []).append(one)
    return found
