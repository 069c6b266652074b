"""What stands in the way of a closure: booked uses with what they could have instead."""

from dataclasses import dataclass
from datetime import datetime

from flask import g

from app.booking.looking import Looker
from app.booking.near import Offer, nearest
from app.booking.near import Wanted as NearWanted
from app.booking.rules.keeping import Keep
from app.booking.service.basket_plan import minute_of
from app.booking.service.keeping import Taken, lines_in, spaces_of, taken
from app.db import db
from app.identity.permissions import Permission, may
from app.kernel.spans import Span, instant
from app.reports.closures import Use, uses
from app.web import context, formats, halls

MOST_LOOKED_AROUND = 30  # uses for which alternatives are looked for: each is a page of its own
MOST_OFFERS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """A use in the way: what it could have instead, and what may become of it."""

    use: Use
    offers: list[str]
    is_seen: bool  # within the viewer's halls; else nothing of it is said
    has_begun: bool
    may_give_way: bool


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Everything that stands in the way."""

    uses: list[Standing]
    holds: list[Taken]  # somebody is applying right now; filled when they give up
    closures: int  # what other closures keep already


def look(keep: Keep) -> InTheWay:
    """Return what stands in the way of what is to be kept."""
    now = context.now()
    found = taken(db.session(), context.catalogue(), keep, now=now)
    stretches = keep.stretches(context.catalogue().zone, now=now)
    standing = [
        _standing(use, keep, stretches, now=now, look_around=number < MOST_LOOKED_AROUND)
        for number, use in enumerate(uses(db.session(), lines_in(found)))
    ]
    holds = {one.line_id: one for one in found if one.kind == "hold"}
    others = {one.closure_id for one in found if one.closure_id is not None}
    return InTheWay(standing, list(holds.values()), len(others))


def _standing(
    use: Use, keep: Keep, stretches: list[Span], *, now: datetime, look_around: bool
) -> Standing:
    place = (use.facility_id, use.room_id)
    is_seen = halls.scope(Permission.DESK).covers(*place)
    has_begun = use.starts_at <= now
    may_cancel = may(g.viewer, Permission.CANCEL_FOR_OTHERS, *place)
    offers = _offers(use, keep, stretches) if is_seen and look_around and not has_begun else []
    return Standing(use, offers, is_seen, has_begun, is_seen and may_cancel and not has_begun)


def offers_of(use: Use, keep: Keep | None) -> list[str]:
    """Return in words what a use could have instead, outside of what is kept."""
    stretches = keep.stretches(context.catalogue().zone, now=context.now()) if keep else []
    return _offers(use, keep, stretches)


def _offers(use: Use, keep: Keep | None, stretches: list[Span]) -> list[str]:
    catalogue = context.catalogue()
    try:
        hall, room = catalogue.room(use.room_id)
    except LookupError:
        return []
    wanted = NearWanted(
        hall, room, use.on_date,
        minute_of(use.starts_at, use.on_date, catalogue),
        minute_of(use.ends_at, use.on_date, catalogue),
        use.purpose or None, use.people,
    )  # fmt: skip
    looker = Looker(context.now(), use.applicant_class)
    kept = spaces_of(catalogue, keep.room_ids) if keep else set()
    found = [
        one
        for one in nearest(db.session(), catalogue, wanted, looker).all
        if not (kept & set(one.room.space_ids) and _is_kept(one, stretches))
    ]
    return [_said(one) for one in found[:MOST_OFFERS]]


def _is_kept(offer: Offer, stretches: list[Span]) -> bool:
    zone = context.catalogue().zone
    begins = instant(offer.on, offer.run.from_minute, zone)
    span = Span(begins, instant(offer.on, offer.run.to_minute, zone))
    return any(span.overlaps(one) for one in stretches)


def _said(offer: Offer) -> str:
    hours = formats.ja_minutes_span(offer.run.from_minute, offer.run.to_minute)
    return f"{formats.ja_day(offer.on)} {hours} {offer.facility.name} {offer.room.name}"
