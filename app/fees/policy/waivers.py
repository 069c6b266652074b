"""What is taken off, and how the sum is rounded (減免・端数)."""

from typing import Annotated, Literal

from pydantic import Field

from app.fees.policy.conditions import ROOM_FEE, Citation, Conditional, Part
from app.tenants.policy import Document, Slug


class Waiver(Conditional):
    """A full or partial waiver (免除・減額): 100 percent waives the fee."""

    id: Slug
    name: str
    percent: Annotated[int, Field(ge=0, le=100)]
    on: tuple[Part, ...] = ROOM_FEE
    order: Literal["before_surcharges", "after_surcharges"] = "after_surcharges"
    is_automatic: bool = False  # by class or attribute alone; otherwise it is asked for
    per_month: Annotated[int, Field(ge=1)] | None = None  # uses a month that may have it
    needs_document: bool = False
    citation: Citation


class Rounding(Document):
    """What happens to the odd yen, and at which place of the reckoning."""

    # each unit of time, after surcharges, after a waiver that was given, after waivers, at the end
    at: Literal["unit", "surcharged", "waiver", "waived", "total"] = "total"
    on: tuple[Part, ...] = ()  # parts that are summed and rounded as one; empty: all
    to: Annotated[int, Field(ge=1, le=1000)] = 10
    how: Literal["down", "up", "nearest"] = "down"
    citation: Citation | None = None


class Tax(Document):
    """The tax class of a fee; prices include the tax (消費税法, 総額表示)."""

    kind: Literal["taxable", "exempt", "out_of_scope"] = "taxable"
    percent: Annotated[int, Field(ge=0, le=100)] = 10


WaiverId = Slug
