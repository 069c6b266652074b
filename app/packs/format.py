"""What a pack may contain: the models of its YAML files (docs/packs.md explains them)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from app.booking.policy import Terms
from app.facilities.policy import FacilityCalendar
from app.fees.policy import Tariff
from app.packs.examples import CasesFile
from app.packs.moments import LocalMoment
from app.tenants.policy import Document, MunicipalityPolicy, Slug

Text = Annotated[str, Field(min_length=1)]
Subject = Literal["calendar", "terms", "fees"]
SUBJECTS: tuple[Subject, ...] = ("calendar", "terms", "fees")


class MunicipalityEntry(Document):
    """The municipality itself."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # code: 132284 without quotes

    slug: Slug
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    name: Text
    kana: Text


class PolicyEdition(MunicipalityPolicy):
    """The municipality's policy with the day it holds from."""

    effective_from: date


class MunicipalityFile(Document):
    """municipality.yaml."""

    municipality: MunicipalityEntry
    order: tuple[Slug, ...] = ()  # facilities as pages list them; others follow by slug
    policy: tuple[PolicyEdition, ...] = Field(min_length=1)


class FacilityEntry(Document):
    """A facility as its page shows it."""

    slug: Slug
    name: Text
    kana: Text
    kind: Text
    address: str = ""
    phone: Text
    access: str = ""
    description: str = ""
    demonstration: bool = False  # figures made up to try the service with
    sources: tuple[str, ...] = ()  # where the facts were read; kept in the pack only


class RoomEntry(Document):
    """What people book."""

    slug: Slug
    name: Text
    kana: str = ""
    capacity: Annotated[int, Field(ge=1)] | None = None
    min_people: Annotated[int, Field(ge=1)] = 1
    purposes: tuple[Slug, ...] = ()  # empty: any purpose
    description: str = ""
    buffer_minutes: Annotated[int, Field(ge=0, le=720)] = 0
    spaces: tuple[Slug, ...] = ()  # empty: one of its own, with the room's slug

    @property
    def floor(self) -> tuple[str, ...]:
        """Return the slugs of the pieces of floor that the room takes, sorted."""
        return tuple(sorted(set(self.spaces))) or (self.slug,)


class ClosureEntry(Document):
    """Rooms kept from booking once: closed, public use (公用), maintenance."""

    kind: Literal["closure", "public_use", "event", "maintenance"]
    name: Text
    rooms: tuple[Slug, ...] = ()  # empty: the whole facility
    from_: LocalMoment = Field(alias="from")
    to: LocalMoment

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "ClosureEntry":
        if self.to <= self.from_:
            raise ValueError("to は from より後の日時にします")
        return self


class CalendarEdition(FacilityCalendar):
    """A facility's calendar with the day it holds from."""

    effective_from: date


class TermsEdition(Terms):
    """A facility's terms with the day they hold from."""

    effective_from: date


class TariffEdition(Tariff):
    """A facility's tariff with the day it holds from."""

    effective_from: date


class FacilityFile(Document):
    """facilities/<slug>.yaml."""

    facility: FacilityEntry
    spaces: tuple[Slug, ...] = ()  # floor that no room of its own name stands for
    rooms: tuple[RoomEntry, ...] = Field(min_length=1)
    calendar: tuple[CalendarEdition, ...] = Field(min_length=1)
    terms: tuple[TermsEdition, ...] = Field(min_length=1)
    fees: tuple[TariffEdition, ...] = Field(min_length=1)
    closures: tuple[ClosureEntry, ...] = ()

    def editions(self, subject: Subject) -> tuple["Edition", ...]:
        """Return the editions of a subject, the oldest first."""
        found: dict[Subject, tuple[Edition, ...]] = {
            "calendar": self.calendar,
            "terms": self.terms,
            "fees": self.fees,
        }
        return found[subject]


Edition = PolicyEdition | CalendarEdition | TermsEdition | TariffEdition


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole pack, read and typed."""

    municipality: MunicipalityFile
    facilities: tuple[FacilityFile, ...]  # in the order of pages
    cases: CasesFile


def document_of(edition: Edition) -> dict[str, object]:
    """Return the rule document of an edition as it is kept: all defaults written out."""
    return edition.model_dump(mode="json", by_alias=True, exclude={"effective_from"})


def in_order(order: tuple[str, ...], facilities: list[FacilityFile]) -> tuple[FacilityFile, ...]:
    """Return facilities as pages list them: the named ones first, the others by slug."""
    place = {slug: number for number, slug in enumerate(order)}
    return tuple(
        sorted(
            facilities,
            key=lambda one: (place.get(one.facility.slug, len(place)), one.facility.slug),
        )
    )
