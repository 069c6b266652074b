"""Doors with locks (ドア): which there are, what is behind them, changed, ended."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.contacts import contacts_of
from app.locks.ports import BOX
from app.locks.queries import accounts
from app.reports.doors import DoorView, bookings_losing, doors_at
from app.usecases import doors
from app.usecases.lock_accounts import CONSENT_OVER
from app.web import context, door_forms, door_words, staff_words
from app.web.access import access
from app.web.door_forms import CodeForm, DoorForm, door_form
from app.web.lock_reaching import locks
from app.web.office_locks import PROVIDERS
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_doors", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/doors")
@access(Permission.SET_DOORS)
def every() -> ResponseReturnValue:
    """Show the doors hall by hall, the accounts at vendors of locks, and key boxes."""
    session = db.session()
    views, halls, known = doors_at(session), context.catalogue().facilities, accounts(session)
    return page(
        "office/doors.html",
        accounts=[one for one in known if one.provider != BOX],
        boxes=[one for one in known if one.provider == BOX],
        halls=[(hall, theirs) for hall in halls if (theirs := _at(hall, views))],
        contacts=contacts_of(session, {one.door.facility_id for one in views}),
        room_names={room.id: room.name for hall in halls for room in hall.rooms},
        providers=PROVIDERS, site_name=door_forms.site_name, modes=door_forms.MODES,
        entries=door_forms.ENTRIES, why=door_words.why, consent_over=CONSENT_OVER,
    )  # fmt: skip


@bp.get("/doors/<int:door_id>")
@access(Permission.SET_DOORS, recent=True)
def show(door_id: int) -> ResponseReturnValue:
    """Show a door, to be changed."""
    view, hall = door_and_hall(door_id)
    return _edit(view, hall, door_form(hall, door=view))


@bp.post("/doors/<int:door_id>")
@access(Permission.SET_DOORS, recent=True)
def change(door_id: int) -> ResponseReturnValue:
    """Change what a door is called, leads to, and how early it opens."""
    view, hall = door_and_hall(door_id)
    form = door_form(hall, request.form, door=view)
    if not form.validate():
        return _edit(view, hall, form, status=422)
    door = view.door
    wanted = form.wanted(hall, door.account_id, door.device_ref, door.position)
    try:
        doors.change_door(door_id, wanted, actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return _edit(view, hall, form, refused=sentences(no.refusals), status=422)
    flash(_("「%(name)s」を変えました。番号は、必要なものだけ用意しなおします。", name=wanted.name))
    return redirect(url_for(".every"), code=303)


@bp.get("/doors/<int:door_id>/code")
@access(Permission.SET_DOORS, recent=True)
def ask_code(door_id: int) -> ResponseReturnValue:
    """Ask for the number that a key box was turned to."""
    view, hall = _box(door_id)
    return page("office/door_code.html", view=view, hall=hall, form=CodeForm())


@bp.post("/doors/<int:door_id>/code")
@access(Permission.SET_DOORS, recent=True)
def set_code(door_id: int) -> ResponseReturnValue:
    """Keep the number of a key box; whoever has seen the one before is told."""
    view, hall = _box(door_id)
    form = CodeForm(request.form)
    if not form.validate():
        return page("office/door_code.html", status=422, view=view, hall=hall, form=form)
    try:
        doors.set_code(
            locks(), door_id, form.code.data, actor=context.actor("staff"), now=context.now()
        )
    except Refused as no:
        form.code.errors = sentences(no.refusals)
        return page("office/door_code.html", status=422, view=view, hall=hall, form=form)
    flash(_("番号を書きかえました。前の番号を見た人には、メールで知らせます。"))
    return redirect(url_for(".every"), code=303)


@bp.get("/doors/<int:door_id>/end")
@access(Permission.SET_DOORS, recent=True)
def ask_end(door_id: int) -> ResponseReturnValue:
    """Say how many bookings lose their code, before a door is used no more."""
    view, hall = door_and_hall(door_id)
    losing = bookings_losing(db.session(), door_id, now=context.now())
    return page("office/door_end.html", view=view, hall=hall, losing=losing)


@bp.post("/doors/<int:door_id>/end")
@access(Permission.SET_DOORS, recent=True)
def end(door_id: int) -> ResponseReturnValue:
    """Use a door no more."""
    view, _hall = door_and_hall(door_id)
    doors.end_door(door_id, actor=context.actor("staff"), now=context.now())
    flash(_("「%(name)s」を使うのをやめました。", name=view.door.name))
    return redirect(url_for(".every"), code=303)


def _edit(
    view: DoorView, hall: FacilityInfo, form: DoorForm, *, refused: Sequence[str] = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    return page("office/door.html", status=status, view=view, hall=hall, form=form, refused=refused)


def door_and_hall(door_id: int) -> tuple[DoorView, FacilityInfo]:
    """Return a door that is in use, with its hall; aborts with 404."""
    view = next((one for one in doors_at(db.session()) if one.door.id == door_id), None)
    halls = context.catalogue().facilities
    hall = next((one for one in halls if view and one.id == view.door.facility_id), None)
    if view is None or hall is None:
        abort(404)
    return view, hall


def _box(door_id: int) -> tuple[DoorView, FacilityInfo]:
    view, hall = door_and_hall(door_id)
    return (view, hall) if view.is_box else abort(404)


def _at(hall: FacilityInfo, views: Sequence[DoorView]) -> list[DoorView]:
    return [one for one in views if one.door.facility_id == hall.id]
