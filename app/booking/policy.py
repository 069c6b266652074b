"""Terms of use of a facility from one effective date on: who may book when, pay and cancel how."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.kernel.spans import MINUTES_OF_A_DAY
from app.tenants.policy import ClockTime, Document, Quota, Slug

Count = Annotated[int, Field(ge=0, le=400)]


class Before(Document):
    """So many months and days before the day of use."""

    kind: Literal["before"]
    months: Count = 0
    days: Count = 0
    at: ClockTime | None = None  # opening: 0:00 when silent; closing: the end of that day
    if_closed: Literal["keep", "next_open_day", "previous_open_day"] = "keep"
    closed_means: Literal["facility", "office"] = "facility"


class MonthDay(Document):
    """A fixed day of the month that lies so many months before the month of use."""

    kind: Literal["month_day"]
    months: Count
    day: Annotated[int, Field(ge=1, le=31)]
    at: ClockTime | None = None
    if_closed: Literal["keep", "next_open_day", "previous_open_day"] = "keep"
    closed_means: Literal["facility", "office"] = "facility"


class MinutesBefore(Document):
    """So many minutes before the use begins."""

    kind: Literal["minutes_before"]
    minutes: Annotated[int, Field(ge=0, le=7 * MINUTES_OF_A_DAY)]


Opens = Annotated[Before | MonthDay, Field(discriminator="kind")]
Closes = Annotated[Before | MonthDay | MinutesBefore, Field(discriminator="kind")]


class Reception(Document):
    """When a room can be applied for online, by applicant class (予約受付期間)."""

    rooms: tuple[Slug, ...] = ()  # empty: all rooms
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    together_with: tuple[Slug, ...] = ()  # holds only in a request with one of these, same day
    opens: Opens
    closes: Closes
    afterwards: str = ""  # what to do after it closed: 窓口へお電話ください


class RefundTier(Document):
    """Cancelled at least so many days or months before: so much comes back.

    No percent is what the published rule leaves open; then staff decide and say so.
    """

    days_before: Count | None = None
    months_before: Count | None = None  # the same day so many months before
    percent: Annotated[int, Field(ge=0, le=100)] | None
    rooms: tuple[Slug, ...] = ()  # empty: every room

    @model_validator(mode="after")
    def _has_one_distance(self) -> "RefundTier":
        if (self.days_before is None) == (self.months_before is None):
            raise ValueError("days_before か months_before のどちらか1つを書きます")
        return self


class RefundCause(Document):
    """What comes back when it was not the applicant's doing (災害・施設の都合・天候)."""

    id: Slug
    name: str
    percent: Annotated[int, Field(ge=0, le=100)]
    citation: str


class Cancellation(Document):
    """Until when a resident cancels by themselves, and what comes back (還付)."""

    until: Closes  # after it: through the hall
    refunds: tuple[RefundTier, ...] = ()
    if_closed: Literal["keep", "next_open_day"] = "keep"  # the last day of a tier is a closed day
    causes: tuple[RefundCause, ...] = ()
    is_debited_later: bool = False  # nothing was paid yet: what does not come back is charged
    # What does not come back stays a fee for use, or is charged as one for cancelling (取消料).
    kept_as: Literal["fee", "cancellation_fee"] = "fee"
    citation: str = ""


class Changes(Document):
    """Until when and how often a resident changes a booking by themselves (変更)."""

    until: Closes | None = None  # silent: as long as they may cancel
    most: Annotated[int, Field(ge=0, le=99)] | None = None  # times a booking; 0: only the hall
    gives_back: bool = True  # of what was paid and is too much: as much as when it is cancelled
    citation: str = ""


class LotteryCalendar(Document):
    """The days of a lottery for uses in one month, all counted before that month (抽選の日程)."""

    id: Slug
    rooms: tuple[Slug, ...] = ()  # empty: all rooms
    classes: tuple[Slug, ...] = ()  # who may take part; empty: every applicant class
    months: Count  # months before the month of use
    apply_from: Annotated[int, Field(ge=1, le=31)]
    apply_to: Annotated[int, Field(ge=1, le=31)]
    draw: Annotated[int, Field(ge=1, le=31)]
    confirm_from: Annotated[int, Field(ge=1, le=31)] | None = None
    confirm_to: Annotated[int, Field(ge=1, le=31)] | None = None  # not confirmed: lost
    first_come: MonthDay | None = None  # what is left can be booked from then on
    bundle: Literal["all_or_nothing", "one_by_one"] = "all_or_nothing"  # of one application
    separate: Literal["may_win_all", "one_only"] = "may_win_all"  # several applications
    citation: str = ""


class Debit(Document):
    """Taken from a bank account on a day of a month after the use (口座振替)."""

    months_after: Annotated[int, Field(ge=0, le=12)] = 1
    day: Annotated[int, Field(ge=1, le=31)]


class Payment(Document):
    """By when a fee is paid; whichever of the two comes first (仮予約の期限)."""

    days_after_request: Count | None = None
    days_before_use: Count | None = None
    debit: Debit | None = None
    where: str  # 市役所の窓口、会館の受付…
    # What becomes of a last day on which nobody takes the money: the hall or the town hall is shut.
    if_closed: Literal["keep", "next_open_day"] = "keep"
    closed_means: Literal["facility", "office"] = "facility"
    remind_days: Count = 2  # so many days before the deadline a letter reminds; 0: none
    payee: Slug = "city"  # who gets the fee, of the municipality's payees; it issues the receipt


class Question(Document):
    """Something a facility asks beyond purpose, people and name."""

    id: Slug
    label: str
    help: str = ""
    kind: Literal["text", "yes_no", "choice"] = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


class Review(Document):
    """Uses that staff permit before they are certain (使用許可の審査); all others are at once."""

    rooms: tuple[Slug, ...] = ()  # empty: every room
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    purposes: tuple[Slug, ...] = ()  # empty: every purpose
    days: Count  # answered within so many days of the application (標準処理期間)
    citation: str = ""


class Ground(Document):
    """A ground on which a use is refused (使用の制限), in the words of the ordinance."""

    id: Slug
    name: str
    citation: str = ""


class Terms(Document):
    """All terms of a facility."""

    reception: tuple[Reception, ...] = Field(min_length=1)
    quotas: tuple[Quota, ...] = ()
    payment: Payment
    cancellation: Cancellation
    changes: Changes = Changes()
    reviews: tuple[Review, ...] = ()
    grounds: tuple[Ground, ...] = ()
    lotteries: tuple[LotteryCalendar, ...] = ()
    asks_admission: bool = False  # does the fee depend on an admission charge?
    asks_for_profit: bool = False
    questions: tuple[Question, ...] = ()
    notes: str = ""  # printed on the confirmation: 鍵は管理人から…
    citation: str = ""
