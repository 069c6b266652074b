"""Whom to call about a hall's doors when nobody answers there (時間外の連絡先)."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import Form

from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.identity.permissions import Permission
from app.locks.contacts import contacts_of
from app.usecases import door_contacts
from app.web import context, staff_words
from app.web.access import access
from app.web.forms import Line, Phone
from app.web.rendering import page
from app.web.words import _

bp = Blueprint("office_door_contact", __name__)
bp.context_processor(staff_words.in_templates)


class ContactForm(Form):  # type: ignore[misc]
    """Who answers, where and when."""

    name = Line(
        _l("電話に出るところ"),
        missing=_l("電話に出るところを入力してください。"),
        description=_l("例：○○警備（市から頼まれた会社）"),
    )
    phone = Phone(_l("電話番号"), missing=_l("電話番号を入力してください。"))
    hours = Line(
        _l("電話に出る時間"),
        missing=None,
        description=_l("例：夜間と休館日。いつでも出るときは、何も書きません。"),
    )


@bp.get("/doors/contact/<int:hall_row>")
@access(Permission.SET_DOORS, recent=True)
def show(hall_row: int) -> ResponseReturnValue:
    """Show whom to call about the doors of a hall, to be changed."""
    hall = _hall(hall_row)
    kept = contacts_of(db.session(), [hall.id]).get(hall.id)
    return _page(hall, ContactForm(obj=kept), is_kept=kept is not None)


@bp.post("/doors/contact/<int:hall_row>")
@access(Permission.SET_DOORS, recent=True)
def keep(hall_row: int) -> ResponseReturnValue:
    """Keep whom to call."""
    hall, form = _hall(hall_row), ContactForm(request.form)
    if not form.validate():
        return _page(hall, form, is_kept=False, status=422)
    door_contacts.set_contact(
        hall.id, name=form.name.data, phone=form.phone.data, hours=form.hours.data,
        actor=context.actor("staff"), now=context.now(),
    )  # fmt: skip
    flash(_("%(hall)sの時間外の連絡先を入れました。番号のページに出ます。", hall=hall.name))
    return redirect(url_for("office_doors.every"), code=303)


@bp.post("/doors/contact/<int:hall_row>/remove")
@access(Permission.SET_DOORS, recent=True)
def remove(hall_row: int) -> ResponseReturnValue:
    """Let nobody be called but the hall."""
    hall = _hall(hall_row)
    door_contacts.remove_contact(hall.id, actor=context.actor("staff"), now=context.now())
    flash(_("%(hall)sの時間外の連絡先を消しました。", hall=hall.name))
    return redirect(url_for("office_doors.every"), code=303)


def _hall(hall_row: int) -> FacilityInfo:
    found = next((one for one in context.catalogue().facilities if one.id == hall_row), None)
    return found or abort(404)


def _page(
    hall: FacilityInfo, form: ContactForm, *, is_kept: bool, status: int = 200
) -> ResponseReturnValue:
    return page("office/door_contact.html", status=status, hall=hall, form=form, is_kept=is_kept)
