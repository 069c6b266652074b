"""What a municipality sets for all its facilities; a versioned document, typed."""

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
)

from app.kernel.spans import MINUTES_OF_A_DAY, clock_text, minutes


class Document(BaseModel):
    """The base of every rule document: unknown fields are errors, values can't change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


# Validation context of documents that people wrote; there 9 is not nine minutes past midnight.
WRITTEN_BY_HAND = {"written_by_hand": True}


def _clock(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        try:
            return minutes(value)
        except ValueError:
            raise ValueError("時刻は 9:00 や 24:00 のように書きます") from None
    if info.context and info.context.get("written_by_hand"):
        raise ValueError("時刻は 9:00 や 24:00 のように書きます")
    return value


ClockTime = Annotated[
    int,
    BeforeValidator(_clock),
    PlainSerializer(clock_text, return_type=str),  # documents are kept as people write them
    Field(ge=0, le=MINUTES_OF_A_DAY, description="HH:MM, 24:00 too"),
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAY_ORDER: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class ApplicantClass(Document):
    """A class of applicants (利用者区分) that rules may tell apart."""

    id: Slug
    name: str
    self_declared: bool = True  # a resident may say so; otherwise staff decide
    is_default: bool = False  # what somebody who is not signed in is taken for


class Purpose(Document):
    """What a room is used for (利用目的), in the words residents search by."""

    id: Slug
    name: str


class PartOfDay(Document):
    """A column of the overview (午前・午後・夜間); a slot belongs where it starts."""

    id: Slug
    name: str
    from_: ClockTime = Field(alias="from")
    to: ClockTime


class Help(Document):
    """Whom to call."""

    name: str
    phone: str
    hours: str


DEFAULT_PARTS = (
    PartOfDay(id="morning", name="午前", from_=0, to=12 * 60),
    PartOfDay(id="afternoon", name="午後", from_=12 * 60, to=17 * 60),
    PartOfDay(id="evening", name="夜間", from_=17 * 60, to=MINUTES_OF_A_DAY),
)


class LocalHolidays(Document):
    """Days that a municipality counts as holidays beyond the national ones, or does not."""

    add: tuple[date, ...] = ()
    remove: tuple[date, ...] = ()


class Quota(Document):
    """At most so many uses of a kind in a stretch of time (枠上限)."""

    id: Slug
    name: str  # what residents read: 1か月に4回まで
    limit: Annotated[int, Field(ge=1)]
    counts: Literal["lines", "slots", "days"] = "lines"
    per: Literal["day", "week", "month", "fiscal_year", "outstanding"] = "month"
    rooms: tuple[Slug, ...] = ()  # empty: all
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    days: Literal["any", "weekday", "weekend_or_holiday"] = "any"
    not_within_days: Annotated[int, Field(ge=0)] | None = None  # 当日利用: near uses are free of it


class Payee(Document):
    """Who gets the fees of some halls: an account of the city, or a designated manager.

    Receipts, their numbers and the 登録番号 are the payee's (消費税法57条の4).
    """

    id: Slug
    name: str  # 一般会計、指定管理者…
    issuer: str  # as it stands on receipts
    # 使用料 is the city's revenue (地方自治法225条), 利用料金 the manager's (244条の2第8項).
    legal_basis: Literal["usage_fee", "manager_income"] | None = None
    invoice_number: Annotated[str, Field(pattern=r"^T[0-9]{13}$")] | None = None
    tax_percent: Annotated[int, Field(ge=0, le=100)] = 10


class MunicipalityPolicy(Document):
    """Everything the municipality sets for all its facilities, from one effective date on."""

    help: Help
    applicant_classes: tuple[ApplicantClass, ...] = Field(min_length=1)
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    parts_of_day: tuple[PartOfDay, ...] = DEFAULT_PARTS
    holidays: LocalHolidays = LocalHolidays()
    quotas: tuple[Quota, ...] = ()  # over all facilities together
    payees: tuple[Payee, ...] = ()  # none: the municipality itself gets every fee

    def payee_named(self, payee_id: str) -> Payee | None:
        """Return the payee with this id."""
        return next((one for one in self.payees if one.id == payee_id), None)

    def default_class(self) -> ApplicantClass:
        """Return the class of somebody of whom nothing is known."""
        marked = [one for one in self.applicant_classes if one.is_default]
        return (marked or list(self.applicant_classes))[0]

    def class_named(self, class_id: str) -> ApplicantClass | None:
        """Return the class with this id."""
        return next((one for one in self.applicant_classes if one.id == class_id), None)
