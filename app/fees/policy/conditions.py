"""When a rule of a tariff holds: everything that it names must be so."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.tenants.policy import Document, MonthDay, Slug, Weekday

Yen = Annotated[int, Field(ge=0, le=100_000_000, description="whole yen, tax included")]
Part = Literal["base", "equipment", "heating", "lighting", "overtime"]
PARTS: tuple[Part, ...] = ("base", "equipment", "heating", "lighting", "overtime")
ROOM_FEE: tuple[Part, ...] = ("base",)
# Two kinds of day are everywhere; a tariff may tell apart others.
DayKindId = Annotated[str, Field(pattern=r"^(weekend_or_holiday|[a-z0-9]+(-[a-z0-9]+)*)$")]
FOR_PROFIT = "for-profit"  # the attribute that a booking for profit (営利) has


class Citation(Document):
    """Where a price is written: the ordinance, its table or article, and since when."""

    source: str  # 条例・規則・告示 or the published page
    place: str = ""  # 別表第1, 第5条…
    text: str = ""  # the article in its own words, shown beside the rule to whoever checks it


class Admission(Document):
    """A band of the highest admission charge per head; each edge is open or closed as written.

    `from`/`under` are 以上/未満, `over`/`to` are を超え/以下.
    """

    from_: Yen | None = Field(default=None, alias="from")
    over: Yen | None = None
    to: Yen | None = None
    under: Yen | None = None

    @model_validator(mode="after")
    def _has_one_edge_each(self) -> "Admission":
        if (self.from_ is None) == (self.over is None):
            raise ValueError("下の端は from（以上）か over（を超え）のどちらか1つを書きます")
        if self.to is not None and self.under is not None:
            raise ValueError("上の端は to（以下）か under（未満）のどちらか1つを書きます")
        return self

    def holds(self, yen: int) -> bool:
        """Say whether a charge of so many yen lies in the band."""
        above = yen >= self.from_ if self.from_ is not None else yen > (self.over or 0)
        below = self.to is None or yen <= self.to
        return above and below and (self.under is None or yen < self.under)


class Season(Document):
    """The same days of every year, over New Year too (7月1日から9月30日)."""

    from_: MonthDay = Field(alias="from")
    to: MonthDay


class DayKind(Document):
    """Days that a tariff tells apart in its own way (この施設でいう平日)."""

    id: Slug
    name: str
    weekdays: tuple[Weekday, ...] = ()
    holidays: Literal["belong", "never", "by_weekday"] = "by_weekday"


class Conditional(Document):
    """What every rule may ask of a use; what it does not name does not matter."""

    rooms: tuple[Slug, ...] = ()  # empty: every room
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    days: DayKindId = "any"  # any, weekday, weekend_or_holiday, or a day kind of the tariff
    purposes: tuple[Slug, ...] = ()
    attributes: tuple[Slug, ...] = ()  # all of these were said of the booking (for-profit…)
    without: tuple[Slug, ...] = ()  # none of these was said
    admission: Admission | None = None
    seasons: tuple[Season, ...] = ()  # within one of them; empty: all the year
    periods_at_least: Annotated[int, Field(ge=1)] | None = None  # named periods in a row
    periods_at_most: Annotated[int, Field(ge=1)] | None = None
    people_at_least: Annotated[int, Field(ge=1)] | None = None
