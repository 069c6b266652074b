"""What pages say of door numbers that a device may keep, so that what opens nothing is let go."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from app.db import db
from app.locks.openings import signs_of
from app.usecases.planning_doors import opens
from app.web import context
from app.web.booked import Booked


@dataclass(frozen=True, slots=True)
class KeptKey:
    """The page with the numbers of a booking, and the signs of those that still open."""

    path: str
    signs: str


def kept_keys(found: Sequence[Booked]) -> list[KeptKey]:
    """Return what a copy of each booking's numbers may still hold.

    A use that is over is left out: its copy ends by itself, some minutes after it.
    """
    told = [one for one in found if one.status != "used" and one.booking.number]
    now = context.now()
    standing = [x.booking.id for x in told if opens(x.booking.state, x.booking.due_at, now=now)]
    signs = signs_of(db.session(), standing)
    return [
        KeptKey(
            url_for("keys.show", number=one.booking.number),
            " ".join(signs.get(one.booking.id, ())),
        )
        for one in told
    ]
