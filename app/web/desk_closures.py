"""Rooms are closed at the desk in one press, or two where bookings stand in the way."""

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.rules.keeping import read as read_keep
from app.booking.service.keeping import known, still_open
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.identity.staff.members import names_of
from app.kernel.refusals import Refused
from app.reports import closures
from app.reports.money_back import given_back_for
from app.usecases import closing
from app.web import closure_form, closure_money, context, halls, in_the_way, staff_words
from app.web.access import access
from app.web.closure_form import ClosureForm
from app.web.desk_day import new_key
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("desk_closures", __name__)
bp.context_processor(staff_words.in_templates)

STAY, GIVE_WAY = "stay", "give-way"


@bp.get("/<slug:facility>/closures")
@access(Permission.DESK)
def every(facility: str) -> ResponseReturnValue:
    """Show what keeps rooms of a hall from now on."""
    hall = halls.hall(facility)
    found = closures.closures(db.session(), hall, now=context.now())
    return page(
        "desk/closures.html", hall=hall, closures=found, chosen=closure_form.chosen,
        on=context.today(),
    )  # fmt: skip


@bp.get("/<slug:facility>/closures/new")
@access(Permission.CLOSE_ROOMS)
def ask(facility: str) -> ResponseReturnValue:
    """Show the form with what stands in the way of it."""
    hall = halls.hall(facility, Permission.CLOSE_ROOMS)
    form = closure_form.read(hall)
    return _form_page(hall, form, key=new_key(), status=422 if form.problems else 200)


@bp.post("/<slug:facility>/closures/new")
@access(Permission.CLOSE_ROOMS)
def close(facility: str) -> ResponseReturnValue:
    """Close what was asked for, if every use in the way was decided on."""
    hall = halls.hall(facility, Permission.CLOSE_ROOMS)
    form, key = closure_form.read(hall), request.form.get("key", "")[:64]
    if form.keep is None:
        return _form_page(hall, form, key=key, status=422)
    look = in_the_way.look(form.keep)
    wanted = closing.Wanted(
        hall.id, form.kind, form.shown_name, form.keep,
        stay=_decided(look, STAY), give_way=_decided(look, GIVE_WAY), form_key=key,
    )  # fmt: skip
    try:
        closure_id = closing.close(
            context.catalogue(), wanted, actor=context.actor("staff"), now=context.now()
        )
    except Refused as no:
        db.session.expire_all()
        return _form_page(hall, form, key=key, status=409, refused=sentences(no.refusals))
    return redirect(url_for(".show", facility=hall.slug, closure_id=closure_id), code=303)


@bp.get("/<slug:facility>/closures/<int:closure_id>")
@access(Permission.DESK)
def show(facility: str, closure_id: int) -> ResponseReturnValue:
    """Show a closure: what it keeps, what stays in it, and whom to call."""
    hall = halls.hall(facility)
    closure = closures.closure_with(db.session(), hall.id, closure_id) or abort(404)
    keep = read_keep(closure.asked) if closure.asked else None
    keep = known(context.catalogue(), keep) if keep else None
    is_over = closure.ended_at is not None
    scope = halls.scope(Permission.DESK)
    gone = [
        one
        for one in closures.gave_way(db.session(), closure.id)
        if scope.covers(one.use.facility_id, one.use.room_id)
    ]
    looked = in_the_way.look(keep) if keep and not is_over else None
    refunds = given_back_for(db.session(), closure.id) if gone else ()
    return page(
        "desk/closure.html",
        hall=hall,
        closure=closure,
        keep=keep,
        rooms=closure_form.chosen(hall, keep.room_ids) if keep else "",
        gone=gone,
        back=closure_money.gone_back([one.use for one in gone], refunds),
        offers={one.use.line_id: in_the_way.offers_of(one.use, keep) for one in gone[:30]},
        callers=names_of(db.session(), {one.called_by for one in gone}),
        looked=looked,
        still_open=still_open(db.session(), context.catalogue(), closure, now=context.now()),
        may_close=may_close(hall),
        on=context.today(),
    )


@bp.post("/<slug:facility>/closures/<int:closure_id>/fill")
@access(Permission.CLOSE_ROOMS)
def fill(facility: str, closure_id: int) -> ResponseReturnValue:
    """Take what became free of what a closure keeps."""
    hall = _closing(facility)
    _done(lambda: closing.fill_again(context.catalogue(), hall.id, closure_id, now=context.now()))
    return redirect(url_for(".show", facility=hall.slug, closure_id=closure_id), code=303)


@bp.get("/<slug:facility>/closures/<int:closure_id>/end")
@access(Permission.CLOSE_ROOMS)
def ask_end(facility: str, closure_id: int) -> ResponseReturnValue:
    """Ask whether the rooms are to be opened again, and say what follows."""
    hall = _closing(facility)
    closure = closures.closure_with(db.session(), hall.id, closure_id) or abort(404)
    return page("desk/closure_end.html", hall=hall, closure=closure)


@bp.post("/<slug:facility>/closures/<int:closure_id>/end")
@access(Permission.CLOSE_ROOMS)
def end(facility: str, closure_id: int) -> ResponseReturnValue:
    """Open the rooms again."""
    hall = _closing(facility)
    actor, now = context.actor("staff"), context.now()
    _done(
        lambda: closing.open_again(context.catalogue(), hall.id, closure_id, actor=actor, now=now)
    )
    flash(_("取りやめました。部屋は、また申し込めます。"))
    return redirect(url_for(".show", facility=hall.slug, closure_id=closure_id), code=303)


@bp.post("/<slug:facility>/closures/<int:closure_id>/calls/<int:line_id>")
@access(Permission.CLOSE_ROOMS)
def call(facility: str, closure_id: int, line_id: int) -> ResponseReturnValue:
    """Note that somebody who gave way was called, or was not."""
    hall = _closing(facility)
    is_called, actor, now = "undo" not in request.form, context.actor("staff"), context.now()
    _done(
        lambda: closing.note_call(
            hall.id, closure_id, line_id, is_called=is_called, actor=actor, now=now
        )
    )
    url = url_for(".show", facility=hall.slug, closure_id=closure_id)
    return redirect(f"{url}#use-{line_id}", code=303)


def may_close(hall: FacilityInfo) -> bool:
    """Say whether the viewer closes every room of a hall, and so changes any closure of it."""
    return halls.may_at(Permission.CLOSE_ROOMS, [(hall.id, room.id) for room in hall.rooms])


def _closing(slug: str) -> FacilityInfo:
    """Return a hall all of whose rooms the viewer may close; a closure may be of any."""
    hall = halls.hall(slug, Permission.CLOSE_ROOMS)
    whole = next(one for one in context.catalogue().facilities if one.id == hall.id)
    return hall if may_close(whole) else abort(404)


def _done(do: Callable[[], object]) -> None:
    try:
        do()
    except Refused:
        abort(404)


def _decided(look: in_the_way.InTheWay, what: str) -> list[int]:
    """Return the uses that were decided on so; a hidden or begun one always stays."""
    found = []
    for one in look.uses:
        decided = request.form.get(f"use-{one.use.line_id}", "") if one.may_give_way else STAY
        if decided == what:
            found.append(one.use.line_id)
    return found


def _form_page(
    hall: FacilityInfo,
    form: ClosureForm,
    *,
    key: str,
    status: int,
    refused: Sequence[str] = (),
) -> ResponseReturnValue:
    looked = in_the_way.look(form.keep) if form.keep else None
    may_go = [one.use for one in looked.uses if one.may_give_way] if looked else []
    return page(
        "desk/closure_form.html",
        status=status,
        hall=hall,
        form=form,
        names=closure_form.NAMES,
        weekdays=list(enumerate(closure_form.weekday_names())),
        rooms=closure_form.chosen(hall, form.rooms),
        looked=looked,
        back=closure_money.foreseen(may_go),
        decided={k: v for k, v in request.form.items() if k.startswith("use-")},
        key=key,
        refused=refused,
        on=context.today(),
    )
