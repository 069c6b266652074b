"""What the office decides: waivers that were asked for, fees left open, rights, statistics."""

from datetime import date

from flask import Blueprint, Response, abort, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.booking.models import Booking
from app.booking.queries import lines_of
from app.booking.states import LineState
from app.db import db
from app.fees import waivers as asked
from app.fees.models import (
    APPROVED,
    ASKED,
    OPEN_STATES,
    REFUSED,
    RETURNED,
    WITHDRAWN,
    WaiverRequest,
)
from app.fees.rules import Quote
from app.identity.models import Resident
from app.identity.permissions import Permission
from app.kernel.calendar_jp import fiscal_year
from app.kernel.refusals import Refused
from app.reports import waived
from app.reports.as_csv import as_csv
from app.reports.columns import Column, Kind
from app.reports.exporting import note_usage
from app.reports.usage.asked import Asked
from app.reports.waived import Waived
from app.usecases.answering import decide, end_entitlement
from app.usecases.waived_fees import fee_with
from app.web import context, staff_words
from app.web.access import access
from app.web.downloads import csv_type, named, streamed
from app.web.office_decision import DecisionForm
from app.web.rendering import page
from app.web.sentences import sentences
from app.web.waivers import sent_paper
from app.web.words import _

bp = Blueprint("office_waivers", __name__)
bp.context_processor(staff_words.in_templates)

VIEWS = {
    "waiting": (ASKED,),
    "returned": (RETURNED,),
    "decided": (APPROVED, REFUSED, WITHDRAWN),
}


@bp.get("/decisions")
@access(Permission.DECIDE_WAIVERS)
def queue() -> ResponseReturnValue:
    """Show what waits for the office: fees that are open and waivers, the oldest first."""
    view = request.args.get("view", "waiting")
    if view not in VIEWS:
        abort(404)
    session = db.session()
    return page(
        "office/decisions.html",
        view=view,
        requests=waived.requests(session, VIEWS[view]),
        fees=waived.open_fees(session) if view == "waiting" else [],
        days=lambda moment: (context.now() - moment).days,
    )


@bp.get("/decisions/<int:request_id>")
@access(Permission.DECIDE_WAIVERS)
def show(request_id: int) -> ResponseReturnValue:
    """Show a request with its papers, what it would change, and the form to answer it."""
    found = _request(request_id)
    return _page(found, DecisionForm.for_request(_year_end()))


@bp.post("/decisions/<int:request_id>")
@access(Permission.DECIDE_WAIVERS)
def answer(request_id: int) -> ResponseReturnValue:
    """Answer a request."""
    found, form = _request(request_id), DecisionForm.for_request(_year_end(), request.form)
    if not form.validate():
        return _page(found, form, status=422)
    try:
        decide(
            context.catalogue(),
            found.id,
            form.answer(_percent(found)),
            actor=context.actor("staff"),
            now=context.now(),
        )
    except Refused as no:
        return _page(found, form, status=409, refused=sentences(no.refusals))
    flash(_("答えを記録しました。申請した人にメールで知らせます。"))
    return redirect(url_for(".show", request_id=found.id), code=303)


@bp.get("/decisions/<int:request_id>/papers/<int:paper_id>")
@access(Permission.DECIDE_WAIVERS)
def paper(request_id: int, paper_id: int) -> Response:
    """Send a document that came with a request."""
    return sent_paper(_request(request_id), paper_id)


@bp.get("/entitlements")
@access(Permission.DECIDE_WAIVERS)
def rights() -> ResponseReturnValue:
    """Show who has which right to a waiver, where and how long."""
    return page(
        "office/entitlements.html",
        rights=waived.rights(db.session()),
        halls=_halls(),
        today=context.today(),
    )


@bp.post("/entitlements/<int:entitlement_id>/end")
@access(Permission.DECIDE_WAIVERS)
def end(entitlement_id: int) -> ResponseReturnValue:
    """End a right; what was booked by it stays."""
    if entitlement_id >= 2**63:
        abort(404)
    try:
        end_entitlement(entitlement_id, actor=context.actor("staff"), now=context.now())
    except Refused:
        abort(404)
    flash(_("資格を終わりにしました。これからの予約にはつきません。"))
    return redirect(url_for(".rights"), code=303)


@bp.get("/waivers")
@access(Permission.DECIDE_WAIVERS)
def statistics() -> ResponseReturnValue:
    """Show what was waived in a fiscal year, by hall and reason."""
    this = fiscal_year(context.today())
    typed = request.args.get("year", str(this))
    year = _year(typed)
    rows = waived.waived(db.session(), Asked(date(year, 4, 1), date(year + 1, 3, 31)))
    return page(
        "office/waivers.html",
        year=year,
        years=range(this + 1, this - 6, -1),
        rows=rows,
        halls=_halls(),
        names=_names(),
        most_yen=max((one.yen for one in rows), default=0),
        uses=sum(one.uses for one in rows),
        yen=sum(one.yen for one in rows),
    )


@bp.get("/waivers/csv")
@access(Permission.DECIDE_WAIVERS, recent=True)
def statistics_csv() -> ResponseReturnValue:
    """Send the same as CSV."""
    typed = request.args.get("year", "")
    year = _year(typed)
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    rows = waived.waived(db.session(), Asked(first, last))
    halls, names = _halls(), _names()
    columns: list[Column[Waived]] = [
        Column(_("施設"), Kind.TEXT, lambda row: halls.get(row.facility_id, ""), 20),
        Column(_("減免"), Kind.TEXT, lambda row: names.get(row.waiver, row.waiver), 20),
        Column(_("件数"), Kind.NUMBER, lambda row: row.uses),
        Column(_("申込者の数"), Kind.NUMBER, lambda row: row.people),
        Column(_("減免した額"), Kind.YEN, lambda row: row.yen),
    ]
    asked_for = {"format": "csv", "filters": {"of": "use", "month": str(year)}}
    note_usage(asked_for, len(rows), actor=context.actor("staff"), now=context.now())
    name = named("waivers", _("減免の集計"), first, last)
    return streamed(as_csv(columns, rows, "utf-8"), csv_type("utf-8"), name.disposition("csv"))


def _names() -> dict[str, str]:
    """Return what waivers are called in the tariffs, the newest name of each."""
    return {
        one["id"]: one["name"]
        for hall in context.catalogue().facilities
        for version in hall.documents["fees"]
        for one in version.document.get("waivers", ())
    }


def _request(request_id: int) -> WaiverRequest:
    found = asked.request_with(db.session(), request_id) if request_id < 2**63 else None
    return found or abort(404)


def _halls() -> dict[int, str]:
    return {one.id: one.name for one in context.catalogue().facilities}


def _year(typed: str) -> int:
    """Return a year that was typed; what is none, or is no year of ours, does not exist (404)."""
    is_year = typed.isascii() and typed.isdecimal() and len(typed) == 4
    return int(typed) if is_year and int(typed) in range(2000, 2100) else abort(404)


def _year_end() -> date:
    """Return the last day of this fiscal year: how long rights are granted unless said."""
    return date(fiscal_year(context.today()) + 1, 3, 31)


def _percent(found: WaiverRequest) -> int:
    """Return what the waiver takes off by the tariffs of today."""
    for hall in context.catalogue().facilities:
        for version in reversed(hall.documents["fees"]):
            for one in version.document.get("waivers", ()):
                if one["id"] == found.waiver:
                    return int(one["percent"])
    return 0


def _page(
    found: WaiverRequest, form: Form, *, status: int = 200, refused: list[str] | None = None
) -> ResponseReturnValue:
    session = db.session()
    steps = asked.steps_of(session, found.id)
    person = session.query(Resident).filter_by(account_id=found.account_id).first()
    key = (found.tenant_id, found.booking_id)
    booking = session.get(Booking, key) if found.booking_id else None
    form.facility.offer(_halls().items())
    return page(
        "office/decision.html",
        status=status,
        request_=found,
        is_open=found.state in OPEN_STATES,
        is_own=found.account_id == g.viewer.account_id,
        person=person,
        steps=steps,
        names={
            **waived.names_of_staff(session, [s.account_id for s in steps if s.account_id]),
            found.account_id: person.name if person else _("申請した人"),
        },
        papers=asked.papers_of(session, found.id),
        booking=booking,
        after_yen=_after(booking, found.waiver) if booking else None,
        form=form,
        refused=refused or [],
    )


def _after(booking: Booking, waiver: str) -> int | None:
    """Return what a booking would cost with the waiver; None while something stays open."""
    lines = [x for x in lines_of(db.session(), booking.id) if x.state == LineState.ACTIVE]
    fees = [fee_with(context.catalogue(), booking, line, waiver) for line in lines]
    known = [fee.total_yen for fee in fees if isinstance(fee, Quote)]
    return sum(known) if len(known) == len(fees) else None
