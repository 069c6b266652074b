"""Terms of use of a facility from one effective date on: who may book when, pay and cancel how."""

from typing import Annotated, Literal

from pydantic import Field

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
    """Cancelled at least so many days before: so much comes back."""

    days_before: Count
    percent: Annotated[int, Field(ge=0, le=100)]


class Cancellation(Document):
    """Until when a resident cancels by themselves, and what comes back (還付)."""

    until: Closes  # after it: through the hall
    refunds: tuple[RefundTier, ...] = ()
    citation: str = ""

    def percent(self, days_before: int) -> int:
        """Return how much of a paid fee comes back, so many days before the use."""
        fitting = [tier for tier in self.refunds if tier.days_before <= days_before]
        return max(fitting, key=lambda tier: tier.days_before).percent if fitting else 0


class Payment(Document):
    """By when a fee is paid; whichever of the two comes first (仮予約の期限)."""

    days_after_request: Count | None = None
    days_before_use: Count | None = None
    where: str  # 市役所の窓口、会館の受付…


class Question(Document):
    """Something a facility asks beyond purpose, people and name."""

    id: Slug
    label: str
    help: str = ""
    kind: Literal["text", "yes_no", "choice"] = "text"
    choices: tuple[str, ...] = ()
    required: bool = False


class Terms(Document):
    """All terms of a facility."""

    reception: tuple[Reception, ...] = Field(min_length=1)
    quotas: tuple[Quota, ...] = ()
    payment: Payment
    cancellation: Cancellation
    asks_admission: bool = False  # does the fee depend on an admission charge?
    asks_for_profit: bool = False
    questions: tuple[Question, ...] = ()
    notes: str = ""  # printed on the confirmation: 鍵は管理人から…
    citation: str = ""
