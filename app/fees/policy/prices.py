"""Base prices: the tables of an ordinance, each kind under the name the field has for it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.fees.policy.conditions import Citation, Conditional, Yen
from app.tenants.policy import ClockTime, Document, Slug


class TimeBand(Document):
    """Another price for the part of a use that lies in these hours (17時以降)."""

    from_: ClockTime = Field(alias="from")
    to: ClockTime
    yen: Yen

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "TimeBand":
        if self.from_ >= self.to:
            raise ValueError("to は from より後の時刻にします")
        return self


class CapBand(TimeBand):
    """What the hours of a use between two times cost at most (区分の料金を上限とする)."""


class FirstBlock(Document):
    """A price for the first minutes of a use; the units count from there on (最初の2時間)."""

    minutes: Annotated[int, Field(ge=10, le=1440)]
    yen: Yen


class Extension(Document):
    """A price for what is left over whole units, up to so many minutes (1時間の延長)."""

    minutes: Annotated[int, Field(ge=10, le=1440)]
    yen: Yen


class Base(Conditional):
    """What every price has."""

    id: Slug
    rooms: tuple[Slug, ...] = Field(min_length=1)
    citation: Citation


class UnitPrice(Base):
    """So many yen for each unit of time, or part of one: an hour, 30 minutes, two hours."""

    kind: Literal["per_hour", "per_unit"]
    yen: Yen
    minutes: Annotated[int, Field(ge=10, le=1440)] = 60
    bands: tuple[TimeBand, ...] = ()  # other hours, other prices; a use is split at their edges
    first: FirstBlock | None = None
    extension: Extension | None = None
    at_least_minutes: Annotated[int, Field(ge=0)] = 0  # a shorter use costs as much as this long
    cap_yen: Yen | None = None  # of one use
    caps: tuple[CapBand, ...] = ()
    per_item: bool = False  # times the items used: tables, lanes, courts


class PeriodPrice(Base):
    """A price for each named period of a room."""

    kind: Literal["per_period"]
    yen: dict[Slug, Yen] = Field(min_length=1)  # by period id


class TogetherPrice(Base):
    """One price for periods that follow one another (全日, 午前・午後); gaps inside are included.

    It may be below, equal to or above the sum of its parts; it goes before them.
    """

    kind: Literal["periods_together"]
    name: str  # 全日
    periods: tuple[Slug, ...] = Field(min_length=2)
    yen: Yen


class SpanPrice(Base):
    """One price printed for exactly these hours (9時から21時30分まで全日); it beats a formula."""

    kind: Literal["span"]
    name: str
    from_: ClockTime = Field(alias="from")
    to: ClockTime
    yen: Yen


class UsePrice(Base):
    """One price for a use, however long (1回, 1日)."""

    kind: Literal["per_use"]
    yen: Yen
    per_item: bool = False


class PersonPrice(Base):
    """A price for each person by age or kind (大人・高校生・小中学生)."""

    kind: Literal["per_person"]
    yen: dict[Slug, Yen] = Field(min_length=1)  # by category
    names: dict[Slug, str] = {}  # what people read for a category
    per: Literal["hour", "use", "period"] = "hour"


class ShareOfPrice(Base):
    """A share of what another room costs (舞台のみは50%, 半面は半額)."""

    kind: Literal["share_of"]
    of: Slug  # room
    percent: Annotated[int, Field(ge=0, le=1000)]


Price = Annotated[
    UnitPrice | PeriodPrice | TogetherPrice | SpanPrice | UsePrice | PersonPrice | ShareOfPrice,
    Field(discriminator="kind"),
]


class GapPrice(Conditional):
    """What the time between two periods of one use costs (正午から13時まで)."""

    id: Slug
    name: str = "続けて使う間の時間"
    after: tuple[Slug, ...] = ()  # periods that the gap follows; empty: any
    yen: Yen | None = None
    percent: Annotated[int, Field(ge=0, le=1000)] | None = None
    of: Literal["previous", "next", "whole"] = "next"  # period whose price the percent is of
    citation: Citation

    @model_validator(mode="after")
    def _costs_something(self) -> "GapPrice":
        if (self.yen is None) == (self.percent is None):
            raise ValueError("yen か percent のどちらか1つを書きます")
        return self


class Membership(Document):
    """A pass for some months (定期券・会員券), by category of person."""

    id: Slug
    name: str
    months: Annotated[int, Field(ge=1, le=36)]
    yen: dict[Slug, Yen] = Field(min_length=1)
    citation: Citation
