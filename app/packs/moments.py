"""A minute of a local day as people write it in a pack: 2026-12-01 24:00."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, PlainSerializer

from app.kernel.spans import clock_text, instant, minutes


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A minute of a local day; 24:00 is the end of that day."""

    day: date
    minute: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()} {clock_text(self.minute)}"

    def at(self, zone: ZoneInfo) -> datetime:
        """Return the instant that the moment means in a zone."""
        return instant(self.day, self.minute, zone)


def ending(until: datetime, zone: ZoneInfo) -> Moment:
    """Return an instant at which something ends; midnight is 24:00 of the day before."""
    local = until.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return Moment(local.date(), minute) if minute else Moment(local.date() - timedelta(1), 1440)


def beginning(since: datetime, zone: ZoneInfo) -> Moment:
    """Return an instant at which something begins; midnight is 0:00 of the new day."""
    local = since.astimezone(zone)
    return Moment(local.date(), local.hour * 60 + local.minute)


def _read(value: object) -> object:
    if isinstance(value, Moment):
        return value
    day, _, clock = str(value).strip().replace("T", " ").partition(" ")
    try:
        return Moment(date.fromisoformat(day), minutes(clock or "00:00"))
    except ValueError:
        raise ValueError("日時は 2026-12-01 09:00 のように書きます") from None


LocalMoment = Annotated[Moment, BeforeValidator(_read), PlainSerializer(str, return_type=str)]
