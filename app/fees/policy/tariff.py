"""A tariff: everything an ordinance says of a facility's fees from one effective date on."""

from datetime import date
from typing import Any, Literal

from pydantic import Field, model_validator

from app.fees.policy.charges import Extra, Overtime, Stacking, Surcharge
from app.fees.policy.conditions import DayKind, Yen
from app.fees.policy.prices import GapPrice, Membership, Price
from app.fees.policy.waivers import Rounding, Tax, Waiver
from app.tenants.policy import Document, Slug


class OpenQuestion(Document):
    """A case that the published rule does not decide; the municipality has to."""

    id: Slug
    rooms: tuple[Slug, ...] = ()  # empty: all rooms
    classes: tuple[Slug, ...] = ()  # empty: every applicant class
    when: Literal["always", "admission_from", "for_profit", "overtime", "said", "not_said"]
    admission_yen: Yen = 0
    attribute: Slug | None = None  # of said and not_said
    because: str  # the sentence that staff and residents read


class ReadingOption(Document):
    """One way to read what is unclear: what the tariff would say then."""

    name: str  # what staff read: それぞれ元の料金に足す
    set: dict[str, Any] = {}  # fields of the tariff
    change: dict[Slug, dict[str, Any]] = {}  # fields of rules, by the rule's id

    @model_validator(mode="after")
    def _names_fields(self) -> "ReadingOption":
        if "unclear" in self.set:
            raise ValueError("set に unclear は書けません")
        return self


class Settlement(Document):
    """Who decided which reading holds, when and why."""

    reading: str
    by: str
    on: date
    note: str = ""


class Unclear(Document):
    """A rule that can be read in several ways.

    As long as nobody settled it, a fee on which the readings differ is undetermined.
    """

    id: Slug
    because: str
    readings: tuple[ReadingOption, ...] = Field(min_length=2)
    settled: Settlement | None = None

    @model_validator(mode="after")
    def _settled_by_one_of_them(self) -> "Unclear":
        names = [one.name for one in self.readings]
        if len(set(names)) < len(names):
            raise ValueError("readings の name は別々にします")
        if self.settled and self.settled.reading not in names:
            raise ValueError(
                f"settled.reading は readings の name のどれかです: {', '.join(names)}"
            )
        return self


class Tariff(Document):
    """All fees of a facility; what no price covers is undetermined, never free."""

    applies_by: Literal["use", "request", "permit"] = "use"  # which day picks this edition
    day_kinds: tuple[DayKind, ...] = ()
    prices: tuple[Price, ...] = ()
    gaps: tuple[GapPrice, ...] = ()
    stacking: Stacking = "add"
    surcharges: tuple[Surcharge, ...] = ()
    extras: tuple[Extra, ...] = ()
    overtime: tuple[Overtime, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    waivers_together: Literal["highest", "in_order"] = "highest"
    rounding: tuple[Rounding, ...] = ()
    memberships: tuple[Membership, ...] = ()
    tax: Tax = Tax()
    open_questions: tuple[OpenQuestion, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    is_demonstration: bool = False  # figures made up to try the service with
