"""The way in: the municipality's first page, a hall's page, larger text."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlunsplit

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.booking.queries import bookings_of, lines_by_booking
from app.booking.states import OPEN, LineState
from app.booking.terms import terms_on
from app.db import db
from app.facilities.catalogue import FacilityInfo
from app.fees.queries import tariff_on
from app.kernel.spans import instant
from app.usecases.ways_in import opens_by_number
from app.web import context, formats, hallwords, way_back
from app.web.access import Access, access
from app.web.addresses import parts_of
from app.web.criteria import SearchForm
from app.web.pagecache import good_until, kept
from app.web.pressed import find_hall
from app.web.rendering import page
from app.web.words import _

bp = Blueprint("public", __name__)


@bp.get("/")
@access(Access.PUBLIC)
@kept
def home() -> ResponseReturnValue:
    """Show the first page: one search, then the halls."""
    good_until(instant(context.today() + timedelta(days=1), 0, context.catalogue().zone))
    return home_page(SearchForm(request.args))


def home_page(form: SearchForm, *, status: int = 200) -> ResponseReturnValue:
    """Return the first page with a search as it was filled in."""
    halls = [HallLine(hall) for hall in context.catalogue().facilities]
    return page("public/home.html", status=status, form=form, halls=halls, coming=_coming())


@bp.get("/facilities/<slug:facility>")
@access(Access.PUBLIC)
@kept
def facility(facility: str) -> ResponseReturnValue:
    """Show what a hall is, when it is open and which rooms it has."""
    hall, today, catalogue = find_hall(facility), context.today(), context.catalogue()
    calendar = hall.calendar_on(today)
    good_until(instant(today + timedelta(days=1), 0, catalogue.zone))
    return page(
        "public/facility.html",
        hall=hall,
        today=today,
        opens_next=hallwords.next_open_day(catalogue, hall, today),
        hours=hallwords.hours_in_words(calendar),
        closings=hallwords.closings_in_words(calendar, today),
        permits=_permits(hall, today),
        rooms=[
            (room, hallwords.least_fee(catalogue, hall, [room], today, context.applicant_class()))
            for room in hall.rooms
        ],
        fees_are_made_up=tariff_on(hall, today).document.is_demonstration,
        by_number=opens_by_number(db.session(), [hall.id], [room.id for room in hall.rooms]),
        page_help=hallwords.help_of(hall, today),
    )


def _permits(hall: FacilityInfo, today: date) -> list[str]:
    purposes = {one.id: one.name for one in context.policy().purposes}
    return hallwords.permits_in_words(hall, terms_on(hall, today).document, purposes)


@bp.post("/text-size")
@access(Access.PUBLIC)
def text_size() -> ResponseReturnValue:
    """Make all text larger, or as it was."""
    response = redirect(_came_from() or url_for(".home"), code=303)
    large = request.form.get("size") == "large"
    response.set_cookie("text", "large" if large else "normal", max_age=365 * 86400, samesite="Lax")
    return response


def _came_from() -> str:
    """Return the page of this municipality on which a form was, as the browser tells."""
    parts = parts_of(request.referrer)
    if parts.netloc != request.host:
        return ""
    return way_back.safe(urlunsplit(("", "", parts.path, parts.query, "")))


@bp.app_template_test("a_page")
def is_a_page(endpoint: str) -> bool:
    """Say whether this service has a page under this name."""
    return endpoint in current_app.view_functions


class HallLine:
    """A hall in the list of the first page."""

    def __init__(self, hall: FacilityInfo) -> None:
        self.hall = hall

    @property
    def sizes(self) -> str:
        """Return how many rooms it has, and for how many people."""
        sizes = [room.capacity for room in self.hall.rooms if room.capacity]
        count = _("%(n)s室", n=len(self.hall.rooms))
        if not sizes:
            return count
        if min(sizes) == max(sizes):
            return _("%(count)s（%(most)s人まで）", count=count, most=max(sizes))
        return _(
            "%(count)s（%(least)s人から%(most)s人まで）",
            count=count, least=min(sizes), most=max(sizes),
        )  # fmt: skip

    @property
    def fee(self) -> hallwords.LeastFee | None:
        """Return what its cheapest room costs."""
        hall, who = self.hall, context.applicant_class()
        return hallwords.least_fee(context.catalogue(), hall, hall.rooms, context.today(), who)


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody's next use."""

    number: str
    text: str


def _coming() -> Coming | None:
    """Return the next use of whoever is signed in."""
    if not g.viewer.is_signed_in:
        return None
    standing = {b.id: b for b in bookings_of(db.session(), g.viewer.account_id) if b.state in OPEN}
    lines = [
        line
        for some in lines_by_booking(db.session(), list(standing)).values()
        for line in some
        if line.state == LineState.ACTIVE and line.ends_at > context.now()
    ]
    if not lines:
        return None
    first = min(lines, key=lambda line: line.starts_at)
    hall, room = context.catalogue().room(first.room_id)
    when = f"{formats.ja_day(first.on_date)} {formats.ja_span(first.starts_at, first.ends_at)}"
    return Coming(standing[first.booking_id].number or "", f"{when} {hall.name} {room.name}")
