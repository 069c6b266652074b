"""A door is added (ドアを加える): hall and account first, then its lock, rooms and words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.models import LockAccount
from app.locks.ports import BOX, DeviceInfo
from app.locks.queries import accounts
from app.reports.doors import doors_at
from app.usecases import connecting_locks, doors
from app.usecases.planning_doors import bookings_at, bookings_behind
from app.web import context, staff_words
from app.web.access import access
from app.web.door_forms import DoorForm, new_door_form
from app.web.lock_reaching import locks
from app.web.office_lock_hooks import tell
from app.web.office_locks import PROVIDERS
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_new_door", __name__)
bp.context_processor(staff_words.in_templates)


@bp.get("/doors/new")
@access(Permission.SET_DOORS, recent=True)
def ask() -> ResponseReturnValue:
    """Ask which hall a door is of and through which account its lock is reached; then the rest."""
    account, hall = _chosen(request.args.get("account", ""), request.args.get("hall", ""))
    if account is None or hall is None:
        return _choose(account, hall)
    try:
        every = _devices(account)
    except Refused as no:
        return _choose(account, hall, refused=sentences(no.refusals), status=422)
    if every is not None and not (free := _free(every)):
        return _none(account, hall, has_locks=every != [])
    return _new(account, hall, new_door_form(hall, every if every is None else free))


@bp.post("/doors/new")
@access(Permission.SET_DOORS, recent=True)
def add() -> ResponseReturnValue:
    """Add a door; bookings that need it get codes by themselves, and how many is said."""
    account, hall = _chosen(request.form.get("account", ""), request.form.get("hall", ""))
    if account is None or hall is None:
        return _choose(account, hall, status=422)
    try:
        every = _devices(account)
        found = None if every is None else _free(every)
        form = new_door_form(hall, found, request.form)
        if not form.validate():
            return _new(account, hall, form, status=422)
        door_id = _added(account, hall, form, found or [])
    except Refused as no:
        form = new_door_form(hall, None if _is_box(account) else _as_typed(), request.form)
        return _new(account, hall, form, refused=sentences(no.refusals), status=422)
    flash(_("「%(name)s」を加えました。", name=form.name.data))
    if account.hook_told_at is not None:
        tell(account.id, aloud=False)  # its lock may be at a place that the vendor tells nothing of
    if count := bookings_behind(db.session(), door_id, now=context.now()):
        flash(_("いまある予約 %(n)s件にも、番号を用意します。", n=count))
    return redirect(url_for("office_doors.every"), code=303)


def _added(
    account: LockAccount, hall: FacilityInfo, form: DoorForm, found: Sequence[DeviceInfo]
) -> int:
    """Add a door; a key box is known by a name that nobody sees, and has its number at once."""
    actor, now = context.actor("staff"), context.now()
    device = f"box-{token_hex(6)}" if _is_box(account) else form["device"].data
    alone = _is_box(account) or any(one.is_alone for one in found if one.ref == device)
    wanted = replace(form.wanted(hall, account.id, device), is_alone=alone)
    door_id = doors.add_door(wanted, others=context.other_towns(), actor=actor, now=now)
    if _is_box(account):
        doors.set_code(locks(), door_id, form["code"].data, actor=actor, now=now)
    return door_id


def _devices(account: LockAccount) -> list[DeviceInfo] | None:
    """Return the locks of an account; None for key boxes. Raises Refused."""
    return None if _is_box(account) else list(connecting_locks.devices(locks(), account.id))


def _free(found: Sequence[DeviceInfo]) -> list[DeviceInfo]:
    """Return the locks that no door has yet."""
    used = {one.door.device_ref for one in doors_at(db.session())}
    return [one for one in found if one.ref not in used]


def _as_typed() -> list[DeviceInfo]:
    """Return the lock that was chosen, where the vendor can't be asked again what it is called."""
    ref = request.form.get("device", "")[:80]
    return (
        [DeviceInfo(ref, _("えらんだ鍵"), "", None, None, None, lead_time=timedelta(0))]
        if ref
        else []
    )


def _is_box(account: LockAccount) -> bool:
    return account.provider == BOX


def _chosen(account: str, hall: str) -> tuple[LockAccount | None, FacilityInfo | None]:
    known = {str(one.id): one for one in accounts(db.session())}
    return known.get(account), context.catalogue().facility_named(hall)


def _choose(
    account: LockAccount | None, hall: FacilityInfo | None, *, refused: Sequence[str] = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    return page(
        "office/door_choose.html", status=status, refused=refused, account=account, hall=hall,
        accounts=accounts(db.session()), halls=context.catalogue().facilities,
        is_asked="account" in request.values and "hall" in request.values, providers=PROVIDERS,
    )  # fmt: skip


def _new(
    account: LockAccount, hall: FacilityInfo, form: DoorForm, *, refused: Sequence[str] = (),
    status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    return page(
        "office/door_new.html", status=status, account=account, hall=hall, form=form,
        refused=refused, count=bookings_at(db.session(), hall.id, now=context.now()),
    )  # fmt: skip


def _none(account: LockAccount, hall: FacilityInfo, *, has_locks: bool) -> ResponseReturnValue:
    """Say what to do where no lock is left to be a door."""
    return page(
        "office/door_no_lock.html", account=account, hall=hall, has_locks=has_locks,
        providers=PROVIDERS,
    )  # fmt: skip
