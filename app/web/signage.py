"""Screens in halls (電子案内板): what is on today, by a secret address, as a page and as JSON."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.booking.plan import room_day
from app.db import db
from app.displays import links, notices
from app.displays.models import SCREEN, PublicLink, ScreenNotice
from app.facilities.catalogue import FacilityInfo, RoomInfo
from app.kernel.spans import Span, instant
from app.reports.showing import Shown, uses_of
from app.web import context, formats
from app.web.access import Access, access
from app.web.words import _

bp = Blueprint("signage", __name__)

ADDRESS = "<slug:municipality>.<int:link_id>.<string(length=32):key>"
ON_A_PAGE = 6  # rows that can be read from across a lobby
TURN = 20  # seconds that one of several pages is shown


@dataclass(frozen=True, slots=True)
class Screen:
    """What a screen says at a moment."""

    link: PublicLink
    hall: FacilityInfo
    rooms: Sequence[RoomInfo]
    on: date
    closed_because: str
    uses: Sequence[Shown]  # those that are not over
    notice: ScreenNotice | None
    now: datetime

    @property
    def only(self) -> RoomInfo | None:
        """Return the room of a screen beside one door."""
        return self.rooms[0] if len(self.rooms) == 1 else None

    @property
    def present(self) -> Shown | None:
        """Return what is on right now, for a screen of one room."""
        return next((one for one in self.uses if one.starts_at <= self.now), None)

    @property
    def coming(self) -> list[Shown]:
        """Return what comes later today."""
        return [one for one in self.uses if one.starts_at > self.now]

    @property
    def pages(self) -> list[list[Shown]]:
        """Return the uses in pages of so many as fit."""
        uses = list(self.uses)
        return [uses[n : n + ON_A_PAGE] for n in range(0, len(uses), ON_A_PAGE)]


@bp.get(f"/signage/{ADDRESS}")
@access(Access.PUBLIC)
def show(link_id: int, key: str) -> ResponseReturnValue:
    """Show what is on; a browser that has it is told so (304)."""
    screen = _screen(link_id, key)

    def body() -> Response:
        return make_response(
            render_template(
                "signage/screen.html",
                screen=screen,
                turn=TURN,
                name_of=_name,
                hours_of=_clock,
                zone=g.municipality.zone.key,
            )
        )

    return _unless_known(screen, "html", body)


@bp.get(f"/signage/{ADDRESS}.json")
@access(Access.PUBLIC)
def feed(link_id: int, key: str) -> ResponseReturnValue:
    """Send the same as JSON, for players of other makers."""
    screen = _screen(link_id, key)

    def body() -> Response:
        response = make_response(json.dumps(_document(screen), ensure_ascii=False))
        response.content_type = "application/json; charset=utf-8"
        return response

    return _unless_known(screen, "json", body)


def _screen(link_id: int, key: str) -> Screen:
    session, now, on = db.session(), context.now(), context.today()
    secret = context.settings().secret_key
    link = links.opened(session, secret, link_id, key, kind=SCREEN) if link_id < 2**63 else None
    listed = context.catalogue().facilities
    hall = next((one for one in listed if link and one.id == link.facility_id), None)
    if link is None or hall is None:
        abort(404)
    rooms = [one for one in hall.rooms if link.room_ids is None or one.id in link.room_ids]
    zone = g.municipality.zone
    day = Span(instant(on, 0, zone), instant(on + timedelta(days=1), 0, zone))
    uses = uses_of(session, hall, [one.id for one in rooms], on, day)
    screen = Screen(
        link, hall, rooms, on, _closed(hall, on), [one for one in uses if one.ends_at > now],
        notices.shown(session, hall.id, now=now), now,
    )  # fmt: skip
    links.note_seen(link, now=now)
    return screen


def _unless_known(screen: Screen, kind: str, body: Callable[[], Response]) -> Response:
    """Return what is shown, or 304 when it reads as it did; the clock is not part of it."""
    said = json.dumps([kind, _document(screen)], sort_keys=True, ensure_ascii=False)
    etag = hashlib.sha256(said.encode()).hexdigest()[:32]
    is_known = request.if_none_match.contains_weak(etag)
    response = make_response("", 304) if is_known else body()
    response.headers["ETag"] = f'W/"{etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _document(screen: Screen) -> dict[str, Any]:
    """Return what a screen says as a document; moments as ISO 8601 with their offset."""
    return {
        "facility": screen.hall.name,
        "rooms": [one.name for one in screen.rooms],
        "date": screen.on.isoformat(),
        "closed_because": screen.closed_because or None,
        "notice": screen.notice.words if screen.notice else None,
        "uses": [
            {
                "room": one.room,
                "starts_at": formats.local(one.starts_at).isoformat(),
                "ends_at": formats.local(one.ends_at).isoformat(),
                "name": _name(one),
                "is_on": one.starts_at <= screen.now,
            }
            for one in screen.uses
        ],
    }


def _name(use: Shown) -> str:
    return use.name or _("貸切")


def _clock(moment: datetime) -> str:
    """Return a moment as clocks show it: 9:05."""
    local = formats.local(moment)
    return f"{local.hour}:{local.minute:02}"


def _closed(hall: FacilityInfo, on: date) -> str:
    """Return why the hall is closed on a day, or nothing."""
    if not hall.rooms:
        return ""
    day = room_day(context.catalogue(), hall, hall.rooms[0], on).day
    return "" if day.is_open else day.closed_because or _("休館日")
