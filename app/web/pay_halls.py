"""What is to be paid, hall by hall: each has its own counter, deadline and telephone."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.booking.states import State
from app.db import db
from app.payments.online.accounts import ways_by_payee
from app.web import context
from app.web.booked import Booked
from app.web.payables import Payable, Sum, bills, owed_of


@dataclass(frozen=True)
class HallPart(Sum):
    """What of a bill is for one hall; a booking over several halls stands under all their names."""

    name: str

    @property
    def places(self) -> list[str]:
        """Return the counters where it may be paid as well."""
        return list(dict.fromkeys(place for x in self.items for place in x.booked.places))


def by_hall(items: Sequence[Payable]) -> list[HallPart]:
    """Return what is to be paid by hall, the first deadline first."""
    found: dict[str, list[Payable]] = {}
    for one in items:
        names = dict.fromkeys(line.hall for line in one.booked.standing or one.booked.lines)
        found.setdefault("・".join(names), []).append(one)
    return [HallPart(some, name) for name, some in found.items()]


@dataclass(frozen=True, slots=True)
class Together:
    """Bookings that can be paid at once over the network."""

    count: int
    yen: int


def together(found: Sequence[Booked]) -> Together | None:
    """Return what of somebody's bookings can be paid at once; None when that is no help."""
    due = [one for one in found if _may_be_due(one)]
    if len(due) < 2:
        return None
    known = ways_by_payee(db.session(), {one.line.payee for x in due for one in x.standing})
    if not any(known.values()):
        return None
    for bill in bills([one for one in owed_of(due) if one.attempt is None]):
        if len(bill.items) > 1 and known.get(bill.payee):
            return Together(len(bill.items), bill.yen)
    return None


def _may_be_due(found: Booked) -> bool:
    booking = found.booking
    is_open = booking.state in (State.PROVISIONAL, State.CONFIRMED)
    return is_open and booking.due_at is not None and booking.due_at > context.now()
