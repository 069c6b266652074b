"""What goes back of a booking beside what was cancelled, in words: why, and how it was before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from app.booking.models import BookingChange
from app.db import db
from app.payments.refunds import service as refunds
from app.payments.refunds.models import Refund
from app.reports.papers import changes_kept
from app.web import context, formats
from app.web.booked import Booked
from app.web.refund_words import REASONS
from app.web.words import _

OF_ENDED = {"cancelled", "displaced", "lapsed"}  # those stand with the uses they are of


@dataclass(frozen=True, slots=True)
class Given:
    """Money that goes back at once for one reason."""

    payee: str
    reason: str
    at: datetime
    yen: int
    on: str
    because: str
    basis: str
    what: tuple[str, ...]  # what became different

    @property
    def fact(self) -> list[Any]:
        """Return it as a fact."""
        return [self.reason, self.at.isoformat(), self.yen]


def given_back(found: Booked) -> list[Given]:
    """Return what goes back of a booking for other reasons than that it ended, the first first."""
    every = refunds.of_booking(db.session(), found.booking.id)
    rows = sorted((x for x in every if x.reason not in OF_ENDED), key=_together)
    if not rows:
        return []
    changes = {one.at: one for one in changes_kept(db.session(), found.booking.id)}
    payees = {one.line.id: one.line.payee for one in found.lines}
    return [_given(list(some), changes, payees) for _key, some in groupby(rows, key=_together)]


def _together(one: Refund) -> tuple[datetime, str, str, str]:
    """Return what refunds have in common that were planned at once, out of several payments."""
    return one.asked_at, one.payee, one.reason, one.citation


def _given(
    some: Sequence[Refund], changes: Mapping[datetime, BookingChange], payees: Mapping[int, str]
) -> Given:
    first = some[0]
    change = changes.get(first.asked_at) if first.reason == "changed" else None
    what: Iterable[str] = ()
    if change is not None:
        own = [x for x in change.lines if payees.get(x["line"]) == first.payee]
        what = [_changed(x["before"], x["after"]) for x in own if _is_cheaper(x)]
    return Given(
        first.payee, first.reason, first.asked_at, sum(one.yen for one in some),
        formats.ja_date(first.asked_at), str(REASONS.get(first.reason, first.reason)),
        first.citation, tuple(what),
    )  # fmt: skip


def _is_cheaper(line: Mapping[str, Any]) -> bool:
    return (line["before"]["fee_yen"] or 0) > (line["after"]["fee_yen"] or 0)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return how a use was and is, with what it cost and costs."""
    was, now = _use(before), _use(after)
    sides = now if was == now else f"{was}\n→ {now}"
    fees = {name: formats.yen(x["fee_yen"] or 0) for name, x in (("a", before), ("b", after))}
    return _("%(sides)s（%(a)s → %(b)s）", sides=sides, **fees)


def _use(shape: Mapping[str, Any]) -> str:
    starts, ends = (
        datetime.fromisoformat(shape["starts_at"]),
        datetime.fromisoformat(shape["ends_at"]),
    )
    hall, room = context.catalogue().known_room(shape["room_id"])
    when = f"{formats.ja_day(starts)} {formats.ja_span(starts, ends)}"
    return f"{hall.name} {room.name} {when}"
