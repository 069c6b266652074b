"""The numbers that open the doors of a booking, for whoever applied for it and nobody else."""

from collections.abc import Sequence

from flask import Blueprint, Response, make_response, request, session, url_for
from flask.typing import ResponseReturnValue

from app.booking.history import touches_of
from app.booking.states import State
from app.db import db
from app.locks.contacts import contacts_of
from app.locks.openings import openings_of
from app.locks.photos import photos_of
from app.usecases import keys
from app.usecases.planning_doors import catch_up, opens
from app.usecases.ways_in import knows_number, opens_by_number
from app.web import context, freshness, hallwords
from app.web.access import Access, access
from app.web.booked import Booked
from app.web.bookings import NUMBER, own
from app.web.key_titles import titles
from app.web.key_words import Card, Standing, cards, filled, mark, seen_from, until
from app.web.payables import paying
from app.web.rendering import page, wants_fragment

bp = Blueprint("keys", __name__)


@bp.get(f"/bookings/{NUMBER}/key")
@access(Access.SIGNED_IN)
def show(number: str) -> ResponseReturnValue:
    """Show the numbers that may be seen now; each look is written down."""
    found = own(number)
    if (elsewhere := freshness.asked_again()) is not None:
        waits = wants_fragment()  # it stays as it is; whoever presses is asked
        return _unkept(make_response("", 204) if waits else make_response(elsewhere))
    catch_up(found.booking.id, now=context.now())
    ahead = _cards(found)
    if wants_fragment() and request.args.get("since") == mark(ahead):
        return _unkept(make_response("", 204))
    return _unkept(_page(found, _told(found, ahead)))


def _opens(found: Booked) -> bool:
    return opens(found.booking.state, found.booking.due_at, now=context.now())


def _cards(found: Booked) -> list[Card]:
    if not _opens(found):
        return []
    touches = touches_of(db.session(), found.booking.id)
    changed = {int(one.facts["grant"]) for one in touches if one.action == "key.changed"}
    openings = openings_of(db.session(), found.booking.id)
    doors = {door.id for one in openings for door in one.doors}
    contacts = contacts_of(db.session(), {one.grant.facility_id for one in openings})
    return cards(found, openings, changed, photos_of(db.session(), doors), contacts)


def _told(found: Booked, ahead: Sequence[Card]) -> list[Card]:
    """Return the cards with their digits; where there is nothing to show, nobody looked."""
    if not any(one.standing in ("ready", "on_its_way") for one in ahead):
        return list(ahead)
    told = keys.shown(
        found.booking.id, secret=context.settings().secret_key, actor=context.actor(),
        now=context.now(),
    )  # fmt: skip
    return [filled(one, told) for one in ahead]


def _page(found: Booked, codes: Sequence[Card]) -> Response:
    hall = next((one.facility for one in found.lines if one.facility), None)
    return page(
        "keys/show.html",
        fragment="codes",
        b=found,
        shown=[one for one in codes if one.standing in ("ready", "on_its_way")],
        others=[one for one in codes if one.standing in ("by_hand", "preparing", "not_yet")],
        over=[one for one in codes if one.standing == "over"],
        knew=knows_number(db.session(), found.booking.id),
        titles=titles(codes),
        without=_without(found) if not codes else None,
        seen_from=seen_from(found),
        until=until(codes),
        mark=mark(codes),
        waits=any(one.standing in ("preparing", "on_its_way") for one in codes),
        can_pay=_is_due(found) and paying(found).can_pay,
        is_due=found.is_due_again and bool(codes),
        page_help=hallwords.help_of(hall, context.today()) if hall else None,
        worker=url_for("installing.worker"),
        is_own_device=session.permanent,
    )


def _without(found: Booked) -> Standing | str:
    """Return why a booking has no code at all."""
    if found.booking.state == State.PROVISIONAL or found.is_due_again:
        return "unpaid"
    if found.booking.state == State.REQUESTED:
        return "review"
    if found.booking.state == State.CANCELLED:
        return "cancelled"
    if not found.coming:
        return "over"
    if not opens_by_number(
        db.session(),
        {one.line.facility_id for one in found.coming},
        {one.line.room_id for one in found.coming},
    ):
        return "none"
    first = seen_from(found)
    return "not_yet" if first is not None and context.now() < first else "preparing"


def _is_due(found: Booked) -> bool:
    return found.status == "unpaid" or found.is_due_again


def _unkept(response: Response) -> Response:
    """Let no cache on the way or in the browser keep an answer; the page's own copy is another."""
    response.headers["Cache-Control"] = "no-store"
    return response
