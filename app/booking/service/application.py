"""What an application says: who applies, for what use, and what a fee may depend on of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.booking.models import Booking, BookingLine
from app.booking.plan import Facts
from app.booking.service.equipment import Equipped
from app.booking.service.waivers import NOTHING, Granted
from app.identity.entitlements import Entitled

YES = "はい"  # how a yes to a hall's own question is kept


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies, as written on the booking."""

    account_id: int | None  # None: somebody without an account, for whom staff book
    applicant_class: str
    name: str
    kana: str
    phone: str
    entitlements: tuple[Entitled, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What the applicant said about the use."""

    purpose: str
    people: int
    shown_name: str  # 案内板にのせる名前; empty: not shown
    notes: str = ""
    admission_yen: int = 0
    is_for_profit: bool = False
    others: Mapping[str, str] = field(default_factory=dict)
    people_by: Mapping[str, int] = field(default_factory=dict)  # where the tariff counts by age


def facts_of(
    applicant: Applicant,
    answers: Answers,
    line: Equipped,
    granted: Granted = NOTHING,
    *,
    requested_on: date,
) -> Facts:
    """Return what the fee of a use may depend on; a hall's yes-or-no question is an attribute."""
    return Facts(
        applicant_class=applicant.applicant_class,
        admission_yen=answers.admission_yen,
        is_for_profit=answers.is_for_profit,
        purpose=answers.purpose,
        attributes=frozenset(name for name, said in answers.others.items() if said == YES),
        extras=tuple(sorted((line.extras or {}).items())),
        people=tuple(answers.people_by.items()),
        everybody=answers.people,
        items=line.items or 1,
        waivers=granted.waivers,
        spent=granted.spent,
        requested_on=requested_on,
    )


def said_in(booking: Booking) -> Answers:
    """Return what was said in an application."""
    own = dict(booking.answers)
    return Answers(
        purpose=booking.purpose or "",
        people=booking.people or 1,
        shown_name=booking.shown_name or "",
        notes=booking.notes or "",
        admission_yen=own.pop("admission_yen", 0),
        is_for_profit=own.pop("is_for_profit", False),
        people_by=own.pop("people_by", {}),
        others=own,
    )


def applicant_of(booking: Booking) -> Applicant:
    """Return who applied, as written on the booking."""
    return Applicant(
        booking.account_id or 0,
        booking.applicant_class or "",
        booking.applicant_name or "",
        booking.applicant_kana or "",
        booking.applicant_phone or "",
    )


def readings_of(line: BookingLine) -> tuple[tuple[str, str], ...]:
    """Return the readings of open rules that staff decided for a line."""
    return tuple(sorted((line.settled or {}).get("readings", {}).items()))
