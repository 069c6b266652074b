"""cases.yaml: example bookings with the fee, refund or date that the ordinance gives."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from app.packs.moments import LocalMoment
from app.tenants.policy import ClockTime, Document, Slug

UNDETERMINED = "undetermined"


def _yen(value: object) -> object:
    if value == UNDETERMINED:
        return None
    if value is None:
        raise ValueError("金額（整数の円）か undetermined を書きます")
    return value


def _said(yen: int | None) -> int | str:
    return UNDETERMINED if yen is None else yen


ExpectedYen = Annotated[  # None: the rule leaves it open
    Annotated[int, Field(ge=0)] | None, BeforeValidator(_yen), PlainSerializer(_said)
]


class Example(Document):
    """What every case has."""

    id: Annotated[str, Field(min_length=1)]
    name: str = ""  # the case in words
    note: str = ""


class UseEntry(Document):
    """One room for one stretch of one day."""

    facility: Slug
    room: Slug
    on: date
    from_: ClockTime = Field(alias="from")
    to: ClockTime


class FeeCase(Example):
    """What uses cost together."""

    kind: Literal["fee"]
    uses: tuple[UseEntry, ...] = Field(min_length=1)
    applicant: Slug | None = None  # None: who is not signed in
    admission_yen: Annotated[int, Field(ge=0)] = 0
    for_profit: bool = False
    expect: ExpectedYen
    question: Slug | None = None  # of an undetermined fee: the rule that leaves it open


class RefundCase(Example):
    """What comes back of a paid fee, so many days before the use."""

    kind: Literal["refund"]
    facility: Slug
    on: date
    days_before: Annotated[int, Field(ge=0)]
    paid_yen: Annotated[int, Field(ge=0)]
    expect: Annotated[int, Field(ge=0)]  # yen


class ExpectedDates(Document):
    """When reception opens and closes, by when the fee is paid; only what is given is compared."""

    opens: LocalMoment | None = None
    closes: LocalMoment | None = None
    due: LocalMoment | None = None
    online: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> "ExpectedDates":
        if self.online and not (self.opens or self.closes or self.due):
            raise ValueError("opens・closes・due のどれかを書きます")
        return self


class DateCase(Example):
    """Between when a use can be applied for, and by when it is paid."""

    kind: Literal["date"]
    facility: Slug
    room: Slug
    on: date
    from_: ClockTime | None = Field(default=None, alias="from")  # None: the day's first slot
    applicant: Slug | None = None
    beside: tuple[Slug, ...] = ()  # other rooms of the same request on that day
    requested_on: date | None = None  # for `due`; None: the day reception opens
    expect: ExpectedDates


class DayCase(Example):
    """Whether a facility is open on a day."""

    kind: Literal["day"]
    facility: Slug
    on: date
    expect: Literal["open", "closed"]


class SlotsCase(Example):
    """How a room divides a day: 09:00-12:00, 13:00-17:00…"""

    kind: Literal["slots"]
    facility: Slug
    room: Slug
    on: date
    expect: tuple[str, ...]


Case = Annotated[FeeCase | RefundCase | DateCase | DayCase | SlotsCase, Field(discriminator="kind")]


class CasesFile(Document):
    """cases.yaml."""

    cases: tuple[Case, ...]
