"""What is put on top of the base price: surcharges, equipment, heating, lighting, overtime."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.fees.policy.conditions import ROOM_FEE, Citation, Conditional, Part, Yen
from app.tenants.policy import Slug

Stacking = Literal["add", "multiply", "highest"]


class Surcharge(Conditional):
    """An addition under a condition (加算・割増); a percent below zero is a reduction of price.

    `percent` 50 adds half. How several of them go together is the tariff's `stacking`.
    """

    id: Slug
    name: str
    percent: Annotated[int, Field(ge=-100, le=1000)] | None = None
    yen: Yen | None = None
    on: tuple[Part, ...] = ROOM_FEE  # which parts of the fee it is taken of
    stacks: Stacking | None = None  # otherwise than the tariff says
    instead_of: tuple[Slug, ...] = ()  # a printed combination: these do not count beside it
    citation: Citation

    @model_validator(mode="after")
    def _adds_something(self) -> "Surcharge":
        if (self.percent is None) == (self.yen is None):
            raise ValueError("percent か yen のどちらか1つを書きます")
        return self


class Extra(Conditional):
    """Something used beside the room: equipment, heating or cooling, lights (附属設備・冷暖房).

    The price is `yen`, or `yen_by_room`, or `yen_by_period`, or a `percent` of the room's fee.
    """

    id: Slug
    name: str
    part: Part = "equipment"
    unit: Literal["use", "hour", "period", "day", "person"] = "use"
    minutes_of_a_use: Annotated[int, Field(ge=30)] | None = None  # 1回は4時間まで
    yen: Yen | None = None
    yen_by_room: dict[Slug, Yen] = {}
    yen_by_period: dict[Slug, Yen] = {}
    percent: Annotated[int, Field(ge=0, le=1000)] | None = None
    is_automatic: bool = False  # charged wherever its conditions hold, without being asked for
    stock: Annotated[int, Field(ge=1)] | None = None
    citation: Citation

    @model_validator(mode="after")
    def _has_one_price(self) -> "Extra":
        given = [
            self.yen is not None,
            bool(self.yen_by_room),
            bool(self.yen_by_period),
            self.percent is not None,
        ]
        if sum(given) != 1:
            raise ValueError("yen・yen_by_room・yen_by_period・percent のどれか1つで料金を書きます")
        return self


class Overtime(Conditional):
    """Longer than booked (超過): for each unit of time a percent of the fee before, or yen."""

    id: Slug
    name: str = "時間の延長"
    minutes: Annotated[int, Field(ge=10, le=240)] = 60
    count: Literal["up", "down", "half_up"] = "up"  # 30分以上は1時間, 30分未満は切り捨て
    at_most: Annotated[int, Field(ge=1)] | None = None  # units
    percent: Annotated[int, Field(ge=0, le=1000)] | None = None
    of: Literal["last_period", "hourly"] = "last_period"
    with_surcharges: bool = True  # of the fee after the surcharges
    yen: Yen | None = None
    citation: Citation

    @model_validator(mode="after")
    def _costs_something(self) -> "Overtime":
        if (self.yen is None) == (self.percent is None):
            raise ValueError("yen か percent のどちらか1つを書きます")
        return self
