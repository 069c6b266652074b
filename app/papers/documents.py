"""What stands on each paper; kept with a numbered paper, so that it can be printed again as it was.

Sums are yen and are written by the templates; everything else is said in words already.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues a paper, and whom to ask about it."""

    name: str
    invoice_number: str  # 登録番号; empty: not registered
    contact: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class Use:
    """A room and time."""

    day: str
    hours: str
    hall: str
    room: str
    detail: str = ""  # equipment


@dataclass(frozen=True, slots=True)
class Fact:
    """Something asked and answered."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Priced:
    """A room and time with its fee, step by step."""

    use: Use
    steps: tuple[str, ...]
    yen: int | None  # None: not decided


@dataclass(frozen=True, slots=True)
class Tax:
    """What is charged at one rate, and the tax in it (消費税法57条の4)."""

    percent: int
    yen: int
    tax_yen: int


@dataclass(frozen=True, slots=True)
class Permit:
    """使用許可書."""

    kind: ClassVar[str] = "permit"
    title: ClassVar[str] = "使用許可書"

    addressee: str
    issuer: Issuer
    booking_number: str
    uses: tuple[Use, ...]
    facts: tuple[Fact, ...]
    fee_yen: int
    fee_words: str
    conditions: tuple[str, ...]
    basis: str  # the article; empty: none is published


@dataclass(frozen=True, slots=True)
class Bill:
    """請求書, with everything that a 適格請求書 has."""

    kind: ClassVar[str] = "bill"
    title: ClassVar[str] = "請求書"

    addressee: str
    issuer: Issuer
    booking_number: str
    lines: tuple[Priced, ...]
    total_yen: int
    received_yen: int
    owed_yen: int
    taxes: tuple[Tax, ...]
    due: str
    ways: tuple[str, ...]  # where and how it is paid


@dataclass(frozen=True, slots=True)
class Receipt:
    """領収書, a 適格請求書 of what was paid."""

    kind: ClassVar[str] = "receipt"
    title: ClassVar[str] = "領収書"

    addressee: str
    issuer: Issuer
    booking_number: str
    yen: int
    taxes: tuple[Tax, ...]
    received_on: str
    method: str
    uses: tuple[Use, ...]
    handled_by: str
    void_words: str  # why it is worth nothing; empty: it is good
    gone_back: tuple[str, ...] = ()  # what of its money was refunded since, and when


@dataclass(frozen=True, slots=True)
class Ended:
    """A use that was cancelled: what it cost, what is kept of it, what comes back."""

    use: Use
    fee_yen: int
    kept_yen: int
    back_yen: int
    ended_on: str
    because: str
    is_undecided: bool = False  # staff have yet to say what comes back
    remark: str = ""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Money that goes back though nothing was cancelled: why, and what became different."""

    on: str
    because: str
    yen: int
    basis: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """取消・還付通知書; where nothing was cancelled, 還付通知書."""

    kind: ClassVar[str] = "notice"
    title: ClassVar[str] = "取消・還付通知書"

    addressee: str
    issuer: Issuer
    booking_number: str
    lines: tuple[Ended, ...]
    paid_yen: int
    back_yen: int  # in all
    released_yen: int  # not paid, and not to be paid any more
    basis: str
    ways: tuple[str, ...]  # how and when money comes back
    standing: tuple[Use, ...]
    given: tuple[GivenBack, ...] = ()
    undecided: str = ""  # what is said of sums that staff have yet to decide
    remarks: tuple[str, ...] = ()  # what is kept, and by which rule


@dataclass(frozen=True, slots=True)
class Estimate:
    """見積書; it has no number and promises no room."""

    kind: ClassVar[str] = "estimate"
    title: ClassVar[str] = "見積書"

    addressee: str
    issuer: Issuer
    booking_number: str  # empty: nothing is booked
    lines: tuple[Priced, ...]
    total_yen: int | None
    taxes: tuple[Tax, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TillEntry:
    """Money that came over a counter, or went back."""

    at: str
    booking_number: str
    name: str
    what: str
    receipt: str
    yen: int
    by: str


@dataclass(frozen=True, slots=True)
class TillSum:
    """What came in one way."""

    method: str
    count: int
    yen: int


@dataclass(frozen=True, slots=True)
class TillSheet:
    """日計表 of a counter's day."""

    kind: ClassVar[str] = "till"
    title: ClassVar[str] = "日計表"

    city: str
    place: str
    day: str
    entries: tuple[TillEntry, ...]
    sums: tuple[TillSum, ...]
    total_yen: int
    cash_yen: int
    counted_yen: int | None  # None: not closed yet
    remark: str
    closed: str
    stamps: tuple[str, ...]  # whose seals are asked for


Document = Permit | Bill | Receipt | Notice | Estimate | TillSheet
Numbered = Permit | Bill | Notice


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document as it leaves: with its number, its day, and what is stamped on it."""

    document: Document
    issued_on: str
    number: str = ""
    stamp: str = ""  # 再発行, 無効
    remark: str = ""  # beside the stamp
    check_url: str = ""  # where a code on it leads


_NUMBERED: Mapping[str, TypeAdapter[Numbered]] = {
    one.kind: TypeAdapter(one) for one in (Permit, Bill, Notice)
}


def title_of(document: Document) -> str:
    """Return what stands above a document; a notice of no cancelled use is one of a refund."""
    if isinstance(document, Notice) and not document.lines:
        return "還付通知書"
    return document.title


def kept(document: Numbered) -> dict[str, Any]:
    """Return what stood on a paper, to be kept as JSON."""
    return asdict(document)


def read(kind: str, document: Mapping[str, Any]) -> Numbered:
    """Return a document that was kept."""
    return _NUMBERED[kind].validate_python(document)
