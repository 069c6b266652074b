"""The codes of one booking at the desk: told to a caller, made anew, taken away, a key instead."""

from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.contacts import contacts_of
from app.reports.bookings import BookingView
from app.reports.doors import codes_of_booking
from app.usecases import keys
from app.usecases.door_watch import SHOWN_BEFORE
from app.usecases.planning_doors import catch_up
from app.web import booking_codes, context, door_words, staff_words
from app.web.access import access
from app.web.booking_codes import AGAIN, AWAY, BY_HAND, CodeShown
from app.web.desk_booking import seen
from app.web.rendering import page
from app.web.sentences import sentences

bp = Blueprint("desk_keys", __name__)
bp.context_processor(staff_words.in_templates)

DO: Final[Mapping[str, Callable[..., None]]] = {
    AGAIN: keys.make_anew, AWAY: keys.take_away, BY_HAND: keys.hand_over,
}  # fmt: skip
DONE = {
    AGAIN: _l("新しい番号を用意しています。ドアに届くと「用意できた」に変わります。"),
    AWAY: _l("番号を使えなくしています。ドアから消えるまで、少しかかることがあります。"),
    BY_HAND: _l("鍵を手でわたすことにしました。わたしたら、きょうの予約の画面に記録してください。"),
}
TURN_IT = _l("番号を見せないようにしました。箱の番号を変えるまで、前の番号であきます。")


@bp.get("/bookings/<string:number>/keys")
@access(Permission.KEYS, recent=True)
def show(number: str) -> ResponseReturnValue:
    """Show the numbers of a booking, to be read to a caller; every look is written down."""
    view = seen(number)
    catch_up(view.booking.id, now=context.now())
    mine = [one for one in _codes(view) if booking_codes.may_handle(view, one.code)]
    if not mine:
        abort(404)
    numbers = keys.shown(
        view.booking.id, secret=context.settings().secret_key, actor=context.actor("staff"),
        now=context.now(), only=[one.code.grant.id for one in mine],
    )  # fmt: skip
    contacts = contacts_of(db.session(), {one.code.grant.facility_id for one in mine})
    return _kept_nowhere(
        page(
            "desk/keys.html", view=view, numbers=numbers, contacts=contacts,
            states=door_words.STATES,
            codes=sorted(_read_aloud(mine), key=lambda one: one.code.grant.id not in numbers),
            at_door=door_words.AT_DOOR, grouped=door_words.grouped, now=context.now(),
            shown_before=SHOWN_BEFORE, hours_before=int(SHOWN_BEFORE.total_seconds() // 3600),
        )
    )  # fmt: skip


@bp.get("/bookings/<string:number>/keys/<int:grant_id>/<slug:deed>")
@access(Permission.KEYS)
def ask(number: str, grant_id: int, deed: str) -> ResponseReturnValue:
    """Say what will happen to a code, before it does."""
    view = seen(number)
    one = _offered(view, grant_id, deed) or abort(404)
    return page("desk/key_deed.html", view=view, one=one, deed=deed, states=door_words.STATES)


@bp.post("/bookings/<string:number>/keys/<int:grant_id>/<slug:deed>")
@access(Permission.KEYS)
def do(number: str, grant_id: int, deed: str) -> ResponseReturnValue:
    """Make a code anew, take it away, or write that a key is handed over.

    Pressed twice it is done once: the second time it is no longer offered.
    """
    view = seen(number)
    if deed not in DO:
        abort(404)
    one = _offered(view, grant_id, deed)
    if one is not None:
        try:
            DO[deed](grant_id, actor=context.actor("staff"), now=context.now())
            flash(str(DONE[deed] if deed != AWAY or not one.code.is_box else TURN_IT))
        except Refused as no:
            for text in sentences(no.refusals):
                flash(text)
    url = url_for("desk_booking.show", number=view.booking.number, _anchor="keys")
    return redirect(url, code=303)


def _codes(view: BookingView) -> list[CodeShown]:
    return booking_codes.shown(view, codes_of_booking(db.session(), view.booking.id))


def _read_aloud(codes: list[CodeShown]) -> list[CodeShown]:
    """Return the codes without those that others stand in the place of: nobody reads them out."""
    return [one for one in codes if not one.is_before]


def _offered(view: BookingView, grant_id: int, deed: str) -> CodeShown | None:
    """Return a code of a booking with which the viewer may do this just now."""
    found = (one for one in _codes(view) if one.code.grant.id == grant_id)
    return next((one for one in found if deed in one.deeds), None)


def _kept_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response
