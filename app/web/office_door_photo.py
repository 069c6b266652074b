"""The photo of a door (ドアの写真): what whoever has its number looks for."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import FileField, Form

from app.db import db
from app.identity.permissions import Permission
from app.kernel.refusals import Refused
from app.locks.photos import MOST_BYTES, photos_of
from app.usecases import door_photos
from app.web import context, staff_words
from app.web.access import access
from app.web.formats import jpeg_link
from app.web.office_doors import door_and_hall
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.words import _

bp = Blueprint("office_door_photo", __name__)
bp.context_processor(staff_words.in_templates)

ROOM_FOR_WORDS = 64 * 1024  # beside the photo


class PhotoForm(Form):  # type: ignore[misc]
    """One photo."""

    photo = FileField(
        _l("写真をえらぶ"),
        description=_l(
            "JPEGかPNGの写真を、12MBまで送れます。人の顔や、車の番号が写っていないものにしてください。"
        ),
    )


@bp.get("/doors/<int:door_id>/photo")
@access(Permission.SET_DOORS)
def show(door_id: int) -> ResponseReturnValue:
    """Show the photo of a door, to be replaced or taken away."""
    return _page(door_id, PhotoForm())


@bp.post("/doors/<int:door_id>/photo")
@access(Permission.SET_DOORS)
def keep(door_id: int) -> ResponseReturnValue:
    """Keep a photo instead of the one before."""
    request.max_content_length = MOST_BYTES + ROOM_FOR_WORDS
    view, _hall = door_and_hall(door_id)
    form, sent = PhotoForm(), request.files.get("photo")
    if sent is None or not sent.filename:
        return _said(door_id, form, _("写真をえらんでください。"))
    try:
        door_photos.set_photo(door_id, sent.read(), actor=context.actor("staff"), now=context.now())
    except Refused as no:
        return _said(door_id, form, *sentences(no.refusals))
    flash(_("「%(name)s」の写真を入れました。番号のページに出ます。", name=view.door.name))
    return redirect(url_for(".show", door_id=door_id), code=303)


@bp.post("/doors/<int:door_id>/photo/remove")
@access(Permission.SET_DOORS)
def remove(door_id: int) -> ResponseReturnValue:
    """Take the photo away: the door is drawn again."""
    view, _hall = door_and_hall(door_id)
    door_photos.remove_photo(door_id, actor=context.actor("staff"), now=context.now())
    flash(_("「%(name)s」の写真を消しました。番号のページには、絵が出ます。", name=view.door.name))
    return redirect(url_for(".show", door_id=door_id), code=303)


def _said(door_id: int, form: PhotoForm, *errors: str) -> ResponseReturnValue:
    form.photo.errors = list(errors)
    return _page(door_id, form, status=422)


def _page(door_id: int, form: PhotoForm, *, status: int = 200) -> ResponseReturnValue:
    view, hall = door_and_hall(door_id)
    jpeg = photos_of(db.session(), [door_id]).get(door_id)
    photo = jpeg_link(jpeg) if jpeg else ""
    return page(
        "office/door_photo.html", status=status, view=view, hall=hall, form=form, photo=photo
    )
