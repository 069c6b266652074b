"""cases.yaml: example bookings with the fee, refund or date that the ordinance gives."""

from datetime import date, timedelta
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


Count = Annotated[int, Field(ge=1)]


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
    purpose: Slug | None = None
    attributes: tuple[Slug, ...] = ()
    extras: dict[Slug, Count] = {}  # equipment, heating, lights: how many
    people: dict[Slug, Count] = {}  # by category of the tariff
    items: Count = 1  # tables, lanes
    overtime_minutes: Annotated[int, Field(ge=0)] = 0
    waivers: tuple[Slug, ...] = ()  # granted
    expect: ExpectedYen
    question: Slug | None = None  # of an undetermined fee: the rule that leaves it open


class PassCase(Example):
    """What a pass (定期券) costs."""

    kind: Literal["pass"]
    facility: Slug
    on: date
    membership: Slug
    category: Slug
    expect: ExpectedYen


class RefundCase(Example):
    """What comes back of a paid fee, so many days before the use."""

    kind: Literal["refund"]
    facility: Slug
    room: Slug | None = None
    on: date
    days_before: Annotated[int, Field(ge=0)] | None = None
    cancelled_on: date | None = None
    cause: Slug | None = None  # one of the causes of the terms: disaster…
    paid_yen: Annotated[int, Field(ge=0)]
    expect: ExpectedYen

    @model_validator(mode="after")
    def _says_when(self) -> "RefundCase":
        if (self.days_before is None) == (self.cancelled_on is None):
            raise ValueError("days_before か cancelled_on のどちらか1つを書きます")
        return self

    @property
    def today(self) -> date:
        """Return the day of the cancellation."""
        return self.cancelled_on or self.on - timedelta(days=self.days_before or 0)


class ExpectedLottery(Document):
    """The days of a lottery; only what is given is compared. None of it: no lottery for them."""

    eligible: bool = True
    apply_from: date | None = None
    apply_to: date | None = None
    draw: date | None = None
    confirm_from: date | None = None
    confirm_to: date | None = None
    first_come: date | None = None
    bundle: Literal["all_or_nothing", "one_by_one"] | None = None
    separate: Literal["may_win_all", "one_only"] | None = None


class LotteryCase(Example):
    """The lottery for a use: who may enter, and on which days what happens."""

    kind: Literal["lottery"]
    facility: Slug
    room: Slug
    on: date
    applicant: Slug | None = None
    expect: ExpectedLottery


class ExpectedDates(Document):
    """When reception opens and closes, by when the fee is paid; only what is given is compared."""

    opens: LocalMoment | None = None
    closes: LocalMoment | None = None
    due: LocalMoment | None = None
    debit: date | None = None
    online: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> "ExpectedDates":
        if self.online and not (self.opens or self.closes or self.due or self.debit):
            raise ValueError("opens・closes・due・debit のどれかを書きます")
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


Case = Annotated[
    FeeCase | PassCase | RefundCase | LotteryCase | DateCase | DayCase | SlotsCase,
    Field(discriminator="kind"),
]


class CasesFile(Document):
    """cases.yaml."""

    cases: tuple[Case, ...]
