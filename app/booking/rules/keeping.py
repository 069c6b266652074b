"""Which stretches of time somebody keeps from booking, and what of them is still free. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.refusals import Refusal
from app.kernel.spans import MINUTES_OF_A_DAY, Span, instant

MOST_DAYS = 400  # a little more than a fiscal year
EVERY_DAY = tuple(range(7))


@dataclass(frozen=True, slots=True)
class Keep:
    """Rooms kept on the days from `first` to `last` that fall on these weekdays (0: Monday).

    Of each day [from_minute, to_minute), local; 0 to 1440 is the whole day.
    """

    room_ids: tuple[int, ...]
    first: date
    last: date
    from_minute: int = 0
    to_minute: int = MINUTES_OF_A_DAY
    weekdays: tuple[int, ...] = EVERY_DAY

    def days(self) -> list[date]:
        """Return the days on which something is kept."""
        count = (self.last - self.first).days + 1
        every = (self.first + timedelta(days=n) for n in range(count))
        return [on for on in every if on.weekday() in self.weekdays]

    def stretches(self, zone: ZoneInfo, *, now: datetime) -> list[Span]:
        """Return what is kept of each day, as far as it is still to come."""
        minute = now.replace(second=0, microsecond=0)
        found = []
        for on in self.days():
            starts_at = max(instant(on, self.from_minute, zone), minute)
            ends_at = instant(on, self.to_minute, zone)
            if starts_at < ends_at:
                found.append(Span(starts_at, ends_at))
        return found

    def document(self) -> dict[str, Any]:
        """Return it as it is stored with the closure."""
        return {
            "rooms": list(self.room_ids),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "from_minute": self.from_minute,
            "to_minute": self.to_minute,
            "weekdays": list(self.weekdays),
        }


def read(document: Mapping[str, Any]) -> Keep:
    """Return what was stored."""
    return Keep(
        tuple(document["rooms"]),
        date.fromisoformat(document["first"]),
        date.fromisoformat(document["last"]),
        document["from_minute"],
        document["to_minute"],
        tuple(document["weekdays"]),
    )


def refusals(keep: Keep, *, today: date) -> list[Refusal]:
    """Return why nothing can be kept so."""
    found = []
    if not keep.room_ids:
        found.append(Refusal("closure.no_rooms"))
    if keep.last < keep.first:
        found.append(Refusal("closure.backwards"))
    elif (keep.last - keep.first).days >= MOST_DAYS:
        found.append(Refusal("closure.too_long", {"most": MOST_DAYS}))
    elif not keep.days():
        found.append(Refusal("closure.no_days"))
    if keep.last < today:
        found.append(Refusal("closure.over"))
    if keep.from_minute >= keep.to_minute:
        found.append(Refusal("slot.backwards"))
    return found


def gaps(wanted: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """Yield what of a stretch nobody has, in order."""
    begins = wanted.starts_at
    for one in sorted(taken):
        if one.ends_at <= begins:
            continue
        if one.starts_at >= wanted.ends_at:
            break
        if one.starts_at > begins:
            yield Span(begins, one.starts_at)
        begins = max(begins, one.ends_at)
    if begins < wanted.ends_at:
        yield Span(begins, wanted.ends_at)


def covering(stretches: Sequence[Span]) -> Span:
    """Return the one stretch from the first beginning to the last end."""
    return Span(min(x.starts_at for x in stretches), max(x.ends_at for x in stretches))
