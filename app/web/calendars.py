"""Calendars of halls and of persons by secret addresses, for other programs to ask for."""

import hashlib
from collections.abc import Sequence

from flask import Blueprint, Response, abort, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.db import db
from app.db.session import in_transaction
from app.displays import links
from app.displays.models import CALENDAR, PublicLink
from app.reports import feeds
from app.reports.feeds import Entry
from app.web import calendar_file, context
from app.web.access import Access, access
from app.web.rendering import page
from app.web.staff_forms import page_number
from app.web.words import _

bp = Blueprint("calendars", __name__)

MOST_OF_A_PERSON = 5


@bp.get("/calendars/<int:link_id>.<string(length=32):key>.ics")
@access(Access.PUBLIC)
def feed(link_id: int, key: str) -> ResponseReturnValue:
    """Send the calendar that an address leads to; a program that has it is told so (304)."""
    session, secret = db.session(), context.settings().secret_key
    link = links.opened(session, secret, link_id, key, kind=CALENDAR) if link_id < 2**63 else None
    if link is None:
        abort(404)
    entries = _entries(link)
    etag = hashlib.sha256(
        repr((link.name, context.catalogue().revision, entries)).encode()
    ).hexdigest()[:32]
    if request.if_none_match.contains_weak(etag):
        response = make_response("", 304)
    else:
        is_own = link.account_id is not None
        response = Response(calendar_file.feed(link.name, entries, is_own=is_own))
        response.content_type = "text/calendar; charset=utf-8"
    response.headers["ETag"] = f'W/"{etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    links.note_seen(link, now=context.now())
    return response


@bp.get("/bookings/calendars")
@access(Access.SIGNED_IN)
def own() -> ResponseReturnValue:
    """Show the addresses by which the viewer's bookings come into their own calendar."""
    found = links.of_person(db.session(), g.viewer.account_id)
    ended = page_number(request.args.get("ended", ""))
    return page("bookings/calendars.html", links=found, address_of=address_of, ended=ended)


@bp.post("/bookings/calendars")
@access(Access.SIGNED_IN)
def make_own() -> ResponseReturnValue:
    """Make an address of the viewer's bookings."""
    if len(links.of_person(db.session(), g.viewer.account_id)) >= MOST_OF_A_PERSON:
        flash(_("アドレスは%(n)sまでです。使わないものを止めてください。", n=MOST_OF_A_PERSON))
        return redirect(url_for(".own"), code=303)
    name = _("%(city)s 施設予約", city=g.municipality.name)
    in_transaction(
        lambda session: links.make(
            session, CALENDAR, name=name, account_id=g.viewer.account_id,
            made_by=g.viewer.account_id, now=context.now(),
        )
    )  # fmt: skip
    flash(_("アドレスを作りました。カレンダーに登録してください。"))
    return redirect(url_for(".own"), code=303)


@bp.post("/bookings/calendars/<int:link_id>/end")
@access(Access.SIGNED_IN)
def end_own(link_id: int) -> ResponseReturnValue:
    """Revoke an address of the viewer's bookings; or, with `back`, let it lead there again."""
    me, is_back = g.viewer.account_id, "back" in request.form

    def work(session: Session) -> bool:
        if is_back:
            return links.bring_back(session, link_id, account_id=me)
        return links.end(session, link_id, account_id=me, now=context.now())

    if link_id >= 2**63 or not in_transaction(work):
        abort(404)
    if is_back:
        flash(_("アドレスをもとに戻しました。"))
        return redirect(url_for(".own"), code=303)
    return redirect(url_for(".own", ended=link_id), code=303)


def address_of(link: PublicLink) -> str:
    """Return the address of a screen or a calendar."""
    settings = context.settings()
    key = links.key_of(settings.secret_key, link)
    endpoint = "calendars.feed" if link.kind == CALENDAR else "signage.show"
    path = url_for(endpoint, municipality=g.municipality.slug, link_id=link.id, key=key)
    return settings.base_url + path


def _entries(link: PublicLink) -> Sequence[Entry]:
    session, today = db.session(), context.today()
    if link.account_id is not None:
        return feeds.of_person(session, link.account_id, today)
    hall = context.catalogue().facility(link.facility_id or 0)
    rooms = [one.id for one in hall.rooms if link.room_ids is None or one.id in link.room_ids]
    return feeds.of_rooms(session, rooms, today)
