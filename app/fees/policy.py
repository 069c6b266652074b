"""A tariff: the prices of an ordinance's table from one effective date on."""

from typing import Annotated, Literal

from pydantic import Field

from app.tenants.policy import Document, Slug

Yen = Annotated[int, Field(ge=0, le=100_000_000, description="whole yen, tax included")]
DayKind = Literal["any", "weekday", "weekend_or_holiday"]


class Citation(Document):
    """Where a price is written: the ordinance, its table or article, and since when."""

    source: str  # 条例・規則・告示 or the published page
    place: str = ""  # 別表第1, 第5条…


class HourlyPrice(Document):
    """So many yen for each hour, or part of an hour, of a room."""

    kind: Literal["per_hour"]
    id: Slug
    rooms: tuple[Slug, ...] = Field(min_length=1)
    yen: Yen
    days: DayKind = "any"
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    citation: Citation


class PeriodPrice(Document):
    """A price for each named period of a room."""

    kind: Literal["per_period"]
    id: Slug
    rooms: tuple[Slug, ...] = Field(min_length=1)
    yen: dict[Slug, Yen] = Field(min_length=1)  # by period id
    days: DayKind = "any"
    classes: tuple[Slug, ...] = ()
    citation: Citation


class TogetherPrice(Document):
    """One price for periods that follow one another (全日, 午前・午後); gaps inside are included.

    It may be below, equal to or above the sum of its parts; it goes before them.
    """

    kind: Literal["periods_together"]
    id: Slug
    name: str  # 全日
    rooms: tuple[Slug, ...] = Field(min_length=1)
    periods: tuple[Slug, ...] = Field(min_length=2)
    yen: Yen
    days: DayKind = "any"
    classes: tuple[Slug, ...] = ()
    citation: Citation


Price = Annotated[HourlyPrice | PeriodPrice | TogetherPrice, Field(discriminator="kind")]


class OpenQuestion(Document):
    """A case that the published rule does not decide; the municipality has to."""

    id: Slug
    rooms: tuple[Slug, ...] = ()  # empty: all rooms
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    when: Literal["always", "admission_from", "for_profit"]
    admission_yen: Yen = 0
    because: str  # the sentence that staff and residents read


class Tariff(Document):
    """All prices of a facility; what no price covers is undetermined, never free."""

    prices: tuple[Price, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()
    is_demonstration: bool = False  # figures made up to try the service with
