"""The basket: what is pressed is held at once; its page says until when and for how much."""

from collections.abc import Sequence

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.looking import facility_day
from app.db import db
from app.kernel.refusals import Refusal, Refused
from app.usecases.choosing import keep_longer, let_go
from app.web import context, pressed, rooms
from app.web.access import Access, access
from app.web.chosen import chosen
from app.web.holding import forget_missed, hold
from app.web.pressed import Pressed, Trouble
from app.web.rendering import page, wants_fragment
from app.web.sentences import sentences

bp = Blueprint("booking", __name__)


@bp.get("/basket")
@access(Access.PUBLIC)
def basket() -> ResponseReturnValue:
    """Show what is chosen, until when it is held and what it costs."""
    trouble = g.get("trouble")
    status = 409 if trouble else 200
    return page("basket/basket.html", status=status, trouble=trouble, chosen=chosen())


@bp.get("/basket/estimate")
@access(Access.PUBLIC)
def estimate() -> ResponseReturnValue:
    """Show what is chosen as an estimate to print (見積)."""
    return page("basket/estimate.html", chosen=chosen(), now=context.now())


@bp.post("/basket/lines")
@access(Access.PUBLIC)
def press() -> ResponseReturnValue:
    """Hold what was pressed, and show the page it was pressed on again."""
    told = pressed.read(request.form)
    forget_missed()
    if told.is_backwards:
        return _answer(told, [Refusal("slot.backwards")])
    return _answer(told, hold([told.wish], all_or_nothing=True).get(told.wish, ()))


@bp.get("/basket/lines")
@access(Access.PUBLIC)
def lines() -> ResponseReturnValue:
    """Lead to the basket whoever comes back to the address of a press."""
    return redirect(url_for(".basket"), code=303)


@bp.post("/basket/let-go")
@access(Access.PUBLIC)
def release() -> ResponseReturnValue:
    """Let go of what was chosen before, and show the page it was pressed on again."""
    told = pressed.read(request.form)
    key = context.basket_key()
    if key:
        let_go(context.catalogue(), key, told.wish, now=context.now())
    return _answer(told, ())


@bp.post("/basket/forget-missed")
@access(Access.PUBLIC)
def forget() -> ResponseReturnValue:
    """Take what could not be had off the basket's page."""
    forget_missed()
    return redirect(url_for(".basket"), code=303)


@bp.post("/basket/extend")
@access(Access.PUBLIC)
def extend() -> ResponseReturnValue:
    """Keep what is chosen for another while, once."""
    try:
        keep_longer(context.basket_key() or "", now=context.now())
    except Refused as no:
        g.trouble = Trouble(sentences(no.refusals), [])
        return basket()
    return redirect(url_for(".basket"), code=303)


def _answer(told: Pressed, refusals: Sequence[Refusal]) -> ResponseReturnValue:
    trouble = pressed.trouble(told, refusals) if refusals else None
    if wants_fragment():
        return _rooms_again(told, trouble)
    if trouble:
        return pressed.page_again(told, trouble)
    return redirect(f"{told.back}#{rooms.block_id(told.hall, told.room)}", code=303)


def _rooms_again(told: Pressed, trouble: Trouble | None) -> ResponseReturnValue:
    """Return the room's part of the page, and those of the rooms that share its floor."""
    is_alone = pressed.page_at(told.back)[0] == "looking.room_day"
    floor = set(told.room.space_ids)
    beside = [
        (told.hall, room)
        for room in told.hall.rooms
        if room != told.room and not is_alone and floor & set(room.space_ids)
    ]
    places = [(told.hall, told.room), *beside]
    days = facility_day(db.session(), context.catalogue(), places, told.on, context.looker())
    first, *others = [rooms.block(day, back=told.back, part=told.part) for day in days]
    return page(
        "looking/pressed.html",
        fragment="main",
        status=409 if trouble else 200,
        trouble=trouble,
        block=first,
        others=others,
        named=not is_alone,
    )
