"""When a facility is open and how its rooms divide a day, as versioned documents."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.tenants.policy import ClockTime, Document, MonthDay, Slug, Weekday

Rooms = Annotated[tuple[Slug, ...], Field(description="slugs of rooms; empty means all rooms")]


class Hours(Document):
    """Opening hours; of several that match a day the last one in the list holds."""

    from_: ClockTime = Field(alias="from")
    to: ClockTime
    weekdays: tuple[Weekday, ...] = ()
    holidays_too: bool = True  # False: a holiday is not this weekday
    season_from: MonthDay | None = None
    season_to: MonthDay | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Hours":
        if self.from_ >= self.to:
            raise ValueError("to は from より後の時刻にします")
        if (self.season_from is None) != (self.season_to is None):
            raise ValueError("season_from と season_to は両方書くか、両方省きます")
        return self


class HolidayMove(Document):
    """What happens when a regular closing day is a holiday (振替)."""

    then: Literal["closed", "open"] = "closed"
    instead: Literal["none", "next_day", "next_non_holiday", "next_weekday"] = "none"


class WeeklyClosing(Document):
    """Closed every week on these days."""

    kind: Literal["weekly"]
    weekdays: tuple[Weekday, ...] = Field(min_length=1)
    on_holiday: HolidayMove = HolidayMove()
    name: str = "定休日"


class NthWeekdayClosing(Document):
    """Closed on the n-th of a weekday in each month; -1 is the last one."""

    kind: Literal["nth_weekday"]
    nth: tuple[Literal[1, 2, 3, 4, 5, -1, -2, -3, -4, -5], ...] = Field(min_length=1)
    weekday: Weekday
    on_holiday: HolidayMove = HolidayMove()
    name: str = "定休日"


class HolidayClosing(Document):
    """Closed on every holiday."""

    kind: Literal["holidays"]
    name: str = "祝日"


class YearlyClosing(Document):
    """Closed in the same days of every year, over New Year too (年末年始)."""

    kind: Literal["yearly"]
    from_: MonthDay = Field(alias="from")
    to: MonthDay
    name: str = "年末年始"


class DatesClosing(Document):
    """Closed on these days only (臨時休館)."""

    kind: Literal["dates"]
    dates: tuple[date, ...] = Field(min_length=1)
    name: str = "臨時休館"


Closing = Annotated[
    WeeklyClosing | NthWeekdayClosing | HolidayClosing | YearlyClosing | DatesClosing,
    Field(discriminator="kind"),
]


class Period(Document):
    """A named part of the day that is booked as a whole (時間区分)."""

    id: Slug
    name: str
    from_: ClockTime = Field(alias="from")
    to: ClockTime


class Gap(Document):
    """The time between two periods booked one after the other (連続利用の間の時間)."""

    use: Literal["not_included", "included"] = "not_included"
    # Price of each included gap; 0 is free, null is what no published rule decides.
    yen: Annotated[int, Field(ge=0)] | None = 0


class PeriodDivision(Document):
    """The day in named periods."""

    kind: Literal["periods"]
    rooms: Rooms = ()
    periods: tuple[Period, ...] = Field(min_length=1)
    gap: Gap = Gap()

    @model_validator(mode="after")
    def _in_order(self) -> "PeriodDivision":
        for one, following in zip(self.periods, self.periods[1:], strict=False):
            if one.to > following.from_:
                raise ValueError(f"periods の {one.id} と {following.id} の時間が重なっています")
        if any(one.from_ >= one.to for one in self.periods):
            raise ValueError("periods の to は from より後の時刻にします")
        return self


class UnitDivision(Document):
    """The day in equal units from opening to closing: hours, half hours."""

    kind: Literal["unit"]
    rooms: Rooms = ()
    minutes: Annotated[int, Field(ge=10, le=720)]
    at_least: Annotated[int, Field(ge=1)] = 1  # units of one use
    at_most: int | None = None


Division = Annotated[PeriodDivision | UnitDivision, Field(discriminator="kind")]


class FacilityCalendar(Document):
    """Hours, closing days and divisions of a facility from one effective date on."""

    citation: str | None = None
    hours: tuple[Hours, ...] = Field(min_length=1)
    closings: tuple[Closing, ...] = ()
    open_on: tuple[date, ...] = ()  # 休館除外日: open although a rule closes it
    divisions: tuple[Division, ...] = Field(min_length=1)
    office_closings: tuple[Closing, ...] = ()  # 閉庁日: who decides and takes cash is away
    web_on_office_closed_days: Literal["open", "view_only"] = "open"
    web_on_closing_days: Literal["open", "view_only"] = "open"

    def division(self, room: str) -> PeriodDivision | UnitDivision:
        """Return how `room` divides its day: what names it, else what names no room."""
        named = [one for one in self.divisions if room in one.rooms]
        general = [one for one in self.divisions if not one.rooms]
        if not named and not general:
            raise LookupError(f"no division for room {room}")
        return (named or general)[0]
